import { type z } from '@hono/zod-openapi';
import { type FailureCode } from '../domain/failures';
import { type JsonLimits } from '../evidence/parse-json';
import { type AgentCaller, type Caller, type PersonCaller } from './caller';
import { type GatewayDeps } from './deps';

/**
 * Who may call a route. `member`: a person with any role. `operator`: a person with the role operator or admin, in every environment.
 * `localOperator`: in one at least; the route checks which (`checkOperates`). `admin`: a person with that role.
 */
export interface CallerOf {
  readonly public: undefined;
  readonly agent: AgentCaller;
  readonly member: PersonCaller;
  readonly operator: PersonCaller;
  readonly localOperator: PersonCaller;
  readonly admin: PersonCaller;
  readonly anyone: Caller;
}
export type Who = keyof CallerOf;

/** One request, after everything about it was checked that can be checked without knowing what it is about. */
export interface Call<W extends Who, Q, B> {
  readonly deps: GatewayDeps;
  readonly caller: CallerOf[W];
  /** The `{id}` of the path, which fits `idPattern`. */
  readonly id: string;
  /** Of this HTTP request, in its log lines and its answer. */
  readonly requestId: string;
  readonly query: Q;
  readonly body: B;
  readonly header: (name: string) => string | undefined;
}

export interface Answer {
  /** 304 has no body: what the caller has is what there is. */
  readonly status: 200 | 202 | 304;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a status means, for the OpenAPI document. The example must fit the schema. */
export interface DocumentedAnswer {
  readonly description: string;
  readonly schema: z.ZodType;
  readonly example: object;
}

/** A route as one value: its documentation is what it is checked by. */
export interface Route<W extends Who = Who, Q = unknown, B = unknown> {
  readonly method: 'get' | 'post';
  /** As OpenAPI writes it: `/v1/actions/{id}`. */
  readonly path: string;
  /** Whom it is for. What is for operators is answered by their listener alone. */
  readonly tag: 'agents' | 'approvers' | 'operators' | 'everyone';
  readonly summary: string;
  readonly description?: string;
  readonly who: W;
  /** Answers under every host name: probes address a machine by its number. Only for what tells nothing. */
  readonly anyHost?: true;
  /** An id of another shape names nothing, so it is not found. */
  readonly idPattern?: RegExp;
  readonly headers?: z.ZodObject;
  readonly query?: z.ZodObject & z.ZodType<Q>;
  readonly body?: { readonly schema: z.ZodType<B>; readonly example: object };
  /** Where a body may be larger, or is smaller, than others. */
  readonly bodyLimits?: JsonLimits;
  readonly answers: Readonly<Partial<Record<200 | 202, DocumentedAnswer>>>;
  /** The problems that are this route's own, beside those that every route may answer. */
  readonly refusals: readonly FailureCode[];
  handle(call: Call<W, Q, B>): Promise<Answer>;
}

export function defineRoute<W extends Who, Q, B>(route: Route<W, Q, B>): Route<W, Q, B> {
  return route;
}
