import { createSettle } from '../../activities/settle';
import { inTransaction } from '../../db/in-transaction';
import { enqueueForgotten } from '../../db/enqueue-forgotten';
import { seedAction, seedTenant } from '../helpers/seed';
import { createWorkshop } from '../helpers/workshop';
import { createWorld, type World } from '../helpers/world';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());

const HOUR_MS = 3_600_000;
const wake = (): Promise<number> => inTransaction(world.loops, (client) => enqueueForgotten(client, HOUR_MS, 100));

it('I3 an open action whose workflow was told nothing for an hour is woken, once, until it has ended', async () => {
  const tenant = await seedTenant(world);
  const { actionId } = await seedAction(world, tenant);
  expect(await wake()).toBe(0);
  await world.rows(`update actions set created_at = now() - interval '61 minutes' where tenant = $1`, [tenant]);
  expect([await wake(), await wake()]).toEqual([1, 0]);
  expect(await world.rows(`select action, kind from outbox where tenant = $1 and kind = 'wake'`, [tenant])).toEqual([
    { action: actionId, kind: 'wake' },
  ]);
  await world.rows(`update outbox set done_at = now() - interval '61 minutes' where tenant = $1`, [tenant]);
  expect(await wake()).toBe(1);
  await world.rows(`update outbox set done_at = now() - interval '61 minutes' where tenant = $1`, [tenant]);
  await createSettle(createWorkshop(world).deps)({ tenant, actionId, stopped: 'cancelled', codes: [] });
  expect(await wake()).toBe(0);
});
