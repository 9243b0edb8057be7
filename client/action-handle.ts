import { type ActionOutcome } from '../domain/action';
import { type GatewayConnection } from './gateway-connection';

/** One action, from any process, for as long as its record is kept. */
export interface ActionHandle {
  readonly id: string;
  /** How it ended, or, after `waitMs` (20 s unless said otherwise), that it has not: then `kind` is `pending` or `unknown`. */
  result(options?: { readonly waitMs?: number }): Promise<ActionOutcome>;
  /** Asks that it end before anything happens. The outcome says which came first. */
  cancel(reason?: string): Promise<ActionOutcome>;
}

/** What the gateway says about an action, as far as clients need it. */
export interface ActionReport {
  readonly id: string;
  readonly settledAt: string | null;
  readonly outcome: ActionOutcome;
}

export const DEFAULT_WAIT_MS = 20_000;
/** One request waits no longer; a longer wait is several requests. */
const POLL_MS = 30_000;

export function createActionHandle(connection: GatewayConnection, id: string): ActionHandle {
  const path = `/v1/actions/${encodeURIComponent(id)}`;
  const look = async (waitMs: number): Promise<ActionReport> => {
    const seconds = Math.ceil(Math.min(Math.max(waitMs, 0), POLL_MS) / 1_000);
    const { body } = await connection.send({
      method: 'GET',
      path: `${path}?wait=${seconds}s`,
      waitMs: seconds * 1_000,
    });
    return body as ActionReport;
  };
  return {
    id,
    result: async ({ waitMs = DEFAULT_WAIT_MS } = {}) => {
      const deadline = performance.now() + waitMs;
      for (;;) {
        const { settledAt, outcome } = await look(deadline - performance.now());
        if (settledAt !== null || performance.now() >= deadline) return outcome;
      }
    },
    cancel: async (reason) => {
      const { body } = await connection.send({
        method: 'POST',
        path: `${path}/cancel`,
        body: reason === undefined ? {} : { reason },
      });
      return (body as ActionReport).outcome;
    },
  };
}
