import { type ActionRecord } from '../db/load-action';
import { type Decision, type DecisionInput, type Finding } from '../domain/decision';
import { type ActionType, type Catalogue } from '../domain/documents';
import { failure, type FailureCode } from '../domain/failures';
import { type Json } from '../domain/json';
import { type Pdp } from '../pdp/create-pdp';

export interface Judgement {
  readonly input: DecisionInput;
  readonly decision: Decision;
}

/**
 * Asks policy about an action as it stands. What no policy may overrule is checked first: an action type that is gone or
 * was changed, an agent that is not active, a fact that the system of record does not have.
 */
export function judge(pdp: Pdp, action: ActionRecord, facts: Readonly<Record<string, Json>> = action.facts): Judgement {
  const actionType = actionTypeIn(pdp.catalogue, action);
  const input = inputOf(action, actionType, facts);
  const code = refusal(action, actionType, facts);
  return { input, decision: code === undefined ? pdp.decide(input) : denial(pdp, code) };
}

/** The action type that the action was asked under, or `undefined` if this catalogue has another version of it, or none. */
export function actionTypeIn(
  { actionTypes }: Pick<Catalogue, 'actionTypes'>,
  { type, typeVersion }: Pick<ActionRecord, 'type' | 'typeVersion'>,
): ActionType | undefined {
  const actionType = Object.hasOwn(actionTypes, type) ? actionTypes[type] : undefined;
  return actionType?.version === typeVersion ? actionType : undefined;
}

/** A denial by us, not by a pack: its words are those of the catalogue of failures. */
export function denial(pdp: Pdp, code: FailureCode): Decision {
  const finding: Finding = { code, effect: 'deny', message: failure(code).sentence };
  return { effect: 'deny', findings: [finding], chains: [], bundleDigest: pdp.bundle.digest };
}

function refusal(
  action: ActionRecord,
  actionType: ActionType | undefined,
  facts: Readonly<Record<string, Json>>,
): FailureCode | undefined {
  if (actionType === undefined) return 'policy_changed';
  if (action.fencedScope !== null) return 'scope_fenced';
  if (action.agentState !== 'active') return 'agent_not_active';
  const lost = Object.entries(actionType.facts).some(
    ([name, source]) => source.missing === 'deny' && (facts[name] ?? null) === null,
  );
  return lost ? 'fact_missing' : undefined;
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
    },
  };
}
