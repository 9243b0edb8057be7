import { processorTime, processorTimeOfEach, type ProcessorTime } from './processor-time';
import { type Sample, sampleOf } from './sample';

export interface ClosedLoop {
  /** So many wait for an answer at any moment. */
  readonly concurrent: number;
  readonly count: number;
}

/** And what each of them has cost: no waiting is in it, and less noise. */
export interface CostedSample extends Sample {
  readonly processorMs: ProcessorTime;
}

/** One thing, done `count` times by `concurrent` callers, each of whom begins anew as soon as it is answered. */
export async function closedLoop(
  { concurrent, count }: ClosedLoop,
  one: () => Promise<unknown>,
): Promise<CostedSample> {
  const latenciesMs: number[] = [];
  let begun = 0;
  const before = processorTime();
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
  const sample = sampleOf(latenciesMs, performance.now() - began);
  return { ...sample, processorMs: processorTimeOfEach(before, processorTime(), sample.count) };
}
