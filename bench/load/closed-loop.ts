import { type Sample, sampleOf } from './sample';

export interface ClosedLoop {
  /** So many wait for an answer at any moment. */
  readonly concurrent: number;
  readonly count: number;
}

/** One thing, done `count` times by `concurrent` callers, each of whom begins anew as soon as it is answered. */
export async function closedLoop({ concurrent, count }: ClosedLoop, one: () => Promise<unknown>): Promise<Sample> {
  const latenciesMs: number[] = [];
  let begun = 0;
  const began = performance.now();
  const caller = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      const at = performance.now();
      await one();
      latenciesMs.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: concurrent }, caller));
  return sampleOf(latenciesMs, performance.now() - began);
}
