import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { createUndoStep } from '../../activities/undo-step';
import { seedAction, seedTenant } from '../helpers/seed';
import { createWorkshop, TWO_STEPS } from '../helpers/workshop';
import { createWorld, type World } from '../helpers/world';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());

it('I14 a step is undone on the facts and the digest that it was done on, whatever was decided since', async () => {
  const tenant = await seedTenant(world);
  const workshop = createWorkshop(world);
  const action = await seedAction(world, tenant, { type: { ...TWO_STEPS, effect: 'compensable', lane: 'brokered' } });
  const ref = { tenant, actionId: action.actionId };
  await createDecide(workshop.deps)(ref);
  expect(await createPerformStep(workshop.deps)({ ...ref, stepId: 'book' })).toMatchObject({ kind: 'done' });

  workshop.target.facts['vendorById'] = { kind: 'found', fact: { iban: 'DE99', status: 'active' } };
  expect(await createPerformStep(workshop.deps)({ ...ref, stepId: 'pay' })).toEqual({ kind: 'reconsider' });
  expect(await createUndoStep(workshop.deps)({ ...ref, stepId: 'book' })).toMatchObject({ kind: 'undone' });
  expect(workshop.target.calls.at(-1)).toMatchObject({
    digest: action.digest,
    values: { facts: { vendor: { iban: 'DE01' } } },
  });
});
