import { type Pool } from 'pg';
import { listSettled } from '../db/list-settled';
import { readAsTenant } from '../db/read-as-tenant';

/** Lets many requests wait for the ends of actions with one query per tenant and tick, whoever writes those ends. */
export interface OutcomeWatch {
  /** Resolves when the action has ended, or after `withinMs`, or when it cannot be known: read the action then. */
  settled(tenant: string, action: string, withinMs: number): Promise<void>;
  /** Lets everybody go. */
  close(): void;
}

/** An agent waits half of this for nothing; a query, for all who wait together, takes a fiftieth of it. */
const TICK_MS = 50;
/** Each waiter holds a connection and a few hundred bytes. Whoever comes later is answered at once and asks again. */
const MAX_WAITERS = 2_000;

interface Waiter {
  readonly tenant: string;
  readonly action: string;
  readonly release: () => void;
}

export function createOutcomeWatch(pool: Pool): OutcomeWatch {
  const waiters = new Set<Waiter>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const schedule = (): void => {
    if (timer === undefined && waiters.size > 0) timer = setTimeout(() => void tick(), TICK_MS);
  };

  const tick = async (): Promise<void> => {
    const tenants = new Set(Array.from(waiters, ({ tenant }) => tenant));
    await Promise.all(
      Array.from(tenants, (tenant) =>
        look(
          tenant,
          [...waiters].filter((waiter) => waiter.tenant === tenant),
        ),
      ),
    );
    timer = undefined;
    schedule();
  };

  const look = async (tenant: string, group: readonly Waiter[]): Promise<void> => {
    try {
      const actions = [...new Set(group.map(({ action }) => action))];
      const settled = new Set(await readAsTenant(pool, tenant, (client) => listSettled(client, tenant, actions)));
      for (const waiter of group) if (settled.has(waiter.action)) waiter.release();
    } catch {
      // Whoever waits now reads the action, meets the same failure and reports it.
      for (const waiter of group) waiter.release();
    }
  };

  return {
    settled: (tenant, action, withinMs) =>
      new Promise((resolve) => {
        if (closed || withinMs <= 0 || waiters.size >= MAX_WAITERS) {
          resolve();
          return;
        }
        const release = (): void => {
          clearTimeout(timeUp);
          waiters.delete(waiter);
          resolve();
        };
        const waiter: Waiter = { tenant, action, release };
        const timeUp = setTimeout(release, withinMs);
        waiters.add(waiter);
        schedule();
      }),
    close: () => {
      closed = true;
      for (const waiter of [...waiters]) waiter.release();
    },
  };
}
