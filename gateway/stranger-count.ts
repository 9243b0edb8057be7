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
/** More addresses than this within one minute, for which they have a row each, are counted together: a row for each would be the flood itself. */
const MAX_SOURCES = 100;
const MINUTE_MS = 60_000;

export function createStrangerCount(
  pool: Pool,
  log: Pick<Logger, 'warn'>,
  meter: Pick<Meter, 'count'>,
  now: () => number = Date.now,
): StrangerCount {
  let counts = new Map<string, SecurityEventCount>();
  let minute = 0;
  let named = new Set<string>();
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

  /** Whether a source has, or may still have, a row of its own in this minute. */
  const isNamed = (key: string): boolean => {
    const current = Math.floor(now() / MINUTE_MS);
    if (current !== minute) named = new Set();
    minute = current;
    if (named.size < MAX_SOURCES) named.add(key);
    return named.has(key);
  };

  return {
    add: (kind, source) => {
      meter.count('countersign_strangers_total', { kind });
      const keyOf = (from: string): string => JSON.stringify([kind, from]);
      const from = isNamed(keyOf(source)) ? source : 'others';
      counts.set(keyOf(from), { kind, source: from, count: (counts.get(keyOf(from))?.count ?? 0) + 1 });
      timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
    },
    flush,
  };
}
