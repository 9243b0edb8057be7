import { type ActionOutcome } from './action-outcome';
import { type GatewayConnection } from './gateway-connection';
import { pause } from './pause';

export interface WaitOptions {
  /** How long to wait for the end; without it, for as long as it takes. Zero looks once. */
  readonly waitMs?: number | undefined;
  /** Ends the waiting, not the action. */
  readonly signal?: AbortSignal | undefined;
}

/** One action, from any process, for as long as its record is kept. */
export interface ActionHandle {
  readonly id: string;
  /** How it ended, or, when `waitMs` are over, that it has not: then `kind` is `pending` or `unknown`. @throws CountersignError */
  result(options?: WaitOptions): Promise<ActionOutcome>;
  /** Asks that it end before anything happens. The outcome says which came first. @throws CountersignError */
  cancel(reason?: string, options?: Pick<WaitOptions, 'signal'>): Promise<ActionOutcome>;
}

/** What the gateway says about an action, as far as clients need it. */
export interface ActionReport {
  readonly id: string;
  readonly settledAt: string | null;
  readonly outcome: ActionOutcome;
}

/** Below the half minute after which proxies give a request up. A longer wait is several requests. */
export const MAX_HOLD_MS = 25_000;
/** Whoever waits for days waits through a gateway that is being replaced, too. */
const OUTAGE_MS = 120_000;
/** A gateway where too many wait, or that is about to end, answers at once: it is not asked again at once. */
const PACE_MS = 1_000;

export function createActionHandle(connection: GatewayConnection, id: string): ActionHandle {
  const path = `/v1/actions/${encodeURIComponent(id)}`;
  const look = async (leftMs: number, signal: AbortSignal | undefined): Promise<ActionReport> => {
    const seconds = Math.ceil(Math.min(Math.max(leftMs, 0), MAX_HOLD_MS) / 1_000);
    const { body } = await connection.send({
      method: 'GET',
      path: `${path}?wait=${seconds}s`,
      waitMs: seconds * 1_000,
      ...(leftMs >= OUTAGE_MS && { patienceMs: OUTAGE_MS }),
      signal,
    });
    return body as ActionReport;
  };
  return {
    id,
    result: async ({ waitMs = Infinity, signal } = {}) => {
      const deadline = performance.now() + waitMs;
      for (;;) {
        const asked = performance.now();
        const { settledAt, outcome } = await look(deadline - asked, signal);
        const now = performance.now();
        if (settledAt !== null || now >= deadline) return outcome;
        await pause(Math.max(Math.min(asked + PACE_MS, deadline) - now, 0), signal);
      }
    },
    cancel: async (reason, { signal } = {}) => {
      const { body } = await connection.send({
        method: 'POST',
        path: `${path}/cancel`,
        body: reason === undefined ? {} : { reason },
        signal,
      });
      return (body as ActionReport).outcome;
    },
  };
}
