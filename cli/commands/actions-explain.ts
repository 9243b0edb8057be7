import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PoolClient } from 'pg';
import { everyPem, publicKeysOf } from '../../config/public-keys-of';
import { readConfig } from '../../config/read-config';
import { findBundle } from '../../db/find-bundle';
import { readLedger, seqOfKey } from '../../db/ledger-read';
import { type DecisionInFull, listDecisionsInFull } from '../../db/list-decisions-in-full';
import { isCommitted } from '../../evidence/check-ledger';
import { parseLeaf } from '../../evidence/parse-leaf';
import { recheckDecision, type StoredPoint } from '../../evidence/recheck-decision';
import { type StoryEntry, storyEntry } from '../../evidence/story-entry';
import { BundleRefused } from '../../pdp/bundle-refused';
import { createPdp } from '../../pdp/create-pdp';
import { openBundle } from '../../pdp/open-bundle';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { print, printJson, say } from '../output';
import { type Explained, showDecision } from '../show-decision';
import { tenantOf } from './actions-story';
import { leafRecord, type SourceOptions, withLog } from './ledger-sources';

export interface ExplainOptions extends SourceOptions {
  readonly tenant?: string;
  readonly bundleKey?: string;
  readonly json?: boolean;
}

/**
 * `actions explain <id>`: every decision on an action with its findings, made again from the stored input by the stored bundle. Exit code 1 when
 * one is not the same, or not the one that the ledger has.
 */
export async function actionsExplain(action: string, options: ExplainOptions): Promise<void> {
  const key = await bundleKey(options);
  const explained = await withLog(options, async (log) => {
    const tenant = options.tenant ?? (await tenantOf(log, action));
    const decisions = await listDecisionsInFull(log, tenant, action);
    if (decisions.length === 0) throw new CommandFailed(EXIT.usage, `nothing was decided on ${action} yet`);
    const points = new Map<string, StoredPoint | string>();
    const all: Explained[] = [];
    for (const decision of decisions) {
      const { bundleDigest } = decision;
      const point = points.get(bundleDigest) ?? (await openPoint(log, bundleDigest, key));
      points.set(bundleDigest, point);
      all.push(await explain(log, { tenant, action }, decision, point));
    }
    return all;
  });
  const same = explained.every(({ differences }) => differences.length === 0);
  if (options.json === true) printJson({ action, same, decisions: explained });
  else print(explained.map(showDecision).join('\n\n'));
  if (same) return;
  say('What is stored is not what was decided. See: countersign ledger verify');
  process.exitCode = 1;
}

async function explain(
  log: PoolClient,
  { tenant, action }: { readonly tenant: string; readonly action: string },
  decision: DecisionInFull,
  point: StoredPoint | string,
): Promise<Explained> {
  // Policy is asked again before each effect; what the ledger keeps is the decision that people countersigned.
  const initial = decision.stage === 'initial';
  const recorded = initial ? await recordedDecision(log, tenant, action, decision.round) : undefined;
  const missing = initial && recorded === undefined ? ['the ledger says nothing of this decision'] : [];
  if (typeof recorded === 'string') return { ...decision, again: null, differences: [recorded] };
  if (typeof point === 'string') return { ...decision, again: null, differences: [point, ...missing] };
  const { again, differences } = recheckDecision(decision, point, recorded);
  return { ...decision, again, differences: [...differences, ...missing] };
}

/** The ledger's entry on a round's decision, with its body, which has to be the one that the leaf commits to. */
async function recordedDecision(
  log: PoolClient,
  tenant: string,
  action: string,
  round: number,
): Promise<StoryEntry | string | undefined> {
  const seq = await seqOfKey(log, tenant, `action/${action}/decided/${String(round)}`);
  if (seq === undefined) return undefined;
  for await (const row of readLedger(log, tenant, { from: seq, to: seq + 1, bodies: true })) {
    const record = leafRecord(row, true);
    const held = record.body;
    if (held != null && !isCommitted(held, parseLeaf(record.leaf)?.body ?? null))
      return `the body of entry ${String(seq)} is not the one that the ledger commits to`;
    return storyEntry(record, action);
  }
  return undefined;
}

/** The bundle as it was signed then, or why it cannot be asked any more. */
async function openPoint(log: PoolClient, digest: string, publicKey: string): Promise<StoredPoint | string> {
  const signed = await findBundle(log, digest);
  if (signed === undefined) return `the bundle ${digest} is not stored`;
  try {
    return await createPdp(openBundle(signed, publicKey));
  } catch (error) {
    if (!(error instanceof BundleRefused)) throw error;
    return `the bundle ${digest} as it is stored cannot be used: ${error.message}`;
  }
}

async function bundleKey({ bundleKey: given }: ExplainOptions): Promise<string> {
  const { keys } = readConfig();
  const path = given ?? join(keys, 'bundle.pub.pem');
  try {
    return given === undefined ? everyPem(publicKeysOf(keys, 'bundle')) : await readFile(path, 'utf8');
  } catch (error) {
    throw new CommandFailed(
      EXIT.usage,
      `${path} cannot be read as the public key of bundles: give --bundle-key <file>`,
      {
        cause: error,
      },
    );
  }
}
