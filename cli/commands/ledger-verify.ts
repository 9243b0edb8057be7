import { type KeyObject } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { type PoolClient } from 'pg';
import { readConfig } from '../../config/read-config';
import { ledgerTenants, readLedger } from '../../db/ledger-read';
import { LedgerCheck, type LeafRecord } from '../../evidence/check-ledger';
import { originOf } from '../../evidence/checkpoint';
import { openChain } from '../../evidence/checkpoint-chain';
import { type LedgerReport } from '../../evidence/ledger-report';
import { fingerprintOf } from '../../evidence/note';
import { verifyExport } from '../../evidence/verify-export';
import { readExportHeader } from '../../evidence/ledger-export';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import {
  checkpointDirectory,
  leafRecord,
  readKept,
  readNotes,
  readPublicKeys,
  type VerifyingOptions,
  withLog,
} from './ledger-sources';

export interface VerifyOptions extends VerifyingOptions {
  readonly tenant?: string;
  readonly json?: boolean;
}

/** `ledger verify [export]`: says on stdout what holds; exit code 1 when something does not. */
export async function ledgerVerify(path: string | undefined, options: VerifyOptions): Promise<void> {
  const keys = await readPublicKeys(options);
  const reports = path === undefined ? await verifyLive(options, keys) : [await verifyFile(path, options, keys)];
  const [key = '', ...replaced] = keys.map(fingerprintOf).toReversed();
  const ok = reports.every((report) => report.ok);
  if (options.json === true) process.stdout.write(`${JSON.stringify({ ok, key, replaced, reports })}\n`);
  else
    process.stdout.write(
      `${reports.map(sentences).join('\n')}\n${[`key ${key}`, ...replaced.map((old) => `replaced key ${old}`)].join('\n')}\n`,
    );
  if (!ok) process.exitCode = 1;
}

async function verifyFile(path: string, options: VerifyOptions, keys: readonly KeyObject[]): Promise<LedgerReport> {
  const { tenant } = await readExportHeader(path);
  if (options.tenant !== undefined && options.tenant !== tenant)
    throw new CommandFailed(EXIT.usage, `${path} is the log of ${tenant}`);
  return await verifyExport(path, keys, await readKept(options, tenant), { acceptedRestores: options.acceptRestore });
}

async function verifyLive(options: VerifyOptions, keys: readonly KeyObject[]): Promise<readonly LedgerReport[]> {
  return await withLog(options, async (log) => {
    const tenants = options.tenant === undefined ? await knownTenants(log, options) : [options.tenant];
    const reports: LedgerReport[] = [];
    for (const tenant of tenants) reports.push(await verifyTenant(log, tenant, options, keys));
    return reports;
  });
}

/** @param seen is told every entry as it is read, before it is known whether the log holds */
export async function verifyTenant(
  log: PoolClient,
  tenant: string,
  options: VerifyOptions,
  keys: readonly KeyObject[],
  seen?: (record: LeafRecord) => void,
): Promise<LedgerReport> {
  // The notes first: the log may grow meanwhile, and a checkpoint beyond its end would look like a truncation.
  const chain = openChain(await readNotes(options, tenant), originOf(tenant), ...keys);
  const check = new LedgerCheck(tenant, [chain], { acceptedRestores: options.acceptRestore });
  for await (const row of readLedger(log, tenant, { bodies: true })) {
    const record = leafRecord(row, true);
    check.add(record);
    seen?.(record);
  }
  return check.finish();
}

/** Those with a log and those with checkpoints: a log that vanished is the first thing to notice. */
async function knownTenants(log: PoolClient, { checkpoints }: VerifyOptions): Promise<readonly string[]> {
  const tenants = new Set(await ledgerTenants(log));
  for (const name of await filesIn(checkpoints ?? checkpointDirectory(readConfig()))) {
    if (name.endsWith('.checkpoints')) tenants.add(name.slice(0, -'.checkpoints'.length));
  }
  return [...tenants].sort();
}

async function filesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

function sentences(report: LedgerReport): string {
  const { anchored, unanchored, tenant, size, checkpoints } = report;
  const lines = [
    `${report.ok ? 'verified' : 'FAILED'}: ${tenant}, ${size} entries, ${checkpoints} ${checkpoints === 1 ? 'checkpoint' : 'checkpoints'}`,
    `  signed: ${anchored.to === 0 ? 'none' : `entries 0 to ${anchored.to - 1}`}`,
    ...(unanchored.to > unanchored.from
      ? [`  not covered by a checkpoint: entries ${unanchored.from} to ${unanchored.to - 1}`]
      : []),
    ...(report.erasedBodies > 0 ? [`  ${report.erasedBodies} bodies were erased; the entries stand`] : []),
    ...report.findings.map(
      ({ code, seq, message }) => `  ${code}${seq === undefined ? '' : ` at entry ${seq}`}: ${message}`,
    ),
    ...report.warnings.map(
      ({ code, seq, message }) => `  note, ${code}${seq === undefined ? '' : ` at entry ${seq}`}: ${message}`,
    ),
  ];
  return lines.join('\n');
}
