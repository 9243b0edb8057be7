import { type Decision, type DecisionInput, type Finding } from './decision';
import { type ActionType } from './documents';
import { failure, type FailureCode } from './failures';

/** What gives decisions: a bundle, ready to be asked. */
export interface DecisionPoint {
  readonly bundle: { readonly digest: string };
  decide(input: DecisionInput): Decision;
}

/** What is true beside the input: the action type in the very version that was asked for, and whether its scope is stopped. */
export interface Circumstances {
  readonly actionType: ActionType | undefined;
  readonly fenced: boolean;
}

/**
 * Asks policy. What no policy may overrule is checked first: an action type that is gone or was changed, a stopped scope, an agent that is not
 * active, a fact that the system of record does not have.
 */
export function judgeInput(point: DecisionPoint, input: DecisionInput, circumstances: Circumstances): Decision {
  const code = refusalOf(input, circumstances);
  return code === undefined ? point.decide(input) : denial(point, code);
}

/** A denial by us, not by a pack: its words are those of the catalogue of failures. */
export function denial({ bundle }: Pick<DecisionPoint, 'bundle'>, code: FailureCode): Decision {
  const finding: Finding = { code, effect: 'deny', message: failure(code).sentence };
  return { effect: 'deny', findings: [finding], chains: [], bundleDigest: bundle.digest };
}

function refusalOf({ agent, facts }: DecisionInput, { actionType, fenced }: Circumstances): FailureCode | undefined {
  // A type that agents carry out themselves has nothing to be carried out here: it was another one when the action was asked for.
  if (actionType === undefined || actionType.lane === 'cooperative') return 'policy_changed';
  if (fenced) return 'scope_fenced';
  if (agent.state !== 'active') return 'agent_not_active';
  const lost = Object.entries(actionType.facts).some(
    ([name, source]) => source.missing === 'deny' && (facts[name] ?? null) === null,
  );
  return lost ? 'fact_missing' : undefined;
}

/** The action type that was asked for, or `undefined` if this catalogue has another version of it, or none. */
export function actionTypeOf(
  actionTypes: Readonly<Record<string, ActionType>>,
  { type, version }: { readonly type: string; readonly version: number },
): ActionType | undefined {
  const actionType = Object.hasOwn(actionTypes, type) ? actionTypes[type] : undefined;
  return actionType?.version === version ? actionType : undefined;
}
