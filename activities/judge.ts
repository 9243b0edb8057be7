import { type ActionRecord } from '../db/load-action';
import { type Decision, type DecisionInput } from '../domain/decision';
import { type ActionType, type Catalogue } from '../domain/documents';
import { type Json } from '../domain/json';
import { actionTypeOf, denial, judgeInput } from '../domain/judge-input';
import { type Pdp } from '../pdp/create-pdp';

export interface Judgement {
  readonly input: DecisionInput;
  readonly decision: Decision;
}

/** Asks policy about an action as it stands. */
export function judge(pdp: Pdp, action: ActionRecord, facts: Readonly<Record<string, Json>> = action.facts): Judgement {
  const actionType = actionTypeIn(pdp.catalogue, action);
  const input = inputOf(action, actionType, facts);
  // A gateway took them, under the schema that it had; what is decided holds to the bundle that decides.
  const fits = actionType === undefined || pdp.validateParams(action.type, action.params).ok;
  const decision = fits
    ? judgeInput(pdp, input, { actionType, fenced: action.fencedScope !== null })
    : denial(pdp, 'invalid_parameters');
  return { input, decision };
}

/** The action type that the action was asked under, or `undefined` if this catalogue has another version of it, or none. */
export function actionTypeIn(
  { actionTypes }: Pick<Catalogue, 'actionTypes'>,
  { type, typeVersion }: Pick<ActionRecord, 'type' | 'typeVersion'>,
): ActionType | undefined {
  return actionTypeOf(actionTypes, { type, version: typeVersion });
}

function inputOf(
  action: ActionRecord,
  actionType: ActionType | undefined,
  facts: Readonly<Record<string, Json>>,
): DecisionInput {
  return {
    tenant: action.tenant,
    environment: action.environment,
    time: action.now,
    agent: {
      id: action.agent,
      generation: action.agentGeneration,
      version: action.agentVersion,
      owner: action.agentOwner,
      team: action.team,
      roles: action.agentRoles,
      state: action.agentState,
    },
    action: {
      type: action.type,
      version: action.typeVersion,
      risk: actionType?.risk ?? 'critical',
      effect: actionType?.effect ?? 'irreversible',
      lane: actionType?.lane ?? 'brokered',
      params: action.params,
    },
    facts,
    claimed: {
      ...(action.because === null ? {} : { because: action.because }),
      ...(action.context === null ? {} : { context: action.context }),
      ...(action.onBehalfOf === null ? {} : { onBehalfOf: action.onBehalfOf }),
    },
  };
}
