import { type Pool } from 'pg';
import { createLedger } from '../../db/ledger';
import { withTenant } from '../../db/with-tenant';
import { honestly } from '../helpers/honest-entries';
import { createTestLog, entries, type TestLog } from './log';

let log: TestLog;
beforeAll(async () => {
  log = await createTestLog();
  await log.ledger.append('demo', entries('a', 3, true));
  await log.ledger.append('other', entries('b', 1, true));
});
afterAll(() => log.close());

const FORGED = `insert into ledger (tenant, seq, key, leaf, leaf_hash, at) values ('demo', 3, 'k', '{}', sha256('x'), now())`;
const CHANGES = [
  FORGED,
  `update ledger set leaf = '{}'`,
  `delete from ledger`,
  `truncate ledger cascade`,
  `update ledger_bodies set body = '{}'`,
  `insert into ledger_bodies (tenant, seq, salt, body) values ('demo', 0, sha256('x'), '{}')`,
  `truncate ledger_bodies`,
  `update checkpoints set note = ''`,
  `delete from checkpoints`,
  `alter table ledger disable trigger all`,
  `set role countersign_ledger`,
  `drop table ledger cascade`,
];

describe('who may do what to the ledger', () => {
  describe.each(['gateway', 'worker', 'loops', 'auditor'] as const)('%s', (role) => {
    test.each(CHANGES)('cannot: %s', async (change) => {
      await expect(withTenant(log[role], 'demo', (client) => client.query(change))).rejects.toThrow(
        /permission denied|must be owner|append-only|read-only transaction/,
      );
    });
  });

  test.each(['gateway', 'worker'] as const)('%s sees its tenant alone, and nothing without one', async (role) => {
    const seen = async (pool: Pool, tenant: string): Promise<unknown[]> =>
      await withTenant(pool, tenant, async (client) => {
        const tables = ['ledger', 'ledger_bodies'].map((table) => `select distinct tenant from ${table}`);
        return (await client.query<{ tenant: string }>(tables.join(' union '))).rows.map((row) => row.tenant);
      });
    expect(await seen(log[role], 'demo')).toEqual(['demo']);
    expect(await seen(log[role], 'none')).toEqual([]);
    expect((await log[role].query('select from ledger')).rowCount).toBe(0);
  });

  test('gateway, worker and loops may append; the auditor may not', async () => {
    const append = (pool: Pool, key: string, event: string): Promise<void> =>
      createLedger(pool).append('roles', [honestly({ key, event })]);
    await append(log.gateway, 'action/x/requested', 'action.requested');
    await append(log.worker, 'action/x/settled', 'action.settled');
    await append(log.loops, 'approval/x/shown/1/x', 'approval.shown');
    await expect(append(log.auditor, 'action/x/settled', 'action.settled')).rejects.toThrow(
      /permission denied|read-only/,
    );
    expect((await log.auditor.query(`select from ledger where tenant = 'roles'`)).rowCount).toBe(3);
  });

  test('not even a superuser changes a row while the triggers stand', async () => {
    for (const change of [
      `update ledger set leaf = '{}'`,
      'delete from ledger',
      'truncate ledger cascade',
      `update ledger_bodies set body = '{}'`,
    ]) {
      await expect(log.superuser.query(change)).rejects.toThrow(/append-only/);
    }
  });

  test('only the loops erase a body, and the entry stays', async () => {
    for (const role of ['gateway', 'worker', 'auditor'] as const) {
      await expect(
        withTenant(log[role], 'demo', (client) => client.query('delete from ledger_bodies')),
      ).rejects.toThrow(/permission denied|read-only/);
    }
    await log.loops.query(`delete from ledger_bodies where tenant = 'demo' and seq = 1`);
    expect((await log.auditor.query(`select from ledger_bodies where tenant = 'demo'`)).rowCount).toBe(2);
    expect((await log.auditor.query(`select from ledger where tenant = 'demo'`)).rowCount).toBe(3);
  });

  test('a search path of the caller does not lead ledger_append astray', async () => {
    const client = await log.superuser.connect();
    try {
      await client.query('begin');
      await client.query(
        'create schema trap; create table trap.ledger (like public.ledger); grant usage on schema trap to public; grant all on trap.ledger to public',
      );
      await client.query('create temporary table ledger (like public.ledger); grant all on ledger to public');
      await client.query('set local search_path = trap, pg_temp, public');
      await client.query('set local session authorization countersign_worker');
      await client.query(
        `select ledger_append('path', array['action/a/settled'], array['{"action":"a","event":"action.settled"}'], null)`,
      );
      await client.query('reset session authorization');
      expect((await client.query(`select from public.ledger where tenant = 'path'`)).rowCount).toBe(1);
    } finally {
      await client.query('rollback');
      client.release(true);
    }
  });
});
