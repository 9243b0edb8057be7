import { type Target } from './documents';
import { type Json, type JsonObject } from './json';

/** Everything known about an action that an operation may be filled from; the root of every `Pointer`. */
export interface ActionValues {
  readonly params: JsonObject;
  readonly facts: Readonly<Record<string, Json>>;
  /** Results of the steps that are done, by step id. */
  readonly steps: Readonly<Record<string, JsonObject>>;
  /** The idempotency key of the step at its target. */
  readonly key: string;
}

/** One call to a target, in the name of one step of one action. */
export interface ProviderCall<T extends Target = Target> {
  readonly tenant: string;
  readonly agentId: string;
  readonly actionId: string;
  /** Digest of the action that was decided and countersigned. */
  readonly digest: string;
  readonly target: T;
  /** Name of the operation in `target.operations`. */
  readonly operation: string;
  readonly values: ActionValues;
  /** Id of the grant that this call uses: a token's `jti`, and what the name of a login role is made of. */
  readonly grantId: string;
  /** Milliseconds left until the call may no longer begin nor its credential be accepted. */
  readonly withinMs: number;
}

/** What became of a call that changes something. `unknown` means that it may or may not have happened. */
export type EffectResult =
  | { readonly kind: 'done'; readonly result: JsonObject }
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'unknown'; readonly code: string };

/** What the target says about an idempotency key. */
export type StatusResult =
  | { readonly kind: 'found'; readonly result: JsonObject }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unanswered'; readonly code: string };

export type FactResult =
  | { readonly kind: 'found'; readonly fact: Json }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unanswered'; readonly code: string };

/** `revoked`: the target said so. `expired`: the credential cannot be accepted any more. `live`: try again. */
export type RevokeResult =
  { readonly kind: 'revoked' } | { readonly kind: 'expired' } | { readonly kind: 'live'; readonly code: string };

/** Nobody has a bundle that knows it, so it cannot be asked. */
export const TARGET_UNKNOWN = 'target_unknown';

/** Access of an agent's own to a target, for as long as its grant lasts. */
export interface LentAccess<T extends Target = Target> {
  readonly target: T;
  /** Name of the operation in `target.operations` that says which profile. */
  readonly operation: string;
  readonly grantId: string;
  /** Milliseconds until the grant is over. */
  readonly withinMs: number;
  /** The agent's X25519 key, as the member `x` of its JWK: nobody else can read what is issued. */
  readonly publicKey: string;
}

/** `issued`: the credential as a compact JWE. It leaves a provider in no other form. */
export type IssueResult =
  { readonly kind: 'issued'; readonly jwe: string } | { readonly kind: 'failed'; readonly code: string };

/** A kind of target: how one is asked, changed and undone under a credential that exists only for that call. Codes never carry what a target said. */
export interface Provider<T extends Target = Target> {
  execute(call: ProviderCall<T>): Promise<EffectResult>;
  undo(call: ProviderCall<T>): Promise<EffectResult>;
  status(call: ProviderCall<T>): Promise<StatusResult>;
  /** Makes a credential for an agent, and ends any that was made under the same grant before. Absent where there is none to lend. */
  issue?(access: LentAccess<T>): Promise<IssueResult>;
  /** Asks the target which of these grants it still has a credential of. Absent where a target cannot be asked. */
  inspect?(asked: { readonly target: T; readonly grantIds: readonly string[] }): Promise<InspectResult>;
  /** Ends the credential of `grantId`; asked again until it is not `live`. `expiresAt` in epoch milliseconds, by database time. */
  revoke(grant: { readonly grantId: string; readonly target: T; readonly expired: boolean }): Promise<RevokeResult>;
}

/** `alive`: those of the grants asked about that the target still has a credential of. */
export type InspectResult =
  | { readonly kind: 'found'; readonly alive: readonly string[] }
  | { readonly kind: 'unanswered'; readonly code: string };

/** The id under which a target is asked about the effect of a grant. Revoking the grant ends this credential too. */
export function statusGrantId(grantId: string): string {
  return `${grantId}.status`;
}

/** Reads facts from systems of record; never changes anything. */
export interface FactReader {
  read(query: {
    readonly tenant: string;
    readonly target: Target;
    readonly operation: string;
    readonly args: Readonly<Record<string, Json>>;
  }): Promise<FactResult>;
}

/** Codes of a failed call that is known to have changed nothing, and that may succeed when it is made again. */
export const MAY_SUCCEED_LATER: ReadonlySet<string> = new Set(['not_sent', 'not_committed', 'target_busy']);
