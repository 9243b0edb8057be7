import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { createReconcileStep } from '../../activities/reconcile-step';
import { createRevokeGrants } from '../../activities/revoke-grants';
import { createUndoStep } from '../../activities/undo-step';
import { DENY } from '../helpers/workshop';
import { seedAction } from '../helpers/seed';
import { tenant, workshop, world } from '../helpers/own-workshop';

/* Credentials that their own attempt could not end. Whoever works on the step says so, until they are dead; a workflow that was told otherwise would end. */

const LIVE = { kind: 'live', code: 'target_busy' } as const;
let ref: { readonly tenant: string; readonly actionId: string; readonly stepId: string };
beforeEach(async () => {
  const { actionId } = await seedAction(world, tenant);
  ref = { tenant, actionId, stepId: 'pay' };
  await createDecide(workshop.deps)(ref);
});

const perform = (): Promise<object> => createPerformStep(workshop.deps)(ref);
const reconcile = (): Promise<object> => createReconcileStep(workshop.deps)(ref);
const undo = (): Promise<object> => createUndoStep(workshop.deps)(ref);
const revoke = (): Promise<void> => createRevokeGrants(workshop.deps)(ref);
/** Neither it nor the try right after it ends the next credential. */
const leaveAlive = (): void => void workshop.target.revocations.push(LIVE, LIVE);

describe('G2 a credential of an earlier attempt is told of', () => {
  beforeEach(() => {
    leaveAlive();
    workshop.target.behaviours = ['is busy'];
  });

  it('when the next attempt is done, and when that is looked at again', async () => {
    const done = { kind: 'done', revoked: false };
    expect([await perform(), await perform(), await reconcile()]).toEqual([done, done, done]);
    expect(await world.rows(`select grant_id from grants where tenant = $1 and state <> 'revoked'`, [tenant])).toEqual([
      { grant_id: `${ref.actionId}.pay.do.1` },
    ]);
    await revoke();
    expect(await perform()).toEqual({ kind: 'done', revoked: true });
  });

  it('when the next attempt is refused, when that is looked at again, and when there is nothing to undo', async () => {
    workshop.target.behaviours.push('refuses');
    const failed = { kind: 'failed', code: 'target_refused', revoked: false };
    expect([await perform(), await perform()]).toEqual([failed, failed]);
    expect(await undo()).toEqual({ kind: 'undone', revoked: false });
    await revoke();
    expect(await undo()).toEqual({ kind: 'undone', revoked: true });
  });

  it('when nobody knows what became of the next attempt, and when the target says so', async () => {
    workshop.target.behaviours.push('loses the reply');
    expect(await perform()).toEqual({ kind: 'unknown', revoked: false });
    expect(await reconcile()).toEqual({ kind: 'done', revoked: false });
  });

  it.each([
    ['policy says no', () => void (workshop.policy.decision = DENY), { kind: 'stopped', code: 'policy_denied' }],
    [
      'its type left the catalogue',
      () => void (workshop.policy.catalogue = { ...workshop.policy.catalogue, actionTypes: {} }),
      { kind: 'stopped', code: 'policy_changed' },
    ],
    [
      'the world changed',
      () => void (workshop.target.facts['vendorById'] = { kind: 'missing' }),
      { kind: 'reconsider' },
    ],
    [
      'its agent is paused',
      () => world.rows(`update agents set state = 'paused' where tenant = $1`, [tenant]),
      { kind: 'held' },
    ],
  ])('when the next one does not begin, as %s', async (_, change, stop) => {
    const { pause } = workshop.deps;
    const changing = {
      ...workshop.deps,
      pause: async (ms: number) => {
        // That between two attempts, and not the one before a credential is ended once more.
        if (ms >= 500) await change();
        await pause(ms);
      },
    };
    expect(await createPerformStep(changing)(ref)).toMatchObject({ ...stop, revoked: false });
    await revoke();
    expect(await perform()).not.toHaveProperty('revoked');
  });
});

it('G2 a credential that is alive is told of to a workflow that is begun anew', async () => {
  leaveAlive();
  await perform();
  const decide = (): Promise<object> => createDecide(workshop.deps)(ref);
  expect(await decide()).toMatchObject({ begun: ['pay'], live: true });
  await revoke();
  expect(await decide()).not.toHaveProperty('live');
});

describe('G2 a credential that is still alive is told of by whoever undoes a step', () => {
  it('that was undone before', async () => {
    await perform();
    workshop.target.revocations = [LIVE];
    const undone = { kind: 'undone', revoked: false };
    expect([await undo(), await undo()]).toEqual([undone, undone]);
    await revoke();
    expect(await undo()).toEqual({ kind: 'undone', revoked: true });
  });

  it('also where that of the step itself is', async () => {
    leaveAlive();
    await perform();
    expect(await undo()).toEqual({ kind: 'undone', revoked: false });
  });

  it('that its target refused to undo', async () => {
    await perform();
    workshop.target.revocations = [LIVE];
    workshop.target.behaviours = ['refuses'];
    const stuck = { kind: 'stuck', revoked: false };
    expect([await undo(), await undo()]).toEqual([stuck, stuck]);
    await revoke();
    expect(await undo()).toEqual({ kind: 'stuck', revoked: true });
  });
});
