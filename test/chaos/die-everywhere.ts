import { setTimeout as sleep } from 'node:timers/promises';
import { deathsIn } from '../faults/kill';
import { pointsOf, type Story } from '../faults/points';
import { ended } from '../helpers/pay';
import { type Spine } from '../helpers/spine';
import { keepRunning } from './keep-running';

/** A workflow task whose worker died is given to another after seconds; a story of twenty deaths takes minutes. */
export const WITHIN_MS = 600_000;

export interface Telling {
  /** Tells it once. Resolves with its action when nobody outside has anything left to do for it. */
  readonly tell: () => Promise<string>;
  readonly ending: string;
  /** Where one telling need not come by every point, as whoever asks again after a death finds what was taken: so much later it is told again. */
  readonly againAfterMs?: number;
  /** Of the gateway. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Tells a story while worker and gateway are killed with -9 at each of its points, once, and are started again as by a supervisor; until all of
 * those have happened and every telling has ended as it should. Returns the actions.
 */
export async function dieEverywhere(
  spine: Spine,
  story: Story,
  { tell, ending, againAfterMs = Infinity, settings = {} }: Telling,
): Promise<readonly string[]> {
  const points = pointsOf(story);
  const faults = points.map((point) => `${point}=kill`).join(',');
  const processes = [
    keepRunning('worker', spine.settings.worker, faults),
    keepRunning('gateway', { ...spine.settings.gateway, ...settings }, faults),
  ];
  const spared = (): readonly string[] => points.filter((point) => !deathsIn(spine.home).includes(point));
  const deadline = performance.now() + WITHIN_MS;
  try {
    const actions = [await tell()];
    for (let toldAt = performance.now(); spared().length > 0; await sleep(250)) {
      if (performance.now() > deadline) throw new Error(`Nobody died at ${spared().join(', ')}`);
      if (performance.now() - toldAt < againAfterMs) continue;
      actions.push(await tell());
      toldAt = performance.now();
    }
    for (const action of actions) expect(await ended(spine, action, WITHIN_MS)).toMatchObject({ kind: ending });
    return actions;
  } finally {
    await Promise.all(processes.map((each) => each.stop()));
  }
}
