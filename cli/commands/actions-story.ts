import { type PoolClient } from 'pg';
import { ledgerTenants, seqOfKey } from '../../db/ledger-read';
import { type LeafRecord } from '../../evidence/check-ledger';
import { readExportHeader } from '../../evidence/ledger-export';
import { type LedgerReport } from '../../evidence/ledger-report';
import { type Story } from '../../evidence/story';
import { type StoryEntry, storyEntry } from '../../evidence/story-entry';
import { tellStory } from '../../evidence/tell-story';
import { verifyExport } from '../../evidence/verify-export';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { print, printJson, say } from '../output';
import { showStory } from '../show-story';
import { storyPage } from '../story-page';
import { readKept, readPublicKeys, type VerifyingOptions, withLog } from './ledger-sources';
import { verifyTenant } from './ledger-verify';

export interface StoryOptions extends VerifyingOptions {
  readonly tenant?: string;
  readonly export?: string;
  readonly json?: boolean;
  readonly html?: boolean;
}

/** `actions story <id>`: one action, told from the ledger alone. Exit code 1 when that ledger fails verification. */
export async function actionsStory(action: string, options: StoryOptions): Promise<void> {
  const story = await (options.export === undefined
    ? fromDatabase(action, options)
    : fromExport(options.export, action, options));
  if (options.json === true) printJson(story);
  else print(options.html === true ? storyPage(story) : showStory(story));
  if (story.proof.verified) return;
  say('The ledger failed verification: do not rely on this story. See: countersign ledger verify');
  process.exitCode = 1;
}

async function fromExport(path: string, action: string, options: StoryOptions): Promise<Story> {
  const keys = await readPublicKeys(options);
  const { tenant } = await readExportHeader(path);
  const kept = await readKept(options, tenant);
  return await told(action, (seen) =>
    verifyExport(path, keys, kept, { acceptedRestores: options.acceptRestore, seen }),
  );
}

async function fromDatabase(action: string, options: StoryOptions): Promise<Story> {
  const keys = await readPublicKeys(options);
  return await withLog(options, async (log) => {
    const tenant = options.tenant ?? (await tenantOf(log, action));
    return await told(action, (seen) => verifyTenant(log, tenant, options, keys, seen));
  });
}

async function told(
  action: string,
  verify: (seen: (record: LeafRecord) => void) => Promise<LedgerReport>,
): Promise<Story> {
  const entries: StoryEntry[] = [];
  const report = await verify((record) => {
    const entry = storyEntry(record, action);
    if (entry !== undefined) entries.push(entry);
  });
  if (entries.length === 0)
    throw new CommandFailed(EXIT.usage, `the ledger of ${report.tenant} says nothing of ${action}`);
  return tellStory(action, entries, report);
}

/** An action id belongs to one tenant, but does not say to which. */
export async function tenantOf(log: PoolClient, action: string): Promise<string> {
  for (const tenant of await ledgerTenants(log))
    if ((await seqOfKey(log, tenant, `action/${action}/requested`)) !== undefined) return tenant;
  throw new CommandFailed(EXIT.usage, `no ledger says anything of ${action}`);
}
