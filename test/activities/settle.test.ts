import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { createSettle, type Settling } from '../../activities/settle';
import { createUndoStep } from '../../activities/undo-step';
import { findAction } from '../../db/find-action';
import { type Behaviour } from '../helpers/fake-target';
import { seedAction, type SeededAction, TYPE } from '../helpers/seed';
import { DENY, TWO_STEPS } from '../helpers/workshop';
import { tenant, workshop, world } from '../helpers/own-workshop';

const settle = (
  { actionId }: SeededAction,
  stopped: Settling['stopped'],
  ...codes: string[]
): Promise<{ state: string }> => createSettle(workshop.deps)({ tenant, actionId, stopped, codes });
const perform = ({ actionId }: SeededAction, stepId: string): Promise<unknown> =>
  createPerformStep(workshop.deps)({ tenant, actionId, stepId });
const undo = ({ actionId }: SeededAction, stepId: string): Promise<unknown> =>
  createUndoStep(workshop.deps)({ tenant, actionId, stepId });
const outcome = async ({ actionId }: SeededAction): Promise<unknown> =>
  (await world.as('gateway', tenant, (client) => findAction(client, tenant, actionId)))?.outcome;
const settledEntries = (): Promise<{ ending: string }[]> =>
  world.rows(
    `select leaf::json -> 'entry' ->> 'ending' as ending from ledger where tenant = $1 and key like '%/settled'`,
    [tenant],
  );
const budget = (): Promise<object[]> =>
  world.rows('select held_minor::integer as held, spent_minor::integer as spent from budgets where tenant = $1', [
    tenant,
  ]);

async function decided(): Promise<SeededAction> {
  const action = await seedAction(world, tenant, { type: { ...TYPE, id: TWO_STEPS.id } });
  await createDecide(workshop.deps)({ tenant, actionId: action.actionId });
  return action;
}

describe('an action ends as its rows say', () => {
  it('executed, when every step is done: its budget is spent, and its results are told', async () => {
    const action = await decided();
    await perform(action, 'book');
    await perform(action, 'pay');
    expect([await settle(action, null), await settle(action, null)]).toEqual([
      { state: 'executed' },
      { state: 'executed' },
    ]);
    expect(await budget()).toEqual([{ held: 0, spent: 500 }]);
    expect(await outcome(action)).toMatchObject({
      kind: 'executed',
      result: { book: { amountMinor: 500 }, pay: { amountMinor: 500 } },
    });
    expect(await settledEntries()).toEqual([{ ending: 'executed' }]);
  });

  it('X77 undone, when a workflow claims a success of which there is no row', async () => {
    const action = await decided();
    expect(await settle(action, null)).toEqual({ state: 'undone' });
    expect(await budget()).toEqual([{ held: 0, spent: 0 }]);
  });

  it('X77 stuck, when a workflow claims a success of which there is half', async () => {
    const action = await decided();
    await perform(action, 'book');
    expect(await settle(action, null)).toEqual({ state: 'undo_stuck' });
    expect(await budget()).toEqual([{ held: 0, spent: 500 }]);
  });

  it.each<Behaviour>(['loses the reply', 'does something else'])(
    'X77 stuck, when a workflow claims a success and its target %s',
    async (behaviour) => {
      const action = await decided();
      await perform(action, 'book');
      workshop.target.behaviours = [behaviour];
      await perform(action, 'pay');
      expect(await settle(action, null)).toEqual({ state: 'undo_stuck' });
    },
  );

  it.each(['denied', 'rejected', 'expired', 'cancelled', 'failed'] as const)(
    'X77 stuck, when a workflow says %s and something stands',
    async (stopped) => {
      const action = await decided();
      await perform(action, 'book');
      expect(await settle(action, stopped)).toEqual({ state: 'undo_stuck' });
    },
  );

  it('I14 undone, when everything that was done is undone', async () => {
    const action = await decided();
    await perform(action, 'book');
    workshop.target.behaviours = ['refuses'];
    await perform(action, 'pay');
    await undo(action, 'pay');
    await undo(action, 'book');
    expect(await settle(action, 'failed', 'target_refused')).toEqual({ state: 'undone' });
    expect(await budget()).toEqual([{ held: 0, spent: 0 }]);
    expect(await outcome(action)).toMatchObject({ kind: 'undone', reasons: [{ code: 'target_refused' }] });
  });

  it.each(['rejected', 'expired', 'cancelled'] as const)(
    '%s, when nothing was begun: its budget is given back',
    async (stopped) => {
      const action = await decided();
      expect(await settle(action, stopped)).toEqual({ state: stopped });
      expect(await budget()).toEqual([{ held: 0, spent: 0 }]);
    },
  );

  it('undone, with the words of what stopped it between two steps, in its outcome and in the ledger', async () => {
    const action = await decided();
    await perform(action, 'book');
    workshop.policy.decision = DENY;
    expect(await perform(action, 'pay')).toMatchObject({ kind: 'stopped', stopped: 'denied', code: 'policy_denied' });
    await undo(action, 'book');
    expect(await settle(action, 'denied', 'policy_denied')).toEqual({ state: 'undone' });
    expect(await outcome(action)).toMatchObject({ kind: 'undone', reasons: [{ code: 'too_much' }] });
    const codes = `select leaf::json -> 'entry' -> 'codes' as codes from ledger where tenant = $1 and key like '%/settled'`;
    expect(await world.rows(codes, [tenant])).toEqual([{ codes: ['too_much'] }]);
  });

  it('denied, with the words of the policy that denied it', async () => {
    workshop.policy.decision = DENY;
    const action = await decided();
    expect(await settle(action, 'denied', 'policy_denied')).toEqual({ state: 'denied' });
    expect(await outcome(action)).toEqual({
      kind: 'denied',
      say: 'This was not done: the policy does not allow it. It is too much. Ask for less.',
      reasons: [{ code: 'too_much', message: 'It is too much.', remedy: 'Ask for less.' }],
    });
  });
});

