import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { createReadVerdict } from '../../activities/read-verdict';
import { createRevokeGrants } from '../../activities/revoke-grants';
import { createSettle } from '../../activities/settle';
import { createUndoStep } from '../../activities/undo-step';
import { type StepRef } from '../../activities/deps';
import { governedAction } from '../../workflows/governed-action';
import { tenant, workshop, world } from '../helpers/own-workshop';
import { seedAction } from '../helpers/seed';
import { ALLOW, ask, DENY, TWO_STEPS } from '../helpers/workshop';

/*
 * The workflow's own code over the real activities and a real database, twice: a first run dies half-way through its undoing and is forgotten, as
 * where Temporal's database is lost, and a second one, which remembers nothing, is begun for the same action.
 */
const mockActivities: Record<string, (ref: never) => Promise<unknown>> = {};
jest.mock('../../workflows/proxies', () => {
  const each = (name: string): unknown => {
    const call = async (ref: never): Promise<unknown> => await mockActivities[name]?.(ref);
    return Object.assign(call, { executeWithOptions: async (_: object, [ref]: [never]) => await call(ref) });
  };
  const queue = new Proxy({}, { get: (_, name: string) => each(name) });
  return { deciding: queue, effects: queue, control: queue, access: queue };
});
jest.mock('@temporalio/workflow', () => ({
  // Whoever waits with a deadline waits for somebody: for people, or for an agent to be resumed.
  condition: (_: () => boolean, ms?: number) => {
    if (ms !== undefined) throw new Error('it waits for somebody');
  },
  CancellationScope: { nonCancellable: <T>(run: () => T): T => run() },
  allHandlersFinished: () => true,
  ...{
    defineQuery: (name: string) => name,
    defineSignal: (name: string) => name,
    defineUpdate: (name: string) => name,
  },
  ...{ setHandler: () => undefined, setCurrentDetails: () => undefined, upsertSearchAttributes: () => undefined },
}));

it.each<readonly [string, () => unknown]>([
  ['its agent is paused', () => world.rows(`update agents set state = 'paused' where tenant = $1`, [tenant])],
  [
    'its world changed, and policy would have people asked',
    () => {
      workshop.target.facts['vendorById'] = { kind: 'found', fact: { iban: 'DE02' } };
      workshop.policy.decision = ask('finance-1');
    },
  ],
])('X64 what a run before it began to undo is undone by the next, though %s by then', async (_, change) => {
  const { deps, target, policy } = workshop;
  Object.assign(mockActivities, {
    decide: createDecide(deps),
    readVerdict: createReadVerdict(deps),
    performStep: createPerformStep(deps),
    undoStep: createUndoStep(deps),
    revokeGrants: createRevokeGrants(deps),
    settle: createSettle(deps),
  });
  const type = { ...TWO_STEPS, effect: 'compensable', lane: 'brokered' } as const;
  const action = { tenant, actionId: (await seedAction(world, tenant, { type })).actionId };

  const dying = createPerformStep(deps);
  mockActivities['performStep'] = async (ref: StepRef) => {
    if (ref.stepId === 'pay') policy.decision = DENY;
    return await dying(ref);
  };
  workshop.dieAt = 'undoStep.begin:after-commit';
  await expect(governedAction(action)).rejects.toThrow('died at undoStep.begin:after-commit');
  expect(target.calls.map(({ operation }) => operation)).toEqual(['bookIt']);

  mockActivities['performStep'] = dying;
  policy.decision = ALLOW;
  await change();
  expect(await governedAction(action)).toEqual({ state: 'undone' });
  expect(target.calls.map(({ operation }) => operation)).toEqual(['bookIt', 'unbookIt']);
  expect(await world.rows('select from approval_requests where tenant = $1', [tenant])).toEqual([]);
  expect(await world.rows('select round from action_rounds where tenant = $1', [tenant])).toEqual([{ round: 1 }]);
});
