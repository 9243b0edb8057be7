import { type Reason } from '../domain/action';

/**
 * What came of `guard`. `executed`: the function has run in this process; `result` is what it returned. `denied`: it has not.
 * What the lane means is that this process decided, and that nobody else made sure.
 */
export type GuardOutcome<T> =
  | { readonly kind: 'executed'; readonly lane: 'cooperative'; readonly say: string; readonly result: T }
  | {
      readonly kind: 'denied';
      readonly lane: 'cooperative';
      readonly say: string;
      readonly reasons: readonly Reason[];
    };

export interface GuardOptions {
  /** Public key that bundles are signed with, as PEM or as the path of a file. Without it `guard` runs nothing. */
  readonly bundleKey?: string | undefined;
  /** How long the gateway may be silent before `guard` denies, for the policy may have changed: a minute, or less. */
  readonly staleAfterMs?: number | undefined;
  /** How long a decision may be unrecorded before `guard` denies: 10 s unless said otherwise. */
  readonly confirmWithinMs?: number | undefined;
}
