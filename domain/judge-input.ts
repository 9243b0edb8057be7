import { stoppedByState } from './agent-life';
import { type Decision, type DecisionInput, type Finding } from './decision';
import { type ActionType, type Catalogue } from './documents';
import { failure, type FailureCode } from './failures';
import { isObject, ownMember } from './json';

/** What gives decisions: a bundle, ready to be asked. */
export interface DecisionPoint {
  readonly bundle: { readonly digest: string };
  readonly catalogue: Pick<Catalogue, 'actionTypes' | 'chains' | 'data'>;
  decide(input: DecisionInput): Decision;
}

/** What is true beside the input: the action type in the very version that was asked for, and whether its scope is stopped. */
export interface Circumstances {
  readonly actionType: ActionType | undefined;
  readonly fenced: boolean;
}

/**
 * Asks policy. What no policy may overrule is checked first: an action type that is gone or was changed, a stopped scope, an agent whose state
 * forbids it, a fact that the system of record does not have.
 */
export function judgeInput(point: DecisionPoint, input: DecisionInput, circumstances: Circumstances): Decision {
  const code = refusalOf(input, circumstances);
  if (code !== undefined) return denial(point, code);
  const decision = point.decide(input);
  return input.agent.state === 'ask_always' && decision.effect === 'allow' ? asking(point, decision) : decision;
}

/** What policy would let such an agent do by itself is countersigned too, by the chain that the policy's data names for it; without one it is denied. */
function asking(point: DecisionPoint, decision: Decision): Decision {
  const { chains, data } = point.catalogue;
  const agents = ownMember(data, 'agents');
  const chain = isObject(agents) ? ownMember(agents, 'ask_always') : undefined;
  if (typeof chain !== 'string' || !Object.hasOwn(chains, chain)) return denial(point, 'agent_restricted');
  const finding: Finding = { code: 'agent.ask_always', effect: 'approval', chain };
  return { ...decision, effect: 'require_approval', findings: [...decision.findings, finding], chains: [chain] };
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
  const stopped = stoppedByState(agent.state, actionType.effect, true);
  if (stopped !== undefined) return stopped;
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
