import { type EffectEnd } from '../db/record-effect';
import { type FailureCode } from '../domain/failures';

/** How one attempt ended, as it is stored. */
export type Ending = Pick<EffectEnd, 'state' | 'result' | 'code'>;

/** What is known of an effect now. `revoked`: whether no credential of it is alive. `unknown`: nobody can say whether it happened. */
export type EffectKnown =
  | { readonly kind: 'done'; readonly revoked: boolean }
  | { readonly kind: 'failed'; readonly code: string; readonly revoked: boolean }
  | { readonly kind: 'unknown'; readonly revoked: boolean };

/**
 * Nothing happened, and nothing will as things stand. `reconsider`: something changed, and the action must be decided anew. `held`: its agent is
 * paused, so it waits.
 */
export type Stopped =
  | { readonly kind: 'held' }
  | { readonly kind: 'reconsider' }
  | { readonly kind: 'stopped'; readonly stopped: 'denied' | 'rejected' | 'cancelled'; readonly code: FailureCode };

/** What became of a step. Where nothing did, `revoked` is there only if a credential of an earlier attempt may be alive. */
export type StepResult = EffectKnown | (Stopped & { readonly revoked?: false });

/** What became of access of the agent's own; no credential of it is alive. */
export type AccessEnd =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'stopped';
      readonly stopped: 'denied' | 'expired' | 'cancelled' | 'failed';
      readonly code: FailureCode;
    };

/** What asking about a step found out. `not_done`: certainly not, so it may be begun again. */
export type StepFound = EffectKnown | { readonly kind: 'not_done'; readonly revoked: boolean };
