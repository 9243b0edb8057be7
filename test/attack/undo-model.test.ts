import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import fc from 'fast-check';
import { createAskPerson } from '../../activities/ask-person';
import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { createReconcileStep } from '../../activities/reconcile-step';
import { createRevokeGrants } from '../../activities/revoke-grants';
import { createSettle } from '../../activities/settle';
import { createUndoStep } from '../../activities/undo-step';
import { type Step } from '../../domain/documents';
import { type Behaviour } from '../helpers/fake-target';
import { seedAction, seedTenant } from '../helpers/seed';
import { createWorkshop, TWO_STEPS, type Workshop } from '../helpers/workshop';
import { createWorld, type World } from '../helpers/world';
import { performSteps } from '../../workflows/perform-steps';
import { type Progress } from '../../workflows/progress';
import { revokeWhatLives, undoWhatWasDone } from '../../workflows/take-back';

/*
 * The workflow's own code over the real activities and a real database, with a target that fails as it is told and a worker that dies at any
 * fault point. Only Temporal is played: it runs an activity again until it has an answer, or gives up.
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
jest.mock('@temporalio/workflow', () => ({ condition: () => Promise.resolve(false), patched: () => true }));

/** Temporal gives an effect ten minutes; a target that is away for longer than this many attempts is away for good. */
const ATTEMPTS = 12;

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());

const [book, pay] = TWO_STEPS.steps as [Step, Step];
const THREE = {
  ...TWO_STEPS,
  id: 'pay.thrice',
  steps: [book, pay, { ...pay, id: 'tell', do: 'tellIt', undo: 'untellIt' }],
};

interface Weather {
  readonly behaviours: readonly Behaviour[];
  readonly unanswered: number;
  readonly live: number;
  /** Which of the fault points that are passed kill the worker. */
  readonly deaths: readonly number[];
}

const weather = fc.record<Weather>({
  behaviours: fc.array(
    fc.constantFrom<Behaviour>(
      ...([
        'does it',
        'does it',
        'is busy',
        'refuses',
        'loses the reply',
        'loses the request',
        'does something else',
      ] as const),
    ),
    { maxLength: 12 },
  ),
  unanswered: fc.nat(4),
  live: fc.nat(4),
  deaths: fc.uniqueArray(fc.nat(40), { maxLength: 4 }),
});

function play(workshop: Workshop, { deaths }: Weather): void {
  let passed = 0;
  const deps = {
    ...workshop.deps,
    fault: async (point: string): Promise<void> => {
      if (deaths.includes(passed++)) throw new Error(`died at ${point}`);
    },
  };
  const again = (run: (ref: never) => Promise<unknown>, attempts: number) => async (ref: never) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run(ref);
      } catch (error) {
        if (error instanceof ApplicationFailure && error.nonRetryable === true) throw error;
        if (attempt >= attempts) throw new ActivityFailure('gave up', 'a', '1', 'TIMEOUT', 'worker', error as Error);
      }
    }
  };
  Object.assign(mockActivities, {
    performStep: again(createPerformStep(deps), ATTEMPTS),
    reconcileStep: again(createReconcileStep(deps), ATTEMPTS),
    undoStep: again(createUndoStep(deps), ATTEMPTS),
    askPerson: again(createAskPerson(deps), Infinity),
    revokeGrants: again(createRevokeGrants(deps), Infinity),
    settle: again(createSettle(deps), Infinity),
    decide: again(createDecide(deps), Infinity),
  });
}

const newProgress = (): Progress => ({
  ...{ begun: new Set(), done: new Set(), liveGrants: false, wakes: () => 0 },
  ...{ decidedUnder: () => undefined, enter: () => undefined, answer: (state) => ({ state }) },
});

it('X64 I14 whatever fails and whoever dies: nothing is done twice, what is undone is undone once and in reverse, and what stands has a person', async () => {
  const endings = new Set<string>();
  await fc.assert(
    fc.asyncProperty(weather, async (given) => {
      const tenant = await seedTenant(world);
      const workshop = createWorkshop(world);
      const { catalogue } = workshop.policy;
      const budgets = { [THREE.id]: { window: 'P1D', limits: { finance: { EUR: 1_000 } } } };
      workshop.policy.catalogue = { ...catalogue, actionTypes: { [THREE.id]: THREE }, data: { budgets } };
      const { target } = workshop;
      target.behaviours = [...given.behaviours];
      target.statuses = Array.from({ length: given.unanswered }, () => ({ kind: 'unanswered', code: 'no_answer' }));
      target.revocations = Array.from({ length: given.live }, () => ({ kind: 'live', code: 'target_busy' }));
      play(workshop, given);
      const { actionId } = await seedAction(world, tenant, {
        type: { ...THREE, effect: 'compensable', lane: 'brokered' },
      });
      const action = { tenant, actionId };

      // As in `governedAction`.
      const decided = (await mockActivities['decide']?.(action as never)) as {
        steps: { id: string; summary: string }[];
      };
      const progress = newProgress();
      const performed = await performSteps(action, decided.steps, progress);
      if (performed.kind === 'reconsider') throw new Error('nothing changed');
      if (performed.kind === 'stopped') await undoWhatWasDone(action, progress);
      await revokeWhatLives(action, progress);
      const ended = performed.kind === 'stopped' ? performed : { stopped: null, codes: [] };
      const { state } = (await mockActivities['settle']?.({ ...action, ...ended } as never)) as { state: string };
      endings.add(state);

      // What the target saw, against what is said.
      const seen = target.happened.map((key) => key.split('/').slice(2).join(' '));
      const does = seen.filter((effect) => effect.endsWith(' do')).map((effect) => effect.split(' ')[0]);
      const undoes = [
        ...new Set(seen.filter((effect) => effect.endsWith(' undo')).map((effect) => effect.split(' ')[0])),
      ];
      expect(does).toEqual(THREE.steps.map(({ id }) => id).slice(0, does.length));
      expect(undoes).toEqual([...does].reverse().filter((step) => undoes.includes(step)));
      if (undoes.length > 0)
        expect(seen.findIndex((effect) => effect.endsWith(' undo'))).toBeGreaterThanOrEqual(does.length);
      const standing = does.filter((step) => !undoes.includes(step));
      const tasks = (
        await world.rows<{ step: string }>(`select distinct step from tasks where tenant = $1 and state = 'open'`, [
          tenant,
        ])
      ).map(({ step }) => step);
      if (state === 'executed') expect(standing).toHaveLength(THREE.steps.length);
      else for (const step of standing) expect([state, tasks]).toEqual(['undo_stuck', expect.arrayContaining([step])]);
      const held = await world.rows<{ state: string }>('select state from reservations where tenant = $1', [tenant]);
      expect(held).toEqual([{ state: state === 'undone' ? 'released' : 'spent' }]);
    }),
    { numRuns: 40 },
  );
  // The weather was bad enough to see each of them.
  expect([...endings].sort()).toEqual(['executed', 'undo_stuck', 'undone']);
}, 120_000);
