import { type COUNTERS, type CounterName, type HISTOGRAMS, type HistogramName } from './metrics';

type Labels<D extends { readonly labels: readonly string[] }> = Readonly<Record<D['labels'][number], string>>;

/** Counts what happened and how long it took. Never fails, and never waits. */
export interface Meter {
  count<N extends CounterName>(name: N, labels: Labels<(typeof COUNTERS)[N]>): void;
  observe<N extends HistogramName>(name: N, labels: Labels<(typeof HISTOGRAMS)[N]>, seconds: number): void;
}
