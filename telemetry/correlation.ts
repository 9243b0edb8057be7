import { AsyncLocalStorage } from 'node:async_hooks';

/** What every line of a piece of work says about it: ids alone. */
export interface Correlation {
  /** Of the HTTP request, and of the trace where traces are kept; stands in the action's row, too. */
  request?: string;
  tenant?: string;
  action?: string;
  activity?: string;
}

const current = new AsyncLocalStorage<Correlation>();

/** Runs `work` so that each of its lines in the log has these ids. */
export function correlate<T>(correlation: Correlation, work: () => T): T {
  return current.run({ ...correlation }, work);
}

/** Adds what has become known to the lines that follow. */
export function note(more: Correlation): void {
  const store = current.getStore();
  if (store !== undefined) Object.assign(store, more);
}

/** What is known now; nothing outside of any work. */
export function correlated(): Correlation {
  return { ...current.getStore() };
}
