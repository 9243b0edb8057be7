import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { type StepResult } from '../../activities/results';
import { createReconcileStep } from '../../activities/reconcile-step';
import { createSettle } from '../../activities/settle';
import { createUndoStep } from '../../activities/undo-step';
import { activateBundle } from '../../db/activate-bundle';
import { BUNDLE, digest, seedAction, type SeededAction, seedTenant } from '../helpers/seed';
import { createWorkshop, type Workshop } from '../helpers/workshop';
import { createWorld, type World } from '../helpers/world';

let world: World;
let tenant: string;
let workshop: Workshop;
// A world of its own for each: bundles are the deployment's, not a tenant's.
beforeEach(async () => {
  world = await createWorld();
  tenant = await seedTenant(world);
  workshop = createWorkshop(world);
});
afterEach(() => world.close());

const ref = ({ actionId }: SeededAction): { tenant: string; actionId: string; stepId: string } => ({
  tenant,
  actionId,
  stepId: 'pay',
});
const perform = (action: SeededAction): Promise<StepResult> => createPerformStep(workshop.deps)(ref(action));

async function allowed(): Promise<SeededAction> {
  const action = await seedAction(world, tenant);
  await createDecide(workshop.deps)(ref(action));
  return action;
}

/** A new bundle comes into force that no longer has the action type; the old one is kept in Postgres. */
async function replaceBundle(): Promise<void> {
  const { policy } = workshop;
  const next = { digest: digest('c'), version: BUNDLE.version + 1 };
  expect(await activateBundle(world.worker, next, '{}')).toBe('active');
  workshop.earlier[BUNDLE.digest] = policy.catalogue;
  policy.catalogue = { ...policy.catalogue, actionTypes: {} };
  policy.bundleDigest = next.digest;
}

describe('an action whose type left the catalogue', () => {
  it('does not begin any more', async () => {
    const action = await allowed();
    await replaceBundle();
    expect(await perform(action)).toEqual({ kind: 'stopped', stopped: 'denied', code: 'policy_changed' });
    expect(workshop.target.calls).toEqual([]);
  });

  it('X62 is still asked after, by the catalogue that it was decided under', async () => {
    const action = await allowed();
    workshop.target.behaviours = ['loses the reply'];
    expect(await perform(action)).toMatchObject({ kind: 'unknown' });
    await replaceBundle();
    expect(await createReconcileStep(workshop.deps)(ref(action))).toEqual({ kind: 'done', revoked: true });
    expect(await createSettle(workshop.deps)({ ...ref(action), stopped: null, codes: [] })).toEqual({
      state: 'executed',
    });
  });

  it('I14 is still undone', async () => {
    const action = await allowed();
    expect(await perform(action)).toMatchObject({ kind: 'done' });
    await replaceBundle();
    expect(await createUndoStep(workshop.deps)(ref(action))).toEqual({ kind: 'undone', revoked: true });
  });
});

it('X13 parameters that were changed behind everybody’s back are not sent', async () => {
  const action = await allowed();
  await world.superuser.query(
    `update actions set params = params || '{"amountMinor": 999}' where tenant = $1 and action = $2`,
    [tenant, action.actionId],
  );
  expect(await perform(action)).toEqual({ kind: 'stopped', stopped: 'denied', code: 'digest_mismatch' });
  expect(workshop.target.calls).toEqual([]);
});
