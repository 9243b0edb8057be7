import { createDecide } from '../../activities/decide';
import { activateBundle } from '../../db/activate-bundle';
import { BUNDLE, digest, seedAction, seedTenant } from '../helpers/seed';
import { createWorkshop } from '../helpers/workshop';
import { createWorld, type World } from '../helpers/world';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());

it('X30 a worker that still holds an older bundle decides nothing, and holds no budget under its limits', async () => {
  const tenant = await seedTenant(world);
  const { actionId } = await seedAction(world, tenant);
  const newer = { digest: digest('c'), version: BUNDLE.version + 1 };
  expect(await activateBundle(world.worker, newer, '{}')).toBe('active');
  const workshop = createWorkshop(world);
  await expect(createDecide(workshop.deps)({ tenant, actionId })).rejects.toMatchObject({ type: 'bundle_stale' });
  expect(await world.rows('select from decisions where tenant = $1', [tenant])).toEqual([]);
  expect(await world.rows('select from reservations where tenant = $1', [tenant])).toEqual([]);
  workshop.policy.bundleDigest = newer.digest;
  expect(await createDecide(workshop.deps)({ tenant, actionId })).toMatchObject({ kind: 'allowed' });
});
