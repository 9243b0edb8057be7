import { type JsonObject } from '../../domain/json';
import { type Claims } from './token-gate';
import { type WitnessRecord } from './witness-book';

/** One call as a route sees it: who calls was settled at the door. */
export interface Call {
  /** Named groups of the path, decoded. */
  readonly args: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed JSON, not yet validated; `undefined` without a body. */
  readonly body: unknown;
  readonly key: string;
  readonly claims: Claims;
}

/** What a route would do. Nothing has happened before `apply`, which cannot fail. */
export interface Plan {
  readonly status: number;
  readonly body?: JsonObject;
  readonly apply?: () => void;
  readonly witness?: Pick<WitnessRecord, 'subject' | 'invoiceId' | 'amountMinor' | 'currency'>;
}

export interface Route {
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: RegExp;
  /** `effect` needs an idempotency key and is witnessed; `housekeeping` changes only who may call. */
  readonly sort: 'read' | 'effect' | 'housekeeping';
  /** Throws a `Refusal` for what it will not do. */
  readonly plan: (call: Call) => Plan;
}
