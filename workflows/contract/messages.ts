import { type ActionState } from '../../domain/action';
import { ID_PATTERN } from '../../domain/ids';

/** The one argument of `governedAction`. Ids only: what they name is read, and checked, in Postgres. */
export interface GovernedActionInput {
  readonly tenant: string;
  readonly actionId: string;
}

const ACTION_ID = /^act-[0-9a-f-]{36}$/;

/** Whoever can reach Temporal can start a workflow; only what has this shape is looked up at all. */
export function isGovernedActionInput(input: unknown): input is GovernedActionInput {
  if (typeof input !== 'object' || input === null) return false;
  const { tenant, actionId } = input as Partial<Record<keyof GovernedActionInput, unknown>>;
  return (
    typeof tenant === 'string' && ID_PATTERN.test(tenant) && typeof actionId === 'string' && ACTION_ID.test(actionId)
  );
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

/** The one argument of `agentLifecycle`: one generation of one agent. */
export interface AgentLifecycleInput {
  readonly tenant: string;
  readonly agent: string;
  readonly generation: number;
}

export function isAgentLifecycleInput(input: unknown): input is AgentLifecycleInput {
  if (typeof input !== 'object' || input === null) return false;
  const { tenant, agent, generation } = input as Partial<Record<keyof AgentLifecycleInput, unknown>>;
  return (
    typeof tenant === 'string' &&
    ID_PATTERN.test(tenant) &&
    typeof agent === 'string' &&
    ID_PATTERN.test(agent) &&
    Number.isSafeInteger(generation)
  );
}

/** The one argument of `departure`: what one person left behind. */
export interface DepartureInput {
  readonly tenant: string;
  readonly departure: string;
}

const DEPARTURE_ID = /^dep-[0-9a-f-]{36}$/;

export function isDepartureInput(input: unknown): input is DepartureInput {
  if (typeof input !== 'object' || input === null) return false;
  const { tenant, departure } = input as Partial<Record<keyof DepartureInput, unknown>>;
  return (
    typeof tenant === 'string' &&
    ID_PATTERN.test(tenant) &&
    typeof departure === 'string' &&
    DEPARTURE_ID.test(departure)
  );
}
