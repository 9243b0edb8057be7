import { createWriteOwedEntries } from '../../loops/write-owed-entries';
import { seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());

const owe = async (tenant: string, entry: string): Promise<unknown> =>
  await world.rows(`insert into owed_entries (tenant, key, entry) values ($1, 'fence/agent:payer/1', $2)`, [
    tenant,
    entry,
  ]);
const owed = async (tenant: string): Promise<number> =>
  (await world.rows('select from owed_entries where tenant = $1', [tenant])).length;

it('X74 a stop does not wait for whoever writes what is owed from before', async () => {
  const tenant = await seedTenant(world);
  await owe(tenant, '{"event":"fence.moved"}');
  const writer = await world.superuser.connect();
  try {
    await writer.query('begin');
    await writer.query('select from owed_entries where tenant = $1 for update', [tenant]);
    await world.as('gateway', tenant, async (client) => {
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
