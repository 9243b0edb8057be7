import { type JsonObject } from '../domain/json';
import { type ActionOutcome } from './action-outcome';
import { createClaimKey, type Credential } from './credential';
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
  /**
   * In the lane `granted`: waits until there is access to claim, and claims it for a key that this handle keeps. Where the action ended
   * instead, or `waitMs` are over, that outcome is the answer. @throws CountersignError
   */
  claim(options?: WaitOptions): Promise<Claimed>;
  /** Gives claimed access back, with what came of it; then waits for the end as `result` does. @throws CountersignError */
  complete(report?: CompletionReport, options?: WaitOptions): Promise<ActionOutcome>;
}

export type Claimed =
  | { readonly kind: 'claimed'; readonly credential: Credential }
  | { readonly kind: 'not_claimed'; readonly outcome: ActionOutcome };

/** What an agent says that it did with its access. Kept as its words; nobody checks them. */
export interface CompletionReport {
  readonly result?: JsonObject | undefined;
  /** It did not succeed. */
  readonly failed?: boolean | undefined;
}

/** What the gateway says about an action, as far as clients need it. */
export interface ActionReport {
  readonly id: string;
  readonly settledAt: string | null;
  readonly outcome: ActionOutcome;
  readonly grant?: { readonly id: string };
}

/** Below the half minute after which proxies give a request up. A longer wait is several requests. */
export const MAX_HOLD_MS = 25_000;
/** Whoever waits for days waits through a gateway that is being replaced, too. */
const OUTAGE_MS = 120_000;
/** A person approves in minutes, and a claim that comes half a second later is none that is late. */
const CLAIM_PACE_MS = 500;
/** A credential is made in a second; the gateway waits ten for it. */
const CLAIM_MS = 12_000;
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
  const result = async ({ waitMs = Infinity, signal }: WaitOptions = {}): Promise<ActionOutcome> => {
    const deadline = performance.now() + waitMs;
    for (;;) {
      const asked = performance.now();
      const { settledAt, outcome } = await look(deadline - asked, signal);
      const now = performance.now();
      if (settledAt !== null || now >= deadline) return outcome;
      await pause(Math.max(Math.min(asked + PACE_MS, deadline) - now, 0), signal);
    }
  };
  // One key for this handle: claiming again gives the same credential, and not another password.
  const key = createClaimKey();
  const claimed = async (grant: string, signal: AbortSignal | undefined): Promise<Claimed> => {
    const { body } = await connection.send({
      method: 'POST',
      path: `/v1/grants/${encodeURIComponent(grant)}/claim`,
      body: { publicKey: key.publicKey },
      waitMs: CLAIM_MS,
      signal,
    });
    return { kind: 'claimed', credential: await key.open((body as { readonly jwe: string }).jwe) };
  };
  return {
    id,
    result,
    claim: async ({ waitMs = Infinity, signal } = {}) => {
      const deadline = performance.now() + waitMs;
      for (;;) {
        const { settledAt, outcome, grant } = await look(0, signal);
        if (grant !== undefined) return await claimed(grant.id, signal);
        const leftMs = deadline - performance.now();
        if (settledAt !== null || leftMs <= 0) return { kind: 'not_claimed', outcome };
        await pause(Math.min(CLAIM_PACE_MS, leftMs), signal);
      }
    },
    complete: async (report = {}, { waitMs, signal } = {}) => {
      const { grant } = await look(0, signal);
      // It is over already, perhaps because this was said before: the outcome tells.
      if (grant !== undefined)
        await connection.send({
          method: 'POST',
          path: `/v1/grants/${encodeURIComponent(grant.id)}/complete`,
          body: report,
          signal,
        });
      return await result({ waitMs, signal });
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
