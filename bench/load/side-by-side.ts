import { type CostedSample } from './closed-loop';
import { median, round } from './sample';

/** Two things under the same load in turn, and how the first compares with the second. */
export interface Comparison {
  readonly a: readonly CostedSample[];
  readonly b: readonly CostedSample[];
  /** Of throughputs, a to b: the median over the rounds, and the least and the greatest. */
  readonly throughput: { readonly median: number; readonly from: number; readonly to: number };
  /** Of the medians of latency, a to b. */
  readonly p50: number;
}

/** Enough that one disturbed round does not decide. */
const ROUNDS = 5;

/** A-B-B-A: what one leaves behind in caches and queues meets both alike. */
export async function sideBySide(a: () => Promise<CostedSample>, b: () => Promise<CostedSample>): Promise<Comparison> {
  const samples: { a: CostedSample[]; b: CostedSample[] } = { a: [], b: [] };
  for (let i = 0; i < ROUNDS; i += 1) {
    const order = i % 2 === 0 ? (['a', 'b'] as const) : (['b', 'a'] as const);
    for (const which of order) samples[which].push(await (which === 'a' ? a : b)());
  }
  const ratios = samples.a.map(({ perSecond }, i) => perSecond / (samples.b[i]?.perSecond ?? NaN));
  return {
    ...samples,
    throughput: {
      median: round(median(ratios)),
      from: round(Math.min(...ratios)),
      to: round(Math.max(...ratios)),
    },
    p50: round(median(samples.a.map((sample, i) => sample.p50Ms / (samples.b[i]?.p50Ms ?? NaN)))),
  };
}
