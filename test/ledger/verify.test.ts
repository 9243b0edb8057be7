import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkpointAll, writeCheckpoint } from '../../db/checkpoint';
import { type LedgerReport } from '../../evidence/ledger-report';
import { runLedger } from './command';
import { appendTen, createTestLog, entries, keyOf, type TestLog } from './log';

let log: TestLog;
let number = 0;
let tenant: string;
beforeAll(async () => (log = await createTestLog()));
beforeEach(async () => {
  tenant = `t${(number += 1)}`;
  await appendTen(log, tenant);
});
afterAll(() => log.close());

const sources = (): string[] => [
  '--checkpoints',
  log.directory,
  '--public-key',
  log.keyFile,
  '--database-url',
  log.database.auditorUrl,
];

const verifyLive = async (...more: string[]): Promise<LedgerReport> => {
  const { stdout, exitCode } = await runLedger('verify', '--json', '--tenant', tenant, ...sources(), ...more);
  const { ok, reports } = JSON.parse(stdout) as { ok: boolean; reports: [LedgerReport] };
  expect(exitCode).toBe(ok ? 0 : 1);
  return reports[0];
};

const codes = (report: LedgerReport): string[] => report.findings.map(({ code }) => code);

/** Makes stored hashes fit the leaves again, as somebody would who edits the table. */
const rehash = (): string =>
  `update ledger set leaf_hash = sha256('\\x00'::bytea || convert_to(leaf, 'UTF8')) where tenant = '${tenant}'`;

