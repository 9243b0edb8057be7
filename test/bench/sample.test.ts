import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { closedLoop } from '../../bench/load/closed-loop';
import { openLoop } from '../../bench/load/open-loop';
import { quantile, sampleOf } from '../../bench/load/sample';
import { sideBySide } from '../../bench/load/side-by-side';

test('a quantile is the nearest rank, and of nothing it is no number', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  expect([quantile(hundred, 0.5), quantile(hundred, 0.99), quantile(hundred, 1), quantile([7], 0.01)]).toEqual([
    50, 99, 100, 7,
  ]);
  expect(quantile([], 0.5)).toBeNaN();
});

test('a sample counts what was done in the time that all of it took', () => {
  expect(sampleOf([30, 10, 20, 40], 2_000)).toEqual({ count: 4, perSecond: 2, p50Ms: 20, p99Ms: 40 });
});

test('a closed loop does each once, and never more at a time than it has callers', async () => {
  let [now, most, done] = [0, 0, 0];
  const { count } = await closedLoop({ concurrent: 3, count: 10 }, async () => {
    most = Math.max(most, (now += 1));
    await new Promise(setImmediate);
    [now, done] = [now - 1, done + 1];
  });
  expect({ count, most, done }).toEqual({ count: 10, most: 3, done: 10 });
});

test('the processor time of each is that of this process and of its children, also when they are over', async () => {
  const busy = 'const end = process.cpuUsage().user + 400_000; while (process.cpuUsage().user < end);';
  const { processorMs } = await closedLoop({ concurrent: 1, count: 2 }, async () => {
    await promisify(execFile)(process.execPath, ['-e', busy]);
  });
  expect(processorMs).toMatchObject({ temporal: 0, postgres: 0 });
  expect(processorMs.node).toBeGreaterThan(390);
});

test('an open loop begins the next while those before still run', async () => {
  const waiting: (() => void)[] = [];
  await openLoop(
    { perSecond: 1_000, seconds: 0.005 },
    () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 5) waiting.forEach((end) => end());
      }),
  );
  expect(waiting).toHaveLength(5);
});

test('two things side by side take turns at being first, and are compared round by round', async () => {
  const order: string[] = [];
  const does = (name: string, perSecond: number, p50Ms: number) => () => {
    order.push(name);
    const processorMs = { temporal: 0, postgres: 0, node: 0 };
    return Promise.resolve({ count: 1, perSecond, p50Ms, p99Ms: 0, processorMs });
  };
  const { throughput, p50 } = await sideBySide(does('a', 30, 5), does('b', 40, 4));
  expect(order.join('')).toBe('abbaabbaab');
  expect({ throughput, p50 }).toEqual({ throughput: { median: 0.75, from: 0.75, to: 0.75 }, p50: 1.25 });
});
