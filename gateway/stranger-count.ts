import { type Pool } from 'pg';
import { type Logger } from 'pino';
import { type Meter } from '../telemetry/meter';
import { addSecurityEvents, type SecurityEventCount } from '../db/add-security-events';

/** Counts requests that nobody authenticated. They are not in the ledger: strangers must not be able to make it grow. */
export interface StrangerCount {
  add(kind: string, source: string): void;
  /** Writes what was counted, now. */
  flush(): Promise<void>;
}

/** However many requests come, the database hears of them once in this time. */
const FLUSH_MS = 1_000;
/** More addresses than this within one flush are counted together: a row for each would be the flood itself. */
const MAX_SOURCES = 100;

export function createStrangerCount(pool: Pool, log: Pick<Logger, 'warn'>, meter: Pick<Meter, 'count'>): StrangerCount {
  let counts = new Map<string, SecurityEventCount>();
  let timer: NodeJS.Timeout | undefined;

  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const batch = [...counts.values()];
    counts = new Map();
    if (batch.length === 0) return;
    try {
      await addSecurityEvents(pool, batch);
    } catch (error) {
      log.warn(
        { err: error, lost: batch.reduce((sum, { count }) => sum + count, 0) },
        'counts of unauthenticated requests are lost',
      );
    }
  };

  return {
    add: (kind, source) => {
      meter.count('countersign_strangers_total', { kind });
      const keyOf = (from: string): string => JSON.stringify([kind, from]);
      const from = counts.has(keyOf(source)) || counts.size < MAX_SOURCES ? source : 'others';
      counts.set(keyOf(from), { kind, source: from, count: (counts.get(keyOf(from))?.count ?? 0) + 1 });
      timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
    },
    flush,
  };
}
