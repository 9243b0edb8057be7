import { performance } from 'node:perf_hooks';

/** So far the wall clock may fall behind without having been set back: it is read in whole milliseconds, and drawn to the right time slowly. */
const JITTER_MS = 10;

/**
 * A clock for deadlines, in milliseconds from some fixed moment: between two looks it goes on by whichever of the two others went on for longer.
 * The steady one stands still while the machine is suspended, and what was allowed before must not count as fresh afterwards. The wall clock may
 * be set: forward, which only lets a deadline pass early, or back, which prolongs nothing. Never goes back.
 *
 * @param steadyMs never goes back
 */
export function createElapsedMs(steadyMs: () => number, wallMs: () => number): () => number {
  let ahead = wallMs() - steadyMs();
  let suspendedMs = 0;
  return () => {
    // First: a machine that is suspended between these two looks is found out by the second.
    const steady = steadyMs();
    const aheadNow = wallMs() - steady;
    const gained = aheadNow - ahead;
    suspendedMs += Math.max(0, gained);
    // From where it was set back to: what it gains from there is suspended time again.
    if (gained > 0 || gained < -JITTER_MS) ahead = aheadNow;
    return steady + suspendedMs;
  };
}

/** That of this process. */
export const elapsedMs = createElapsedMs(
  () => performance.now(),
  () => Date.now(),
);
