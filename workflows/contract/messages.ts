import { type ActionState } from '../../domain/action';

/** The one argument of `governedAction`. Ids only: what they name is read, and checked, in Postgres. */
export interface GovernedActionInput {
  readonly tenant: string;
  readonly actionId: string;
}

/**
 * What `submit` answers once something is known: that the action waits (and on whom), or that it has ended.
 * Only a hint of when to look: the outcome itself is read from Postgres.
 */
export interface FirstAnswer {
  readonly state: ActionState;
}

/** Answer of the query `status`. */
export interface ActionStatus {
  readonly state: ActionState;
  readonly waitingOn: readonly string[];
}
