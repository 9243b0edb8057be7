import { type Meter } from './meter';

interface Appender {
  append(...args: never[]): Promise<void>;
}

/** The same ledger, with its failures counted. */
export function countAppendFailures<L extends Appender>(ledger: L, meter: Pick<Meter, 'count'>): L {
  const append = async (...args: never[]): Promise<void> => {
    try {
      await ledger.append(...args);
    } catch (error) {
      meter.count('countersign_ledger_failures_total', {});
      throw error;
    }
  };
  return { ...ledger, append };
}
