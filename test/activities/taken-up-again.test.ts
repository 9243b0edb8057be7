import { createAskPerson } from '../../activities/ask-person';
import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { type StepResult } from '../../activities/results';
import { createUndoStep } from '../../activities/undo-step';
import { requestCancel } from '../../db/request-cancel';
import { LIMITS } from '../../domain/limits';
import { frozenWhile } from '../helpers/frozen-while';
import { moveFence } from '../helpers/move-fence';
import { seedAction } from '../helpers/seed';
import { tenant, workshop, world } from '../helpers/own-workshop';
import { DENY, TWO_STEPS } from '../helpers/workshop';

/* Whatever was left in the middle, and is looked at again. */

const decide = (actionId: string): Promise<object> => createDecide(workshop.deps)({ tenant, actionId });
const perform = (actionId: string, stepId: string, deps = workshop.deps): Promise<StepResult> =>
  createPerformStep(deps)({ tenant, actionId, stepId });
const cancelled = async (actionId: string): Promise<unknown> =>
  await world.as('gateway', tenant, (client) => requestCancel(client, tenant, actionId, 'agent:payer'));
const put = (state: string): Promise<object[]> =>
  world.rows('update agents set state = $2 where tenant = $1', [tenant, state]);
const move = (iban: string): void => void (workshop.target.facts['vendorById'] = { kind: 'found', fact: { iban } });
const operations = (): string[] => workshop.target.calls.map(({ operation }) => operation);

describe('X64 an action of which a step was undone', () => {
  async function undone(): Promise<string> {
    const type = { ...TWO_STEPS, effect: 'compensable', lane: 'brokered' } as const;
    const { actionId } = await seedAction(world, tenant, { type });
    expect(await decide(actionId)).not.toHaveProperty('begun');
    await perform(actionId, 'book');
    expect(await decide(actionId)).toMatchObject({ kind: 'allowed', begun: ['book'] });
    await createUndoStep(workshop.deps)({ tenant, actionId, stepId: 'book' });
    return actionId;
  }

  it.each<readonly [string, () => unknown]>([
    ['whatever holds', () => undefined],
    ['though its agent is paused', () => put('paused')],
    ['though its world changed', () => move('DE02')],
  ])('goes no further, %s, and says what has to be asked after', async (_, change) => {
    const actionId = await undone();
    await change();
    expect(await perform(actionId, 'pay')).toEqual({ kind: 'stopped', stopped: 'denied', code: 'action_closed' });
    expect(await decide(actionId)).toEqual({ kind: 'undoing', begun: ['book'] });
    expect(operations()).toEqual(['bookIt', 'unbookIt']);
    expect(await world.rows('select round from action_rounds where tenant = $1', [tenant])).toEqual([{ round: 1 }]);
  });
});

describe('a cancellation ends what its agent’s pause holds', () => {
  const held = { kind: 'held' };

  it('before a step began', async () => {
    const { actionId } = await seedAction(world, tenant);
    await decide(actionId);
    await put('paused');
    expect(await perform(actionId, 'pay')).toEqual(held);
    await cancelled(actionId);
    const stopped = { kind: 'stopped', stopped: 'cancelled', code: 'cancelled_on_request' };
    expect(await perform(actionId, 'pay')).toEqual(stopped);
    expect(workshop.target.calls).toEqual([]);
  });

  it('before it was decided: policy denies what a paused agent asks for', async () => {
    const { actionId } = await seedAction(world, tenant);
    await put('paused');
    expect(await decide(actionId)).toEqual(held);
    await cancelled(actionId);
    expect(await decide(actionId)).toEqual({ kind: 'denied' });
  });
});

it('X64 an action that a person was asked to undo, before anybody could, goes no further either', async () => {
  const type = { ...TWO_STEPS, effect: 'compensable', lane: 'brokered' } as const;
  const { actionId } = await seedAction(world, tenant, { type });
  await decide(actionId);
  await perform(actionId, 'book');
  await createAskPerson(workshop.deps)({ tenant, actionId, stepId: 'book', kind: 'undo_stuck' });
  expect(await decide(actionId)).toEqual({ kind: 'undoing', begun: ['book'] });
  expect(await perform(actionId, 'pay')).toMatchObject({ kind: 'stopped', code: 'action_closed' });
  await createAskPerson(workshop.deps)({ tenant, actionId, stepId: 'pay', kind: 'undo_stuck' });
  expect(await world.rows('select state, waiting_on as on from actions where tenant = $1', [tenant])).toEqual([
    { state: 'undoing', on: ['operators'] },
  ]);
  expect(operations()).toEqual(['bookIt']);
});

describe('a worker that was frozen while a twin began the step finds what became of it, though', () => {
  async function expectFound(
    actionId: string,
    { before, since }: { readonly before?: () => unknown; readonly since?: () => unknown },
  ): Promise<void> {
    const meanwhile = async (): Promise<void> => {
      await before?.();
      expect(await perform(actionId, 'pay')).toMatchObject({ kind: 'done' });
      await since?.();
    };
    expect(await perform(actionId, 'pay', frozenWhile(workshop, meanwhile))).toEqual({ kind: 'done', revoked: true });
    expect(operations()).toEqual(['payIt']);
  }

  it.each<readonly [string, (actionId: string) => unknown]>([
    ['somebody asked to cancel since', cancelled],
    ['its scope was fenced since', () => moveFence(world.superuser, tenant, 'tenant', true)],
    ['policy says no since', () => (workshop.policy.decision = DENY)],
  ])('%s', async (_, since) => {
    const { actionId } = await seedAction(world, tenant);
    await decide(actionId);
    await expectFound(actionId, { since: () => since(actionId) });
  });

  it('its world changed once more than it may', async () => {
    const { actionId } = await seedAction(world, tenant);
    await decide(actionId);
    for (let round = 1; round < LIMITS.rounds; round++) {
      move(`DE9${String(round)}`);
      expect(await perform(actionId, 'pay')).toEqual({ kind: 'reconsider' });
      await decide(actionId);
    }
    await expectFound(actionId, { since: () => move('DE02') });
  });

  it('its agent was paused when it looked', async () => {
    const { actionId } = await seedAction(world, tenant);
    await decide(actionId);
    await put('paused');
    await expectFound(actionId, { before: () => put('active') });
  });
});
