import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { leafRecord } from '../../cli/commands/ledger-sources';
import { writeCheckpoint } from '../../db/checkpoint';
import { type LedgerRecord, readLedger } from '../../db/ledger-read';
import { LedgerCheck } from '../../evidence/check-ledger';
import { originOf } from '../../evidence/checkpoint';
import { openChain, splitNotes } from '../../evidence/checkpoint-chain';
import { checkpointFile } from '../../evidence/checkpoint-file';
import { type LedgerReport } from '../../evidence/ledger-report';
import { runLedger } from '../ledger/command';
import { appendTen, createTestLog, entries, type TestLog } from '../ledger/log';

/* Somebody who may do anything in the database, and on this machine; only the checkpoints that were taken elsewhere are out of reach. */

let log: TestLog;
let number = 0;
let tenant: string;
beforeAll(async () => (log = await createTestLog()));
beforeEach(async () => {
  tenant = `t${(number += 1)}`;
  await appendTen(log, tenant);
});
afterAll(() => log.close());

const notesOf = async (of: string): Promise<readonly string[]> =>
  splitNotes(await readFile(checkpointFile(log.directory, of), 'utf8')).notes;

async function verifyAgainst(checkpoints: string): Promise<LedgerReport> {
  const { stdout } = await runLedger(
    ...['verify', '--json', '--tenant', tenant, '--checkpoints', checkpoints],
    ...['--public-key', log.keyFile, '--database-url', log.database.auditorUrl],
  );
  return (JSON.parse(stdout) as { reports: [LedgerReport] }).reports[0];
}

test('X71 whichever column of whichever row is changed, in whatever way, its entry is the first bad one', async () => {
  const rows: LedgerRecord[] = [];
  for await (const row of readLedger(log.auditor, tenant, { bodies: true })) rows.push(row);
  const chain = openChain(await notesOf(tenant), originOf(tenant), log.publicKey);
  const verify = (of: readonly LedgerRecord[]): LedgerReport => {
    const check = new LedgerCheck(tenant, [chain]);
    for (const row of of) check.add(leafRecord(row, true));
    return check.finish();
  };
  expect(verify(rows)).toMatchObject({ ok: true, size: 10 });

  const text = fc.oneof(fc.string({ maxLength: 30 }), fc.constantFrom('', 'null', '{}', 'sha256:00'));
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((array) => Buffer.from(array));
  /** One sign less, more or other, somewhere; or something else altogether. */
  const edited = (old: string) =>
    fc.oneof(
      text,
      fc
        .tuple(fc.nat(old.length), fc.nat(1), fc.string({ maxLength: 2 }))
        .map(([at, cut, put]) => old.slice(0, at) + put + old.slice(at + cut)),
    );
  const flipped = (old: Buffer) =>
    fc.oneof(
      bytes,
      fc
        .tuple(fc.nat(old.length - 1), fc.integer({ min: 1, max: 255 }))
        .map(([at, by]) => Buffer.from(old.map((byte, i) => (i === at ? byte ^ by : byte)))),
    );
  const columns = ['tenant', 'seq', 'key', 'leaf', 'leafHash', 'bodyCommitment', 'at', 'body', 'salt'] as const;
  const change = fc.tuple(fc.constantFrom(...rows), fc.constantFrom(...columns)).chain(([row, column]) => {
    const old = row[column];
    const value: fc.Arbitrary<unknown> =
      typeof old === 'number'
        ? fc.integer({ min: -5, max: 2 ** 40 })
        : Buffer.isBuffer(old)
          ? flipped(old)
          : edited(String(old));
    // An erased body is no change: it may be (GDPR). That it never was there is one.
    const missing = column === 'bodyCommitment' ? fc.oneof({ weight: 4, arbitrary: value }, fc.constant(null)) : value;
    return fc.tuple(fc.constant(row), fc.constant(column), missing);
  });
  fc.assert(
    fc.property(change, ([row, column, value]) => {
      fc.pre(!isDeepStrictEqual(row[column], value));
      const report = verify(rows.map((each) => (each === row ? { ...row, [column]: value } : each)));
      expect(report).toMatchObject({ ok: false, firstBad: row.seq });
    }),
    { numRuns: 500 },
  );
});

test('X72 another log of the same length, consistent in itself, is not the one that an exported checkpoint speaks of', async () => {
  const kept = await mkdtemp(join(tmpdir(), 'countersign-kept-'));
  await copyFile(checkpointFile(log.directory, tenant), checkpointFile(kept, tenant));
  const all = `where tenant = '${tenant}'`;
  await log.tamper(`delete from ledger_bodies ${all}`, `delete from ledger ${all}`, `delete from checkpoints ${all}`);
  await rm(checkpointFile(log.directory, tenant));
  for (const prefix of ['a', 'b', 'c']) await log.ledger.append(tenant, entries(`other-${prefix}`, 4, true));
  // Whoever holds the key of checkpoints too can sign it anew; on this machine nothing is amiss any more.
  expect(await writeCheckpoint({ ...log.checkpoints, memory: new Map() }, tenant)).toMatchObject({
    outcome: 'written',
    size: 12,
  });
  expect(await verifyAgainst(log.directory)).toMatchObject({ ok: true, size: 12 });
  const report = await verifyAgainst(kept);
  expect(report).toMatchObject({ ok: false, anchored: { from: 0, to: 0 } });
  expect(report.findings).toMatchObject([{ code: 'root_mismatch', seq: 0, before: 4 }]);
  await rm(kept, { recursive: true });
});

test('X72 a log that shrank to its last checkpoint but one, with every checkpoint on this machine, is shorter than the exported one', async () => {
  const kept = await mkdtemp(join(tmpdir(), 'countersign-kept-'));
  await copyFile(checkpointFile(log.directory, tenant), checkpointFile(kept, tenant));
  const [first = ''] = await notesOf(tenant);
  await log.tamper(
    `delete from ledger_bodies where tenant = '${tenant}' and seq >= 4`,
    `delete from ledger where tenant = '${tenant}' and seq >= 4`,
    `delete from checkpoints where tenant = '${tenant}' and size > 4`,
  );
  await writeFile(checkpointFile(log.directory, tenant), `${first}\n`);
  expect(await verifyAgainst(log.directory)).toMatchObject({ ok: true, size: 4 });
  expect((await verifyAgainst(kept)).findings).toMatchObject([{ code: 'truncated', seq: 4, before: 8 }]);
  await rm(kept, { recursive: true });
});
