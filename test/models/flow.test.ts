import { type Settling } from '../../activities/settle';
import { ACTION_ENDINGS } from '../../domain/action';
import { governedAction } from '../../workflows/governed-action';
import { Machine } from './machine';
import { Outside } from './outside';

/*
 * The workflow's own code as a pure machine: its activities are played in memory, its clock jumps, and everything that fails does so by the seed.
 */
type Ref = Settling & { readonly stepId: string; readonly kind: string };
const mockNow: { machine?: Machine; outside?: Outside; wake?: () => void } = {};

jest.mock('@temporalio/workflow', () => ({
  patched: () => true,
  condition: (holds: () => boolean, ms?: number) => mockNow.machine?.condition(holds, ms),
  CancellationScope: { nonCancellable: <T>(run: () => T): T => run() },
  allHandlersFinished: () => true,
  defineQuery: (name: string) => name,
  defineSignal: (name: string) => name,
  defineUpdate: (name: string) => name,
  setHandler: (name: string, handler: () => void) => {
    if (name === 'wake') mockNow.wake = handler;
  },
  setCurrentDetails: () => undefined,
  upsertSearchAttributes: () => undefined,
}));
jest.mock('../../workflows/proxies', () => {
  const queue = (attempts: number): unknown =>
    new Proxy(
      {},
      {
        get: (_, name: string) => {
          const call = (ref: Ref): unknown => mockCall(name, ref, attempts);
          return Object.assign(call, { executeWithOptions: (_options: object, [ref]: [Ref]) => call(ref) });
        },
      },
    );
  return { deciding: queue(Infinity), effects: queue(5), control: queue(Infinity), access: queue(Infinity) };
});

function mockCall(name: string, ref: Ref, attempts: number): Promise<unknown> {
  const { machine, outside } = mockNow;
  if (machine === undefined || outside === undefined) throw new Error('nothing runs');
  const work: Readonly<Record<string, (execution: number) => unknown>> = {
    decide: () => outside.decide(),
    readVerdict: () => outside.readVerdict(),
    performStep: (execution) => outside.performStep(ref.stepId, execution),
    reconcileStep: () => outside.reconcileStep(ref.stepId),
    undoStep: () => outside.undoStep(ref.stepId),
    askPerson: () => outside.tasks.add(`${ref.kind}/${ref.stepId}`).size,
    revokeGrants: () => outside.revokeGrants(),
    settle: () => outside.settle(ref),
  };
  const named = ref.stepId === undefined ? name : `${name} ${ref.stepId}`;
  // The reaper ends credentials too; the workflow believes that this was done.
  return machine.activity(named, (execution) => work[name]?.(execution), {
    attempts,
    forgeable: name !== 'revokeGrants',
  });
}

const SEEDS = Array.from({ length: 500 }, (_, seed) => seed);

async function play(seed: number): Promise<{ state: string; outside: Outside; trace: string }> {
  const machine = new Machine(seed);
  const outside = new Outside(machine, () => mockNow.wake?.());
  Object.assign(mockNow, { machine, outside });
  const action = { tenant: 'demo', actionId: 'act-00000000-0000-4000-8000-000000000000' };
  const { state } = await machine.run(governedAction(action));
  return { state, outside, trace: machine.trace.join('\n') };
}

it('I1 I2 I3 I4 I14 under five hundred seeds of faults: leave before every effect, no effect twice, no credential left, and what stands is said', async () => {
  const endings = new Map<string, number>();
  for (const seed of SEEDS) {
    const { state, outside, trace } = await play(seed);
    const standing = outside.standing();
    const stuck = standing.filter((step) => outside.tasks.has(`undo_stuck/${step}`));
    const undone = outside.target.filter(({ kind }) => kind === 'undo').map(({ step }) => step);
    const about = `seed ${String(seed)}\n${trace}`;
    expect([about, outside.wrongs]).toEqual([about, []]);
    expect([about, [...outside.live.keys()]]).toEqual([about, []]);
    expect([about, state, ACTION_ENDINGS.includes(state as never)]).toEqual([about, outside.settledAs, true]);
    // All of it as approved, or nothing, or a person knows of every step that stands.
    expect([about, state === 'executed' ? outside.steps : stuck]).toEqual([about, standing]);
    // The last first.
    expect([about, undone]).toEqual([about, outside.steps.filter((step) => undone.includes(step)).reverse()]);
    endings.set(state, (endings.get(state) ?? 0) + 1);
  }
  // Seeds of which none comes to an ending have shown nothing of it.
  for (const ending of ACTION_ENDINGS) expect([ending, endings.get(ending) ?? 0]).not.toEqual([ending, 0]);
});

it('the same seed is the same story, event by event', async () => {
  const traces = new Set<string>();
  for (const seed of SEEDS.slice(0, 100)) {
    const { trace } = await play(seed);
    expect((await play(seed)).trace).toBe(trace);
    traces.add(trace);
  }
  expect(traces.size).toBe(100);
});
