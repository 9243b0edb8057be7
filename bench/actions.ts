import Table from 'cli-table3';
import { type Actions, createActions } from './load/actions';
import { type ClosedLoop, closedLoop, type CostedSample } from './load/closed-loop';
import { type Measured } from './load/measured';
import { memory } from './load/memory';
import { missed } from './load/missed';
import { overload } from './load/overload';
import { median } from './load/sample';
import { type Comparison, sideBySide } from './load/side-by-side';
import { runBench } from './run-bench';
import { type BenchStack, withBenchStack } from './with-bench-stack';
import { withNaiveWorker, withShapesWorker } from './with-worker';

/**
 * What actions cost under load, beside a bare workflow and beside the same story with every verb a regular activity: all in one run, in turn, on
 * the same machine. `--json` prints one line for programs. Ends with 1 when a target is missed. Takes a quiet machine of two cores twenty minutes to forty.
 */
async function main(): Promise<number> {
  const measured = await withBenchStack((bench) => withShapesWorker(bench, () => measure(bench)));
  const misses = missed(measured);
  process.stdout.write(
    process.argv.includes('--json')
      ? `${JSON.stringify({ bench: 'actions', ...measured, missed: misses })}\n`
      : `${table(measured)}\n`,
  );
  for (const sentence of misses) process.stderr.write(`Missed: ${sentence}.\n`);
  return misses.length === 0 ? 0 : 1;
}

async function measure(bench: BenchStack): Promise<Measured> {
  const actions = createActions(bench);
  try {
    await warmUp(actions.allowed, actions.bare, actions.approved, actions.skeleton);
    const beside = (concurrent: number, count: number, a: keyof Shapes, b: keyof Shapes): Promise<Comparison> =>
      compare(`${a} beside ${b}`, { concurrent, count }, actions[a], actions[b]);
    const control = await beside(16, 240, 'bare', 'bare');
    const allowed = {
      1: await beside(1, 60, 'allowed', 'bare'),
      16: await beside(16, 240, 'allowed', 'bare'),
      64: await beside(64, 320, 'allowed', 'bare'),
    };
    const skeleton = await beside(16, 128, 'approved', 'skeleton');
    const approved = await withNaive(async (naive) => {
      const besideNaive = (concurrent: number, count: number): Promise<Comparison> =>
        compare('approved beside naive', { concurrent, count }, actions.approved, naive);
      return { 1: await besideNaive(1, 24), 16: await besideNaive(16, 128), 64: await besideNaive(64, 256) };
    });
    process.stderr.write('three times what it can take …\n');
    const capacity = median(allowed[16].a.map(({ perSecond }) => perSecond));
    const flooded = await overload(actions, bench.target, capacity);
    process.stderr.write('on to ten thousand actions …\n');
    return { control, allowed, approved, skeleton, overload: flooded, memory: await memory(actions, bench) };
  } finally {
    await actions.close();
  }
}

type One = () => Promise<unknown>;
type Shapes = Pick<Actions, 'allowed' | 'approved' | 'bare' | 'skeleton'>;

async function compare(what: string, load: ClosedLoop, a: One, b: One): Promise<Comparison> {
  process.stderr.write(`${what}, ${String(load.concurrent)} at a time …\n`);
  const compared = await sideBySide(
    () => closedLoop(load, a),
    () => closedLoop(load, b),
  );
  // What follows takes long, and is not needed for this.
  const { a: first, b: second, p50 } = compared;
  const taken = PROCESSOR.map((who) => `${who} ${String(tookOf(first, who))} beside ${String(tookOf(second, who))}`);
  process.stderr.write(`  throughput ${rangeOf(compared)}, p50 ${String(p50)}; processor ms: ${taken.join(', ')}\n`);
  return compared;
}

/** Who takes the processor. */
const PROCESSOR = ['temporal', 'postgres', 'node'] as const;

/** Of the processor, in ms for each. */
function tookOf(samples: readonly CostedSample[], who: (typeof PROCESSOR)[number]): number {
  return median(samples.map(({ processorMs }) => processorMs[who]));
}

function rangeOf({ throughput }: Comparison): string {
  return `${String(throughput.median)} (${String(throughput.from)}–${String(throughput.to)})`;
}

/** Runs `body` with the naive form of an approved action: the same gateway, policies and target in a stack of its own, and other workflow code. */
async function withNaive<T>(body: (naive: One) => Promise<T>): Promise<T> {
  return await withBenchStack(
    async (bench) =>
      await withNaiveWorker(bench, async () => {
        const { approved, close } = createActions(bench);
        try {
          await warmUp(approved);
          return await body(approved);
        } finally {
          await close();
        }
      }),
    'effects',
  );
}

/** Code, pools and caches: none of them is what is measured. */
async function warmUp(...shapes: readonly One[]): Promise<void> {
  for (const one of shapes) await closedLoop({ concurrent: 8, count: 80 }, one);
}

function table({ control, allowed, approved, skeleton, overload: flood, memory: kept }: Measured): string {
  const rows = new Table({
    head: [
      'shape',
      'at a time',
      'per second',
      'p50 ms',
      'p99 ms',
      ...PROCESSOR.map((who) => `${who} ms`),
      'throughput',
      'p50',
    ],
    style: { head: [], border: [] },
  });
  const add = (shape: string, beside: string, atATime: number, compared: Comparison): void => {
    const { a, b, p50 } = compared;
    const cells = (samples: readonly CostedSample[]): number[] => {
      const of = (read: (sample: CostedSample) => number): number => median(samples.map(read));
      return [
        ...[of(({ perSecond }) => perSecond), of(({ p50Ms }) => p50Ms), of(({ p99Ms }) => p99Ms)],
        ...PROCESSOR.map((who) => tookOf(samples, who)),
      ];
    };
    rows.push([shape, atATime, ...cells(a), rangeOf(compared), p50], [`  ${beside}`, atATime, ...cells(b), '', '']);
  };
  add('bare', 'bare again', 16, control);
  for (const atATime of [1, 16, 64] as const) add('allowed', 'bare', atATime, allowed[atATime]);
  for (const atATime of [1, 16, 64] as const) add('approved', 'naive', atATime, approved[atATime]);
  add('approved', 'skeleton', 16, skeleton);
  return [rows.toString(), `Overload: ${JSON.stringify(flood)}`, `Memory (MiB resident): ${JSON.stringify(kept)}`].join(
    '\n',
  );
}

runBench(main);
