/** Names that are on the wire, and so never change once released. Plain strings: importable by clients and workflows alike. */

export const WORKFLOW_TYPES = {
  governedAction: 'governedAction',
  agentLifecycle: 'agentLifecycle',
  departure: 'departure',
} as const;

/** Task queues by trust and urgency: a flood of actions can starve neither effects nor revocation. */
export const TASK_QUEUES = { actions: 'actions', effects: 'effects', control: 'control' } as const;

/** All workers of a fleet, of whatever release, as Temporal's worker versioning knows them. */
export const DEPLOYMENT = 'countersign';

/** The update that waits for an action's first answer. Its id is always this too, so that a hundred submissions share one. */
export const SUBMIT_UPDATE = 'submit';
export const SUBMIT_UPDATE_ID = 'submit';

/** Says that something was written in Postgres (a vote, a cancellation, a resolution). It carries nothing and authorises nothing. */
export const WAKE_SIGNAL = 'wake';

export const STATUS_QUERY = 'status';

/** Search attributes; never encrypted by Temporal, so none holds personal data. */
export const SEARCH_ATTRIBUTES = {
  tenantId: 'TenantId',
  agentId: 'AgentId',
  actionType: 'ActionType',
  actionState: 'ActionState',
  riskClass: 'RiskClass',
  teamId: 'TeamId',
  bundleDigest: 'BundleDigest',
  waitingOn: 'WaitingOn',
  agentState: 'AgentState',
} as const;

export function actionWorkflowId(tenant: string, actionId: string): string {
  return `action/${tenant}/${actionId}`;
}

export function agentWorkflowId(tenant: string, agent: string, generation: number): string {
  return `agent/${tenant}/${agent}/${String(generation)}`;
}

/** By an id of its own: Temporal's names are in plain sight, and so none is a person's. */
export function departureWorkflowId(tenant: string, departure: string): string {
  return `departure/${tenant}/${departure}`;
}
