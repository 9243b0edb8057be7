import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';
import { asOwner } from '../../cli/owner-database';
import { type CheckpointDeps, type CheckpointReport, writeCheckpoint } from '../../db/checkpoint';
import { acknowledgeRestore, openLedgerDoubt } from '../../db/ledger-doubts';
import { noteHash, originOf, signCheckpoint } from '../../evidence/checkpoint';
import { splitNotes } from '../../evidence/checkpoint-chain';
import { appendNote, checkpointFile, readLastNote } from '../../evidence/checkpoint-file';
import { type LedgerReport } from '../../evidence/ledger-report';
import { Frontier } from '../../evidence/merkle';
import { runLedger } from './command';
import { createTestLog, entries, type TestLog } from './log';

let log: TestLog;
let directory: string;
let keyFile: string;
let tenant: string;
let number = 0;
beforeAll(async () => {
  log = await createTestLog();
  directory = await mkdtemp(join(tmpdir(), 'countersign-restore-'));
  keyFile = join(directory, 'checkpoint.pub.pem');
  await writeFile(keyFile, log.publicKey.export({ type: 'spki', format: 'pem' }));
});
beforeEach(() => (tenant = `t${(number += 1)}`));
afterAll(async () => {
  await log.close();
  await rm(directory, { recursive: true, force: true });
});

const fresh = (): CheckpointDeps => ({ ...log.checkpoints, memory: new Map() });
const sign = async (): Promise<CheckpointReport> => await writeCheckpoint(fresh(), tenant);
const notes = async (): Promise<readonly string[]> =>
  splitNotes(await readFile(checkpointFile(log.directory, tenant), 'utf8')).notes;

/** Eight entries are signed, and then the database is as it was after the first three, of which two had been signed. */
async function restored(): Promise<void> {
  for (const [prefix, count] of [['a', 2] as const, ['b', 4] as const, ['c', 2] as const]) {
    await log.ledger.append(tenant, entries(prefix, count));
    expect(await sign()).toMatchObject({ outcome: 'written' });
  }
  await log.tamper(
    `delete from ledger where tenant = '${tenant}' and seq >= 3`,
    `delete from checkpoints where tenant = '${tenant}' and size > 2`,
  );
}

/** As the checkpoint loop and an operator do. */
async function acknowledged(): Promise<void> {
  const report = await sign();
  if (report.outcome !== 'refused' || report.doubted === undefined) throw new Error(report.outcome);
  await openLedgerDoubt(log.loops, tenant, report.doubted);
  expect(await asOwner(log.database.ownerUrl, tenant, (client) => acknowledgeRestore(client, tenant, 'looked'))).toBe(
    1,
  );
}

/** What both verifiers say of the live log and of its export; they have to agree. */
async function verified(...args: readonly string[]): Promise<LedgerReport> {
  const key = ['--public-key', keyFile];
  const live = ['--checkpoints', log.directory, '--database-url', log.database.auditorUrl];
  const { stdout: exported } = await runLedger('export', '--tenant', tenant, ...key, ...live);
  const file = join(directory, 'export.jsonl');
  await writeFile(file, exported);
  const ours = [
    await runLedger('verify', '--tenant', tenant, '--json', ...key, ...live, ...args.filter((arg) => !isKept(arg))),
    await runLedger('verify', file, '--json', ...key, ...args),
  ].map(({ stdout }) => (JSON.parse(stdout) as { reports: [LedgerReport] }).reports[0]);
  const script = join(packageRoot(), 'evidence', 'verify-ledger.mjs');
  const theirs = await new Promise<LedgerReport>((resolve) =>
    execFile(process.execPath, [script, file, ...key, ...args], (_, stdout) =>
      resolve(JSON.parse(stdout) as LedgerReport),
    ),
  );
  const [report] = ours;
  if (report === undefined) throw new Error('unreachable');
  for (const other of [...ours, theirs]) expect(facts(other)).toEqual(facts(report));
  return report;
}

const isKept = (arg: string): boolean => arg === '--checkpoints' || arg.endsWith('.kept');
const facts = ({ ok, size, anchored, findings, warnings }: LedgerReport): unknown => ({
  ...{ ok, size, anchored },
  told: [findings, warnings].map((found) => found.map(({ code, seq }) => ({ code, seq }))),
});