describe('ledger verify on the database', () => {
  test('an honest log is verified, and what no checkpoint covers is said', async () => {
    const report = await verifyLive();
    expect(report).toMatchObject({
      ok: true,
      size: 10,
      checkpoints: 2,
      erasedBodies: 0,
      anchored: { from: 0, to: 8 },
      unanchored: { from: 8, to: 10 },
    });
    expect(report.warnings.map(({ code }) => code)).toEqual(['unanchored_tail']);
    await writeCheckpoint(log.checkpoints, tenant);
    expect(await verifyLive()).toMatchObject({
      ok: true,
      anchored: { to: 10 },
      unanchored: { from: 10, to: 10 },
      warnings: [],
    });
  });

  test('X73 an erased body leaves the log verified', async () => {
    await log.loops.query('delete from ledger_bodies where tenant = $1 and seq in (1, 9)', [tenant]);
    expect(await verifyLive()).toMatchObject({ ok: true, erasedBodies: 2 });
  });

  test.each<[column: string, value: string, firstBad: number]>([
    ['tenant', `'elsewhere'`, 5],
    ['seq', '99', 5],
    ['key', `'other'`, 5],
    ['leaf', `replace(leaf, 'allow', 'deny')`, 5],
    ['leaf', `leaf || ' '`, 5],
    ['leaf', `replace(leaf, '"v":1', '"v":2')`, 5],
    ['leaf_hash', `sha256('x')`, 5],
    ['body_commitment', `'sha256:00'`, 5],
    ['body_commitment', 'null', 5],
    ['at', `at + interval '1 millisecond'`, 5],
    ['at', `at + interval '1 microsecond'`, 5],
  ])('X71 the column %s changed to %s is found at its entry', async (column, value, firstBad) => {
    await log.tamper(
      `alter table ledger_bodies drop constraint if exists ledger_bodies_tenant_seq_fkey`,
      `update ledger set ${column} = ${value} where tenant = '${tenant}' and seq = 5`,
    );
    expect(await verifyLive()).toMatchObject({ ok: false, firstBad });
    await log.tamper(`delete from ledger where tenant = 'elsewhere'`);
  });

  test.each([
    ['body', `replace(body, 'Person', 'Parson')`],
    ['salt', `sha256('x')`],
  ])('X71 a changed %s of a body is found', async (column, value) => {
    await log.tamper(`update ledger_bodies set ${column} = ${value} where tenant = '${tenant}' and seq = 6`);
    const report = await verifyLive();
    expect(report.firstBad).toBe(6);
    expect(codes(report)).toEqual(['body_mismatch']);
  });

  const at = (seq: number): string => `where tenant = '${tenant}' and seq = ${seq}`;
  const shiftUp = (from: number): string[] => [
    `update ledger set seq = seq + 1000 where tenant = '${tenant}' and seq >= ${from}`,
    `update ledger set seq = seq - 999 where tenant = '${tenant}' and seq >= 1000`,
  ];
  const renumberLeaf = `update ledger set leaf = regexp_replace(leaf, '"seq":\\d+', '"seq":' || seq), body_commitment = body_commitment`;

  test.each<[string, () => string[], Partial<LedgerReport>, string[]]>([
    ['an entry deleted', () => [`delete from ledger ${at(5)}`], { firstBad: 5 }, ['sequence', 'root_mismatch']],
    [
      'an entry deleted and the rest moved up',
      () => [`delete from ledger ${at(5)}`, ...[6, 7, 8, 9].map((seq) => `update ledger set seq = seq - 1 ${at(seq)}`)],
      { firstBad: 5 },
      ['entry_moved', 'root_mismatch'],
    ],
    [
      'an entry deleted, the rest renumbered and hashed anew',
      () => [
        `delete from ledger ${at(5)}`,
        ...[6, 7, 8, 9].map((seq) => `update ledger set seq = seq - 1 ${at(seq)}`),
        `${renumberLeaf} where tenant = '${tenant}'`,
        `delete from ledger_bodies where tenant = '${tenant}'`,
        rehash(),
      ],
      { anchored: { from: 0, to: 4 } },
      ['root_mismatch'],
    ],
    [
      'two entries swapped',
      () => [
        `update ledger set seq = 1000 ${at(2)}`,
        `update ledger set seq = 2 ${at(6)}`,
        `update ledger set seq = 6 ${at(1000)}`,
      ],
      { firstBad: 2 },
      ['entry_moved', 'root_mismatch'],
    ],
    [
      'the contents of two entries swapped',
      () => [
        `update ledger l set key = 'swap/' || o.key, leaf = o.leaf, leaf_hash = o.leaf_hash, body_commitment = o.body_commitment, at = o.at from ledger o where l.tenant = '${tenant}' and o.tenant = l.tenant and l.seq in (2, 6) and o.seq = 8 - l.seq`,
      ],
      { firstBad: 2 },
      ['entry_moved', 'root_mismatch'],
    ],
    [
      'an entry inserted',
      () => [
        ...shiftUp(3),
        `insert into ledger select tenant, 3, 'new', replace(leaf, '"key":"${keyOf('a', 2)}"', '"key":"new"'), leaf_hash, null, at from ledger ${at(2)}`,
      ],
      { firstBad: 3 },
      ['leaf_edited', 'root_mismatch'],
    ],
    [
      'an entry edited and hashed anew',
      () => [`update ledger set leaf = replace(leaf, 'allow', 'deny') ${at(6)}`, rehash()],
      { anchored: { from: 0, to: 4 } },
      ['root_mismatch'],
    ],
    [
      'the tail cut off',
      () => [`delete from ledger where tenant = '${tenant}' and seq >= 6`],
      { size: 6, anchored: { from: 0, to: 4 } },
      ['truncated'],
    ],
    ['everything deleted', () => [`delete from ledger where tenant = '${tenant}'`], { size: 0 }, ['truncated']],
  ])('X71 %s is found', async (_, statements, expected, found) => {
    await log.tamper(...statements());
    const report = await verifyLive();
    expect(report).toMatchObject({ ok: false, ...expected });
    expect(codes(report)).toEqual(found);
  });

  test('X72 a rebuilt interval is named between the checkpoints around it', async () => {
    await log.tamper(`update ledger set leaf = replace(leaf, 'allow', 'deny') ${at(6)}`, rehash());
    expect((await verifyLive()).findings).toMatchObject([{ code: 'root_mismatch', seq: 4, before: 8 }]);
  });

  test('X72 a log restored from a backup and grown again is not the one that was signed', async () => {
    await log.tamper(
      `delete from ledger where tenant = '${tenant}' and seq >= 6`,
      `delete from ledger_bodies where tenant = '${tenant}' and seq >= 6`,
    );
    await log.ledger.append(tenant, entries('later', 9, true));
    expect((await verifyLive()).findings).toMatchObject([{ code: 'root_mismatch', seq: 4, before: 8 }]);
  });

  test('a clock that went back is reported and no failure', async () => {
    await log.tamper(
      `update ledger set at = at - interval '1 day', leaf = regexp_replace(leaf, '^\\{"at":"[^"]*"', '{"at":"' || to_char((at - interval '1 day') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"') ${at(9)}`,
      rehash(),
    );
    const report = await verifyLive();
    expect(report.ok).toBe(true);
    expect(report.warnings).toContainEqual(expect.objectContaining({ code: 'time_backwards', seq: 9 }));
  });

  test('X72 checkpoints signed anew by another key do not pass', async () => {
    const forged = generateKeyPairSync('ed25519');
    const directory = await mkdtemp(join(tmpdir(), 'countersign-forged-'));
    await log.tamper(
      `update ledger set leaf = replace(leaf, 'allow', 'deny') ${at(6)}`,
      rehash(),
      `delete from checkpoints where tenant = '${tenant}'`,
    );
    await writeCheckpoint({ pool: log.loops, signer: forged.privateKey, directory, memory: new Map() }, tenant);
    const report = await verifyLive('--checkpoints', directory);
    expect(codes(report)).toEqual(['checkpoint_signature', 'not_anchored']);
    await rm(directory, { recursive: true });
  });

  test('a log without any checkpoint proves nothing', async () => {
    expect(codes(await verifyLive('--checkpoints', join(log.directory, 'nowhere')))).toEqual(['not_anchored']);
  });

  test('X72 without a tenant every log is verified, also one that has vanished', async () => {
    await log.tamper(`delete from ledger`, `delete from ledger_bodies`);
    const { stdout, exitCode } = await runLedger('verify', ...sources());
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`FAILED: ${tenant}, 0 entries, 2 checkpoints`);
    expect(stdout).toMatch(/key sha256:[0-9a-f]{64}/);
    await rm(log.directory, { recursive: true });
    await log.tamper(`delete from checkpoints`);
    await checkpointAll(log.checkpoints);
  });
});
