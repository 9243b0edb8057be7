import { type ActionStart } from './action-start';

/** What is stored about an action, as far as whoever starts it has to know. */
export interface StoredStart {
  readonly tenant: string;
  readonly actionId: string;
  readonly agent: string;
  readonly team: string;
  readonly type: string;
  readonly risk: string;
}

/** An action as Temporal shall know it: the same words, whether the gateway or the outbox says them. */
export function startOf({ tenant, actionId, agent, team, type, risk }: StoredStart): ActionStart {
  const labels = { agentId: agent, actionType: type, riskClass: risk, teamId: team };
  return { tenant, actionId, labels, summary: `${type} for ${agent}` };
}
