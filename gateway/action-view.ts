import { type StoredAction } from '../db/find-action';
import { type ActionOutcome } from '../domain/action';
import { currentOutcome } from './current-outcome';

/** An action as its agent sees it. */
export interface ActionView {
  readonly id: string;
  readonly type: string;
  readonly createdAt: string;
  readonly settledAt: string | null;
  readonly outcome: ActionOutcome;
}

export function actionView(action: StoredAction): ActionView {
  return {
    id: action.id,
    type: action.type,
    createdAt: action.createdAt.toISOString(),
    settledAt: action.settledAt?.toISOString() ?? null,
    outcome: currentOutcome(action),
  };
}

/** An action as operators see it in a list: without its parameters, which are shown one action at a time. */
export function actionInFullView(action: StoredAction): object {
  const { state, environment, typeVersion, risk, lane, round } = action;
  return {
    ...actionView(action),
    state,
    agent: { id: action.agent, generation: action.agentGeneration, version: action.agentVersion, team: action.team },
    environment,
    typeVersion,
    risk,
    lane,
    round,
    cancelRequestedAt: action.cancelRequestedAt?.toISOString() ?? null,
  };
}
