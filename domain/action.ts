import { type JsonObject } from './json';

/** Where an action is. The names are those of the search attribute `ActionState` and of the column `actions.state`. */
export type ActionState = 'received' | 'waiting' | 'executing' | 'unknown' | 'undoing' | ActionEnding;

/** How an action ended. `undo_stuck` is an ending that a person still has to mend. */
export type ActionEnding = 'executed' | 'denied' | 'rejected' | 'expired' | 'cancelled' | 'undone' | 'undo_stuck';

export const ACTION_ENDINGS: readonly ActionEnding[] = [
  'executed',
  'denied',
  'rejected',
  'expired',
  'cancelled',
  'undone',
  'undo_stuck',
];

export const ACTION_STATES: readonly ActionState[] = [
  'received',
  'waiting',
  'executing',
  'unknown',
  'undoing',
  ...ACTION_ENDINGS,
];

/** A reason with its stable code and its words. */
export interface Reason {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
}

/**
 * What the agent is told. `kind` is the discriminator; `say` is a sentence that a model can repeat.
 * Expected endings are values like these, never errors.
 */
export type ActionOutcome =
  | { readonly kind: 'executed'; readonly say: string; readonly result: JsonObject }
  | {
      readonly kind: 'denied' | 'rejected' | 'expired' | 'cancelled' | 'undone' | 'undo_stuck';
      readonly say: string;
      readonly reasons: readonly Reason[];
    }
  | { readonly kind: 'unknown' | 'pending'; readonly say: string; readonly waitingOn: readonly string[] };
