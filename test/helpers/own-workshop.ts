import { seedTenant } from './seed';
import { createWorkshop, type Workshop } from './workshop';
import { createWorld, type World } from './world';

/*
 * What a file of tests of activities works with. Whoever imports it has a database of the file's own, and for each test a
 * tenant and a workshop that no other test has touched.
 */

export let world: World;
export let tenant: string;
export let workshop: Workshop;

beforeAll(async () => (world = await createWorld()));
beforeEach(async () => {
  tenant = await seedTenant(world);
  workshop = createWorkshop(world);
});
afterAll(() => world.close());
