import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { createReadVerdict } from '../../activities/read-verdict';
import { createSettle } from '../../activities/settle';
import { activateBundle } from '../../db/activate-bundle';
import { type Target } from '../../domain/documents';
import { BUNDLE, digest, seedAction, type SeededAction, vote } from '../helpers/seed';
import { ACTION_TYPE, ask, type Workshop } from '../helpers/workshop';
import { tenant, workshop, world } from '../helpers/own-workshop';

/*
 * A new bundle is put in force while an action is on its way, and its action type is another version there, or gone.
 */

const ref = ({ actionId }: SeededAction) => ({ tenant, actionId, stepId: 'pay' });
const perform = (action: SeededAction) => createPerformStep(workshop.deps)(ref(action));
const decide = ({ actionId }: SeededAction) => createDecide(workshop.deps)({ tenant, actionId });
const settle = ({ actionId }: SeededAction) =>
  createSettle(workshop.deps)({ tenant, actionId, stopped: 'denied', codes: [] });

let { version } = BUNDLE;
const putInForce = (bundle: string): Promise<unknown> =>
  activateBundle(world.worker, { digest: bundle, version: ++version }, '{}');
beforeEach(async () => await putInForce(BUNDLE.digest));

/** Puts the next bundle in force, and gives it to the worker. */
async function replaceBundle(changes: Partial<Workshop['policy']['catalogue']>): Promise<void> {
  const { policy, earlier } = workshop;
  earlier[policy.bundleDigest] = policy.catalogue;
  policy.catalogue = { ...policy.catalogue, ...changes };
  policy.bundleDigest = digest('c');
  await putInForce(policy.bundleDigest);
}

async function decided(): Promise<SeededAction> {
  const action = await seedAction(world, tenant);
  await decide(action);
  return action;
}

it('an action that has not begun is denied, its budget given back, and nobody can vote on it any more', async () => {
  workshop.policy.decision = ask('finance-1');
  const action = await decided();
  await replaceBundle({ actionTypes: { [ACTION_TYPE.id]: { ...ACTION_TYPE, version: ACTION_TYPE.version + 1 } } });
  expect(await decide(action)).toMatchObject({ kind: 'asked' });
  expect(await perform(action)).toEqual({ kind: 'stopped', stopped: 'denied', code: 'policy_changed' });
  expect(workshop.target.calls).toEqual([]);
  expect(await settle(action)).toEqual({ state: 'denied' });
  expect(await world.rows('select state from reservations where tenant = $1', [tenant])).toEqual([
    { state: 'released' },
  ]);
  expect(await vote(world, action, 'bob')).toBe('approval_closed');
  expect(
    await world.rows(`select from ledger where tenant = $1 and key like 'approval/%/superseded'`, [tenant]),
  ).toHaveLength(1);
});

it('X13 a countersigned action whose step was given another operation since does not run it', async () => {
  workshop.policy.decision = ask('finance-1');
  const action = await decided();
  expect(await vote(world, action, 'bob')).toBe('recorded');
  expect(await createReadVerdict(workshop.deps)({ tenant, actionId: action.actionId })).toEqual({ kind: 'approved' });
  const bank = { ...workshop.policy.catalogue.targets['bank'], address: 'http://elsewhere.invalid' } as Target;
  await replaceBundle({ targets: { bank } });
  const result = await perform(action);
  expect(workshop.target.calls).toEqual([]);
  expect(result).toEqual({ kind: 'reconsider' });
});
