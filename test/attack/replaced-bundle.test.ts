import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { createReadVerdict } from '../../activities/read-verdict';
import { createSettle } from '../../activities/settle';
import { activateBundle } from '../../db/activate-bundle';
import { type Target } from '../../domain/documents';
import { digest, seedAction, type SeededAction, vote } from '../helpers/seed';
import { ACTION_TYPE, ask } from '../helpers/workshop';
import { tenant, workshop, world } from '../helpers/own-workshop';

/*
 * A new bundle is put in force while an action is on its way, and its action type is another version there, or gone.
 */

const ref = ({ actionId }: SeededAction) => ({ tenant, actionId, stepId: 'pay' });
const perform = (action: SeededAction) => createPerformStep(workshop.deps)(ref(action));
const decide = ({ actionId }: SeededAction) => createDecide(workshop.deps)({ tenant, actionId });
const settle = ({ actionId }: SeededAction) =>
  createSettle(workshop.deps)({ tenant, actionId, stopped: 'denied', codes: [] });

function replaceType(): void {
  const { catalogue } = workshop.policy;
  const next = { ...ACTION_TYPE, version: ACTION_TYPE.version + 1 };
  workshop.policy.catalogue = { ...catalogue, actionTypes: { ...catalogue.actionTypes, [next.id]: next } };
}

async function decided(): Promise<SeededAction> {
  const action = await seedAction(world, tenant);
  await decide(action);
  return action;
}

it('an action that has not begun is denied, its budget given back, and nobody can vote on it any more', async () => {
  workshop.policy.decision = ask('finance-1');
  const action = await decided();
  replaceType();
  expect(await decide(action)).toEqual({ kind: 'denied' });
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
  const { catalogue } = workshop.policy;
  workshop.earlier[workshop.policy.bundleDigest] = catalogue;
  const elsewhere: Target = { ...(catalogue.targets['bank'] as Target), address: 'http://elsewhere.invalid' };
  workshop.policy.catalogue = { ...catalogue, targets: { bank: elsewhere } };
  workshop.policy.bundleDigest = digest('c');
  await activateBundle(world.worker, { digest: digest('c'), version: 2 }, '{}');
  const result = await perform(action);
  expect(workshop.target.calls).toEqual([]);
  expect(result).toEqual({ kind: 'reconsider' });
});
