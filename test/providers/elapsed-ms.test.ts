import { createElapsedMs } from '../../providers/elapsed-ms';

const MINUTE = 60_000;

/** What has passed by the steady clock and by the wall clock since the look before, and what has passed at least. */
const passes: readonly [string, readonly (readonly [steady: number, wall: number, passed: number])[]][] = [
  ['goes with both', [[1_500, 1_500, 1_500]]],
  ['counts the time of a suspended machine, for which the steady clock stands still', [[0, 10 * MINUTE, 10 * MINUTE]]],
  ['goes on when the wall clock is set back', [[1_500, -60 * MINUTE, 1_500]]],
  [
    'counts a suspension also after the wall clock was set back',
    [
      [1_500, -60 * MINUTE, 1_500],
      [0, 10 * MINUTE, 10 * MINUTE],
    ],
  ],
  [
    'does not stand still while the wall clock, once set forward, is set right',
    [
      [0, 60 * MINUTE, 60 * MINUTE],
      [0, -60 * MINUTE, 0],
      [1_500, 1_500, 1_500],
    ],
  ],
];

it.each(passes)('%s', (_, looks) => {
  let [steadyMs, wallMs] = [5_000, 1_800_000_000_000];
  const elapsedMs = createElapsedMs(
    () => steadyMs,
    () => wallMs,
  );
  let before = elapsedMs();
  for (const [steady, wall, passed] of looks) {
    steadyMs += steady;
    wallMs += wall;
    expect(elapsedMs() - before).toBe(passed);
    before = elapsedMs();
  }
});

it('however often it is looked at, whole milliseconds of the wall clock do not make it fast', () => {
  let steadyMs = 0;
  const elapsedMs = createElapsedMs(
    () => steadyMs,
    () => Math.floor(steadyMs),
  );
  for (; steadyMs < 2_000; steadyMs += 0.1) elapsedMs();
  expect(elapsedMs()).toBeLessThan(2_002);
});

it('sees a machine that is suspended in the middle of a look', () => {
  let wallMs = 0;
  const elapsedMs = createElapsedMs(
    () => ((wallMs += 10 * MINUTE), 0),
    () => wallMs,
  );
  const before = elapsedMs();
  expect(elapsedMs() - before).toBe(10 * MINUTE);
});
