import { createWriteOwedEntries } from '../../loops/write-owed-entries';
import { waitUntil } from '../../stack/wait-until';
import { begin, readyAction, seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());

const owe = async (tenant: string, entry: string): Promise<unknown> =>
  await world.rows(`insert into owed_entries (tenant, key, entry) values ($1, 'fence/agent:payer/1', $2)`, [
    tenant,
    entry,
  ]);
/** Sessions of a worker that wait for a lock. */
const waiting = async (): Promise<number> =>
  (
    await world.rows(
      `select from pg_stat_activity where datname = current_database() and usename = 'countersign_worker' and wait_event_type = 'Lock'`,
    )
  ).length;
const owed = async (tenant: string): Promise<number> =>
  (await world.rows('select from owed_entries where tenant = $1', [tenant])).length;

it('X74 a stop does not wait for whoever writes what is owed from before', async () => {
  const tenant = await seedTenant(world);
  await owe(tenant, '{"event":"fence.moved"}');
  const writer = await world.superuser.connect();
  try {
    await writer.query('begin');
    await writer.query('select from owed_entries where tenant = $1 for update', [tenant]);
    await world.as('superuser', tenant, async (client) => {
      // All that is left to a statement that has waited for others already.
      await client.query('set local statement_timeout = 4000');
      await client.query(`select move_fence($1, 'tenant', true, 'drill', 'person:bob')`, [tenant]);
    });
  } finally {
    await writer.query('rollback');
    writer.release();
  }
  expect(await owed(tenant)).toBe(2);
  await createWriteOwedEntries(world.loops, { warn: () => undefined })();
  expect(await owed(tenant)).toBe(0);
});

it('X74 one tenant whose ledger cannot be written keeps no other from being told', async () => {
  const names = await Promise.all([seedTenant(world), seedTenant(world)]);
  const [broken = '', whole = ''] = names.sort();
  await owe(broken, 'no entry');
  await owe(whole, '{"event":"fence.moved"}');
  await expect(createWriteOwedEntries(world.loops, { warn: () => undefined })()).rejects.toThrow();
  expect([await owed(broken), await owed(whole)]).toEqual([1, 0]);
});

it('X74 a stop does not wait for a ledger that is held, nor for an effect that waits for it', async () => {
  const tenant = await seedTenant(world);
  const action = await readyAction(world, tenant);
  const holder = await world.superuser.connect();
  try {
    await holder.query('begin');
    // The log itself, which every append waits for, and then the table, which it meets after that.
    await holder.query(`select pg_advisory_xact_lock(hashtextextended('countersign/ledger/' || $1, 0))`, [tenant]);
    await holder.query('lock table ledger in access exclusive mode');
    let ended = false;
    const beginning = begin(world, action)
      .catch((error: unknown) => error)
      .finally(() => (ended = true));
    await waitUntil(async () => ended || (await waiting()) > 0, {
      what: 'No effect waits for the ledger',
      withinMs: 30_000,
    });
    await world.as('superuser', tenant, async (client) => {
      await client.query(`select move_fence($1, 'tenant', true, 'drill', 'person:bob')`, [tenant]);
    });
    expect(await beginning).toMatchObject({ code: '55P03' });
  } finally {
    await holder.query('rollback');
    holder.release();
  }
  expect(await owed(tenant)).toBe(1);
  expect(await world.rows('select from effects where tenant = $1', [tenant])).toEqual([]);
  expect(await begin(world, action)).toEqual({ refused: 'scope_fenced' });
});

it.each([
  ['somebody holds the log', `select pg_advisory_xact_lock(hashtextextended('countersign/ledger/' || $1, 0))`],
  ['somebody holds its table', `lock table ledger in access exclusive mode`],
])('X74 the first stop bites in a part of the time that a statement has, though %s', async (_, hold) => {
  const tenant = await seedTenant(world);
  const holder = await world.superuser.connect();
  try {
    await holder.query('begin');
    await holder.query(hold.replace('$1', `'${tenant}'`));
    await world.as('superuser', tenant, async (client) => {
      // All that is left to a statement that has waited for others already.
      await client.query('set local statement_timeout = 4000');
      await client.query(`select move_fence($1, 'tenant', true, 'drill', 'person:bob')`, [tenant]);
    });
  } finally {
    await holder.query('rollback');
    holder.release();
  }
  expect(await owed(tenant)).toBe(1);
});
