import { setTimeout as sleep } from 'node:timers/promises';

export interface OpenLoop {
  readonly perSecond: number;
  readonly seconds: number;
}

/** Begins `one` at a steady rate, whether or not those before have ended, as callers do who do not know of each other; waits for all. */
export async function openLoop({ perSecond, seconds }: OpenLoop, one: () => Promise<void>): Promise<void> {
  const count = Math.ceil(perSecond * seconds);
  const began = performance.now();
  const under: Promise<void>[] = [];
  for (let i = 0; i < count; i += 1) {
    const lateMs = performance.now() - began - (i * 1_000) / perSecond;
    if (lateMs < 0) await sleep(-lateMs);
    under.push(one());
  }
  await Promise.all(under);
}