describe('F24 a log that goes on from an older backup', () => {
  test('is not signed before an operator has acknowledged it', async () => {
    await restored();
    expect(await sign()).toMatchObject({ outcome: 'refused', code: 'ledger_truncated', doubted: { contradicts: 8 } });
    await log.ledger.append(tenant, entries('d', 7));
    expect(await sign()).toMatchObject({ outcome: 'refused', code: 'ledger_forked', doubted: { contradicts: 8 } });
    expect(await notes()).toHaveLength(3);
  });

  test.each([0, 12])('is signed from then on, with %i entries of before, and both verifiers say so', async (more) => {
    await restored();
    await log.ledger.append(tenant, entries('d', more));
    await acknowledged();
    const seq = 3 + more;
    expect(await sign()).toEqual({ outcome: 'restored', tenant, size: seq + 1, gaveUp: 8 });
    expect(await sign()).toEqual({ outcome: 'current', tenant, size: seq + 1 });
    await log.ledger.append(tenant, entries('e', 2));
    expect(await sign()).toEqual({ outcome: 'written', tenant, size: seq + 3 });

    const report = await verified();
    expect(report).toMatchObject({
      ok: false,
      anchored: { from: 0, to: seq + 3 },
      findings: [{ code: 'restored', seq }],
    });
    expect(report.findings[0]?.message).toMatch(/of 8 entries that were signed, those after the first 2/);
    expect(await verified('--accept-restore', String(seq))).toMatchObject({
      ...{ ok: true, findings: [], warnings: [{ code: 'restored', seq }] },
    });
    // Whoever knows of another one does not know of this.
    expect(await verified('--accept-restore', String(seq + 1))).toMatchObject({ ok: false });
  });

  test('and again, from another backup', async () => {
    await restored();
    await acknowledged();
    await sign();
    await log.ledger.append(tenant, entries('f', 9));
    expect(await sign()).toMatchObject({ outcome: 'written', size: 13 });
    await log.tamper(
      `delete from ledger where tenant = '${tenant}' and seq >= 4`,
      `delete from checkpoints where tenant = '${tenant}' and size > 4`,
    );
    await acknowledged();
    expect(await sign()).toEqual({ outcome: 'restored', tenant, size: 5, gaveUp: 13 });
    expect((await verified()).findings).toMatchObject([
      { code: 'restored', seq: 3 },
      { code: 'restored', seq: 4, message: expect.stringMatching(/of 13 .* after the first 4/) as string },
    ]);
    expect(await verified('--accept-restore', '3', '--accept-restore', '4')).toMatchObject({ ok: true });
  });

  test('is told to whoever kept the checkpoints of before', async () => {
    await restored();
    const kept = join(directory, `${tenant}.kept`);
    await copyFile(checkpointFile(log.directory, tenant), kept);
    await acknowledged();
    await sign();
    expect(await verified('--checkpoints', kept)).toMatchObject({
      ok: false,
      findings: [{ code: 'restored', seq: 3 }],
    });
    expect(await verified('--checkpoints', kept, '--accept-restore', '3')).toMatchObject({ ok: true });
  });

  test('is still found out where it was changed otherwise', async () => {
    await restored();
    await acknowledged();
    await sign();
    await log.tamper(
      `update ledger set leaf = replace(leaf, 'allow', 'deny'), leaf_hash = sha256('\\x00'::bytea || convert_to(replace(leaf, 'allow', 'deny'), 'UTF8'))
       where tenant = '${tenant}' and seq = 1`,
    );
    const { ok, findings } = await verified('--accept-restore', '3');
    expect([ok, findings.map(({ code }) => code)]).toEqual([false, ['root_mismatch']]);
    expect(await sign()).toMatchObject({ outcome: 'refused', code: 'ledger_forked' });
  });
});

describe('F24 what is acknowledged', () => {
  test('is one checkpoint: an earlier word does not stand for another one of the same size', async () => {
    await restored();
    await acknowledged();
    await sign();
    await log.ledger.append(tenant, entries('g', 4));
    expect(await sign()).toMatchObject({ outcome: 'written', size: 8 });
    await log.tamper(
      `delete from ledger where tenant = '${tenant}' and seq >= 5`,
      `delete from checkpoints where tenant = '${tenant}' and size > 4`,
    );
    const report = await sign();
    expect(report).toMatchObject({ outcome: 'refused', doubted: { contradicts: 8 } });
    if (report.outcome === 'refused' && report.doubted) await openLedgerDoubt(log.loops, tenant, report.doubted);
    const open = `select from ledger_doubts where tenant = $1 and acknowledged_at is null`;
    expect((await log.auditor.query(open, [tenant])).rowCount).toBe(1);
  });

  test('is nothing in a database that has seen the checkpoint itself', async () => {
    await log.ledger.append(tenant, entries('a', 6));
    await sign();
    await log.tamper(`delete from ledger where tenant = '${tenant}' and seq >= 3`);
    await acknowledged();
    await log.ledger.append(tenant, entries('b', 9));
    expect(await sign()).toMatchObject({ outcome: 'refused', code: 'ledger_forked' });
  });

  test('has to be in the log: a checkpoint alone cannot give up the one before it', async () => {
    await restored();
    await log.ledger.append(tenant, entries('d', 2));
    const [last = ''] = (await notes()).toReversed();
    const { rows } = await log.auditor.query<{ leaf_hash: Buffer }>(
      'select leaf_hash from ledger where tenant = $1 order by seq',
      [tenant],
    );
    const frontier = new Frontier();
    for (const { leaf_hash: leaf } of rows) frontier.append(leaf);
    const own = { origin: originOf(tenant), size: 5, root: frontier.root(), previous: noteHash(last), acknowledged: 3 };
    const { end } = await readLastNote(log.directory, tenant);
    expect(await appendNote(log.directory, tenant, signCheckpoint(own, log.privateKey), end)).toBe(true);
    expect(await verified('--accept-restore', '3')).toMatchObject({
      ...{ ok: false, findings: [{ code: 'checkpoint_chain', seq: 3 }] },
    });
  });
});
