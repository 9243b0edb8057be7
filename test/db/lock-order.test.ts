import { moveAgent } from '../../db/change-agents';
import { appendWithin } from '../../db/ledger';
import { waitUntil } from '../../stack/wait-until';
import { AGENT, readyAction, seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());

it('whoever stops an agent takes its actions before the ledger, as whoever settles one of them does', async () => {
  const tenant = await seedTenant(world);
  await world.rows(`insert into people (tenant, person, name, roles) values ($1, 'olaf', 'olaf', '{operator}')`, [
    tenant,
  ]);
  const { actionId } = await readyAction(world, tenant);
  const waits = async (): Promise<boolean> =>
    (await world.rows(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`))
      .length > 0;
  let moved: Promise<unknown> | undefined;
  await world.as('worker', tenant, async (client) => {
    await client.query('select from actions where tenant = $1 and action = $2 for update', [tenant, actionId]);
    moved = world.as('gateway', tenant, (other) =>
      moveAgent(other, tenant, { actor: 'olaf', reason: 'drill' }, AGENT.id, 'pause'),
    );
    await waitUntil(waits, { what: 'Nobody waits for the action', withinMs: 5_000 });
    await appendWithin(client, tenant, [{ key: 'settled', event: 'action.settled', entry: { action: actionId } }]);
  });
  expect(await moved).toEqual({ moved: 'done' });
});
