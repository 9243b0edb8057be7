import { Pool } from 'pg';
import { appendWithin, createLedger } from '../../db/ledger';
import { type LedgerRecord, ledgerSize, ledgerTenants, readLedger, seqOfKey } from '../../db/ledger-read';
import { withTenant } from '../../db/with-tenant';
import { commitmentOf } from '../../evidence/check-ledger';
import { leafHash } from '../../evidence/merkle';
import { parseLeaf } from '../../evidence/parse-leaf';
import { honestly } from '../helpers/honest-entries';
import { createTestLog, entries, keyOf, type TestLog } from './log';

let log: TestLog;
beforeAll(async () => void (log = await createTestLog()));
afterAll(() => log.close());

const rowsOf = async (tenant: string): Promise<LedgerRecord[]> => {
  const rows: LedgerRecord[] = [];
  for await (const row of readLedger(log.auditor, tenant, { bodies: true })) rows.push(row);
  return rows;
};

describe('ledger_append', () => {
  test('a leaf is canonical, numbered, timed and hashed; the body is committed to', async () => {
    const before = new Date();
    await log.ledger.append('shape', entries('a', 2, true));
    const rows = await rowsOf('shape');
    expect(rows.map(({ seq, key }) => [seq, key])).toEqual([
      [0, keyOf('a', 0)],
      [1, keyOf('a', 1)],
    ]);
    for (const row of rows) {
      const leaf = parseLeaf(row.leaf);
      expect(leaf).toMatchObject({ seq: row.seq, key: row.key, tenant: 'shape', at: row.at, body: row.bodyCommitment });
      expect(leaf?.entry).toEqual({ action: 'a', round: row.seq, effect: 'allow', event: 'action.decided' });
      expect(Math.abs(Date.parse(row.at) - before.getTime())).toBeLessThan(60_000);
      expect(row.leafHash).toEqual(leafHash(row.leaf));
      expect(row.salt).toHaveLength(32);
      expect(commitmentOf(row.body ?? '', row.salt ?? Buffer.of())).toBe(row.bodyCommitment);
    }
    expect(rows[0]?.salt).not.toEqual(rows[1]?.salt);
  });

  test('an entry without a body commits to none', async () => {
    await log.ledger.append('nobody', entries('a', 1));
    expect(await rowsOf('nobody')).toMatchObject([{ bodyCommitment: null, body: null, salt: null }]);
  });

  test('a repeated key changes nothing, in one call or in the next', async () => {
    const [first] = entries('a', 1);
    const otherwise = { key: keyOf('a', 0), event: 'action.decided', entry: { action: 'a', round: 0, effect: 'deny' } };
    await log.ledger.append('again', [...entries('a', 2), otherwise]);
    const before = await rowsOf('again');
    await log.ledger.append('again', first === undefined ? [] : [first]);
    await log.ledger.append('again', entries('a', 3));
    const after = await rowsOf('again');
    expect(after.slice(0, 2)).toEqual(before);
    expect(after.map(({ key }) => key)).toEqual([0, 1, 2].map((i) => keyOf('a', i)));
  });

  test('appenders from two pools at once leave no gap, no duplicate and no entry out', async () => {
    const other = new Pool({ connectionString: log.database.workerUrl, max: 8 });
    const ledgers = [createLedger(other), createLedger(log.worker), log.ledger];
    // Each prefix from all three coalescers, and others in transactions of their own.
    const coalesced = Array.from({ length: 40 }, (_, i) =>
      ledgers.map((ledger) => ledger.append('busy', entries(`p${i}`, 3))),
    ).flat();
    const alone = Array.from({ length: 60 }, (_, i) =>
      withTenant(i % 2 === 0 ? other : log.worker, 'busy', async (client) => {
        await appendWithin(client, 'busy', entries(`q${i % 30}`, 2));
        await client.query('select pg_sleep(0.002)');
      }),
    );
    await Promise.all([...coalesced, ...alone]);
    await other.end();
    const rows = await rowsOf('busy');
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 180 }, (_, i) => i));
    expect(new Set(rows.map(({ key }) => key)).size).toBe(180);
    expect(rows.every((row, i) => i === 0 || row.at >= (rows[i - 1]?.at ?? ''))).toBe(true);
  });

  test('within a transaction the entry stands or falls with it', async () => {
    await withTenant(log.worker, 'within', (client) => appendWithin(client, 'within', entries('kept', 1)));
    await expect(
      withTenant(log.worker, 'within', async (client) => {
        await appendWithin(client, 'within', entries('lost', 1));
        throw new Error('after all not');
      }),
    ).rejects.toThrow('after all not');
    await log.ledger.append('within', entries('next', 1));
    expect((await rowsOf('within')).map(({ seq, key }) => [seq, key])).toEqual([
      [0, keyOf('kept', 0)],
      [1, keyOf('next', 0)],
    ]);
  });

  test('two tenants do not wait for each other', async () => {
    const client = await log.worker.connect();
    try {
      await client.query('begin');
      await appendWithin(client, 'slow', entries('a', 1));
      await log.ledger.append('quick', entries('a', 1));
      expect(await ledgerSize(log.auditor, 'quick')).toBe(1);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  test('a transaction of one tenant cannot write into the log of another', async () => {
    await expect(
      withTenant(log.worker, 'one', (client) => appendWithin(client, 'two', entries('a', 1))),
    ).rejects.toThrow(/belongs to another tenant/);
    const shown = honestly({ key: 'approval/x/shown/1/x', event: 'approval.shown' });
    await withTenant(log.loops, 'one', (client) => appendWithin(client, 'two', [shown])); // serves every tenant
    expect(await ledgerSize(log.auditor, 'two')).toBe(1);
  });

  test('a snapshot older than the lock is refused', async () => {
    const client = await log.worker.connect();
    try {
      await client.query('begin isolation level repeatable read');
      await expect(appendWithin(client, 'old', entries('a', 1))).rejects.toThrow(/READ COMMITTED/);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  const append = (
    tenant: string,
    keys: unknown[],
    texts: unknown[],
    bodies: unknown[] | null = null,
  ): Promise<unknown> => log.worker.query('select ledger_append($1, $2, $3, $4)', [tenant, keys, texts, bodies]);

  test.each<[string, () => Promise<unknown>]>([
    ['a tenant that is no id', () => append('Demo', ['k'], ['{"event":"a.b"}'])],
    ['a key with a space', () => append('limits', ['a b'], ['{"event":"a.b"}'])],
    ['a key with a line feed', () => append('limits', ['a\n'], ['{"event":"a.b"}'])],
    ['a long key', () => append('limits', ['k'.repeat(201)], ['{"event":"a.b"}'])],
    ['no key', () => append('limits', [null], ['{"event":"a.b"}'])],
    ['no entry', () => append('limits', ['k'], [null])],
    ['an entry that is no object', () => append('limits', ['k'], ['["a.b"]'])],
    ['an entry that is no JSON', () => append('limits', ['k'], ['{"event":"a.b"},"seq":7,"x":{}'])],
    ['an entry without event', () => append('limits', ['k'], ['{"evnt":"a.b"}'])],
    ['an entry with a name twice', () => append('limits', ['k'], ['{"event":"a.b","event":"a.c"}'])],
    ['an entry with an escaped NUL', () => append('limits', ['k'], ['{"event":"a.b","x":"\\u0000"}'])],
    ['an entry of more than 16 KiB', () => append('limits', ['k'], [`{"event":"a.b","x":"${'x'.repeat(16_384)}"}`])],
    ['a body that is no object', () => append('limits', ['k'], ['{"event":"a.b"}'], ['"Alice"'])],
    [
      'a body of more than 256 KiB',
      () => append('limits', ['k'], ['{"event":"a.b"}'], [`{"x":"${'x'.repeat(262_144)}"}`]),
    ],
    ['arrays of different length', () => append('limits', ['k', 'l'], ['{"event":"a.b"}'])],
    [
      '1001 entries',
      () =>
        append(
          'limits',
          Array.from({ length: 1001 }, (_, i) => `k${i}`),
          new Array(1001).fill('{"event":"a.b"}'),
        ),
    ],
  ])('refuses %s and records nothing', async (_, call) => {
    await expect(call()).rejects.toThrow(/ledger_append/);
    expect(await ledgerSize(log.auditor, 'limits')).toBe(0);
  });

  test('readers find tenants, sizes, keys and pages', async () => {
    for (let i = 0; i < 5; i += 1) await log.ledger.append('pages', entries(`p${i}`, 450));
    const seqs: number[] = [];
    for await (const { seq } of readLedger(log.auditor, 'pages', { from: 10, to: 2_100 })) seqs.push(seq);
    expect(seqs).toEqual(Array.from({ length: 2_090 }, (_, i) => i + 10));
    expect(await seqOfKey(log.auditor, 'pages', keyOf('p1', 7))).toBe(457);
    expect(await seqOfKey(log.auditor, 'pages', 'none')).toBeUndefined();
    expect(await ledgerTenants(log.auditor)).toEqual(expect.arrayContaining(['busy', 'pages', 'shape', 'two']));
    expect(await ledgerSize(log.auditor, 'none')).toBe(0);
  });
});