it('the first ending stands, whatever is claimed later', async () => {
  const action = await decided();
  await settle(action, 'expired', 'approval_expired');
  expect(await settle(action, null)).toEqual({ state: 'expired' });
  expect(await settle(action, 'cancelled')).toEqual({ state: 'expired' });
  expect(await settledEntries()).toEqual([{ ending: 'expired' }]);
});

it('X77 what an ended action did is not undone any more', async () => {
  const action = await decided();
  await perform(action, 'book');
  await perform(action, 'pay');
  await settle(action, null);
  expect(await undo(action, 'pay')).toEqual({ kind: 'stuck', revoked: true });
  expect(workshop.target.calls.map(({ operation }) => operation)).toEqual(['bookIt', 'payIt']);
});

it('X66 twenty workers that settle it at once give its budget back once', async () => {
  const action = await decided();
  await Promise.all(Array.from({ length: 20 }, () => settle(action, 'cancelled')));
  expect(await budget()).toEqual([{ held: 0, spent: 0 }]);
  expect(await settledEntries()).toHaveLength(1);
});

it('I5 the ledger hears of an ending with the ending itself, whatever becomes of the worker', async () => {
  const action = await decided();
  workshop.dieAt = 'settle:after-commit';
  await expect(settle(action, 'cancelled', 'cancelled_on_request')).rejects.toThrow('died');
  expect(await settledEntries()).toEqual([{ ending: 'cancelled' }]);
  expect(await settle(action, 'cancelled', 'cancelled_on_request')).toEqual({ state: 'cancelled' });
  expect(await settledEntries()).toEqual([{ ending: 'cancelled' }]);
});

it('X76 an id that somebody made up ends as denied, and nothing is written', async () => {
  const made = 'act-00000000-0000-0000-0000-000000000000';
  expect(await createSettle(workshop.deps)({ tenant, actionId: made, stopped: null, codes: [] })).toEqual({
    state: 'denied',
  });
  expect(await world.rows('select from ledger where tenant = $1', [tenant])).toEqual([]);
});
