import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { createReadVerdict } from '../../activities/read-verdict';
import { createSettle } from '../../activities/settle';
import { createUndoStep } from '../../activities/undo-step';
import { seedAction, type SeededAction, vote } from '../helpers/seed';
import { ACTION_TYPE, ask } from '../helpers/workshop';
import { tenant, workshop, world } from '../helpers/own-workshop';

const ref = ({ actionId }: SeededAction) => ({ tenant, actionId, stepId: 'pay' });
const perform = (action: SeededAction) => createPerformStep(workshop.deps)(ref(action));
const settle = ({ actionId }: SeededAction) =>
  createSettle(workshop.deps)({ tenant, actionId, stopped: 'denied', codes: [] });

async function decided(): Promise<SeededAction> {
  const action = await seedAction(world, tenant);
  await createDecide(workshop.deps)({ tenant, actionId: action.actionId });
  return action;
}

it('I14 what stands when an action is settled has a task, whatever the workflow knew of it', async () => {
  const action = await decided();
  expect(await perform(action)).toMatchObject({ kind: 'done' });
  expect(await settle(action)).toEqual({ state: 'undo_stuck' });
  expect(await world.rows('select step, kind, state from tasks where tenant = $1', [tenant])).toEqual([
    { step: 'pay', kind: 'undo_stuck', state: 'open' },
  ]);
});

it('X16 a denial after the end of a countersigned action is told that it came too late', async () => {
  workshop.policy.decision = ask('finance-1');
  const action = await decided();
  expect(await vote(world, action, 'bob')).toBe('recorded');
  expect(await createReadVerdict(workshop.deps)({ tenant, actionId: action.actionId })).toEqual({ kind: 'approved' });
  await settle(action);
  expect(await vote(world, action, 'carol', { choice: 'deny' })).toBe('approval_closed');
});

it('I14 an undoing does not begin beside the end of its action', async () => {
  const action = await decided();
  expect(await perform(action)).toMatchObject({ kind: 'done' });
  let undoing: Promise<unknown> | undefined;
  await world.as('worker', tenant, async (client) => {
    await client.query(
      `update actions set state = 'executed', outcome = '{}', settled_at = now() where tenant = $1 and action = $2`,
      [tenant, action.actionId],
    );
    undoing = createUndoStep(workshop.deps)(ref(action)).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 300));
  });
  expect(await undoing).toMatchObject({ kind: 'stuck' });
  expect(await world.rows('select state from actions where tenant = $1', [tenant])).toEqual([{ state: 'executed' }]);
  expect(workshop.target.calls.map(({ operation }) => operation)).toEqual(['payIt']);
});

it('X53 I4 a credential that may live for a second only is used sooner, and its row outlives it', async () => {
  const { catalogue } = workshop.policy;
  const brief = { ...ACTION_TYPE, grantTtlMs: 1_000 };
  workshop.policy.catalogue = { ...catalogue, actionTypes: { ...catalogue.actionTypes, [brief.id]: brief } };
  await perform(await decided());
  const [call] = workshop.target.calls;
  expect(call?.withinMs).toBeLessThanOrEqual(1_000);
  const [grant] = await world.rows<{ ms: number }>(
    'select extract(epoch from expires_at - created_at)::float8 * 1000 as ms from grants where tenant = $1',
    [tenant],
  );
  // A token's expiry is rounded up to a second, and the target's clock may lag one more behind.
  expect(grant?.ms).toBeGreaterThan((call?.withinMs ?? 0) + 1_900);
});
