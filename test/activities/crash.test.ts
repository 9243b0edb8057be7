import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { type StepResult } from '../../activities/results';
import { createUndoStep } from '../../activities/undo-step';
import { type Behaviour } from '../helpers/fake-target';
import { seedAction, type SeededAction } from '../helpers/seed';
import { tenant, workshop, world } from '../helpers/own-workshop';

const run = ({ actionId }: SeededAction): Promise<StepResult> =>
  createPerformStep(workshop.deps)({ tenant, actionId, stepId: 'pay' });
const undo = ({ actionId }: SeededAction): Promise<object> =>
  createUndoStep(workshop.deps)({ tenant, actionId, stepId: 'pay' });

async function allowed(): Promise<SeededAction> {
  const action = await seedAction(world, tenant);
  await createDecide(workshop.deps)({ tenant, actionId: action.actionId });
  return action;
}

/** Runs as Temporal would: again after each death. */
async function untilItAnswers<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; tries < 5; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Error) || !/^died at|did not take the undo/.test(error.message)) throw error;
    }
  }
  throw new Error('it never answered');
}

const DO_POINTS = [
  'readFact:after-external',
  'preflight.begin:before-commit',
  'preflight.begin:after-commit',
  'execute:after-external',
  'revoke:after-external',
  'recordEnd:before-commit',
  'recordEnd:after-commit',
];
const UNDO_POINTS = [
  'undoStep.begin:before-commit',
  'undoStep.begin:after-commit',
  'undo:after-external',
  'recordEnd:before-commit',
  'recordEnd:after-commit',
];

async function expectOnce(kind: 'do' | 'undo'): Promise<void> {
  const rows = await world.rows<{ state: string; code: string | null }>(
    'select state, code from effects where tenant = $1 and kind = $2',
    [tenant, kind],
  );
  expect(rows).toEqual([{ state: 'done', code: null }]);
  expect(await world.rows(`select from grants where tenant = $1 and state <> 'revoked'`, [tenant])).toEqual([]);
  const entries = await world.rows<{ event: string; attempt: number }>(
    `select leaf::json -> 'entry' ->> 'event' as event, (leaf::json -> 'entry' ->> 'attempt')::integer as attempt
     from ledger where tenant = $1 and leaf::json -> 'entry' ->> 'kind' = $2 order by seq`,
    [tenant, kind],
  );
  // I5: each attempt has one beginning and one end, and one of them is done.
  const attempts = Math.max(...entries.map(({ attempt }) => attempt));
  expect(entries.filter(({ event }) => event === 'effect.begun')).toHaveLength(attempts);
  expect(entries.filter(({ event }) => event !== 'effect.begun' && event !== 'effect.unknown')).toHaveLength(attempts);
  expect(entries.filter(({ event }) => event === 'effect.done')).toEqual([{ event: 'effect.done', attempt: attempts }]);
  const grants = await world.rows<{ grants: number; ended: number }>(
    `select (select count(*)::integer from grants where tenant = $1) as grants, (select count(*)::integer from ledger where tenant = $1 and key like 'grant/%/ended') as ended`,
    [tenant],
  );
  expect(grants[0]?.ended).toBe(grants[0]?.grants);
}

describe('a worker that dies while it performs a step', () => {
  it('passes each of these points', async () => {
    const action = await allowed();
    workshop.passed.length = 0;
    await run(action);
    expect(workshop.passed).toEqual(DO_POINTS);
  });

  const behaviours: readonly Behaviour[] = ['does it', 'loses the reply', 'loses the request', 'is busy'];
  it.each(DO_POINTS.flatMap((point) => behaviours.map((behaviour) => [point, behaviour] as const)))(
    'I2 I5 at %s, its target %s: the effect happens once, and all of it is written down once',
    async (point, behaviour) => {
      const action = await allowed();
      workshop.dieAt = point;
      workshop.target.behaviours = [behaviour];
      let result = await untilItAnswers(() => run(action));
      if (result.kind === 'unknown') result = await run(action);
      expect(result).toEqual({ kind: 'done', revoked: true });
      expect(workshop.target.happened).toHaveLength(1);
      await expectOnce('do');
    },
  );

  it('while it looks what became of the last one, looks again', async () => {
    const action = await allowed();
    workshop.target.behaviours = ['loses the reply'];
    await run(action);
    workshop.dieAt = 'status:after-external';
    await expect(run(action)).rejects.toThrow();
    expect(await run(action)).toEqual({ kind: 'done', revoked: true });
    expect(workshop.target.happened).toHaveLength(1);
    expect(workshop.target.calls).toHaveLength(1);
  });
});

it('X62 of four workers that perform one step at once, one sends it', async () => {
  const action = await allowed();
  const patient = { ...workshop.deps, pause: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)) };
  const perform = createPerformStep(patient);
  const results = await Promise.all(
    Array.from({ length: 4 }, () => perform({ tenant, actionId: action.actionId, stepId: 'pay' })),
  );
  expect(results).toEqual(results.map(() => ({ kind: 'done', revoked: true })));
  expect(workshop.target.calls).toHaveLength(1);
});

describe('a worker that dies while it undoes a step', () => {
  it.each(
    UNDO_POINTS.flatMap((point) =>
      (['does it', 'loses the reply', 'is busy'] as const).map((behaviour) => [point, behaviour] as const),
    ),
  )('I14 at %s, its target %s: sends the same key again, and the row says undone', async (point, behaviour) => {
    const action = await allowed();
    await run(action);
    workshop.dieAt = point;
    workshop.target.behaviours = [behaviour];
    expect(await untilItAnswers(() => undo(action))).toEqual({ kind: 'undone', revoked: true });
    const undos = workshop.target.calls.filter(({ operation }) => operation === 'unpayIt');
    expect(new Set(undos.map(({ values }) => values.key))).toEqual(new Set([`${tenant}/${action.actionId}/pay/undo`]));
    await expectOnce('undo');
  });
});
