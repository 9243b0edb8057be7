import { type Decision, type DecisionInput, RESERVED_FINDING_PREFIX } from '../domain/decision';
import { type Catalogue } from '../domain/documents';
import { ownMember } from '../domain/json';
import { jsonText } from './json-text';
import { type OpenBundle } from './open-bundle';
import { createParamsValidator, type ValidatedParams } from './params-validator';
import { explainPolicyError, type PolicyErrorKind } from './policy-error';
import { readDecision } from './read-decision';
import { startPolicy } from './start-policy';

/** The policy decision point: one bundle, ready to be asked. */
export interface Pdp {
  readonly bundle: { readonly digest: string; readonly version: number };
  readonly catalogue: Catalogue;
  /** Never throws, never answers anything but a decision: whatever goes wrong is a deny whose code begins with `policy_error:`. */
  decide(input: DecisionInput): Decision;
  /** Judges an agent's parameters before anything else looks at them. */
  validateParams(type: string, params: unknown): ValidatedParams;
}

/**
 * Starts a decision point on an opened bundle. Off the hot path: compiling and parsing the data take tens of milliseconds and more.
 *
 * @throws BundleRefused when its policy cannot be started.
 */
export async function createPdp({ digest, version, wasm, catalogue }: OpenBundle): Promise<Pdp> {
  const policy = await startPolicy(wasm, catalogue.data);
  const fold = (input: DecisionInput): ReturnType<typeof readDecision> => {
    const text = jsonText(input);
    if (text === undefined) return 'invalid_input';
    const actionType = ownMember(catalogue.actionTypes, input.action.type);
    if (actionType === undefined) return 'unknown_action_type';
    const evaluation = policy.evaluate(text);
    return evaluation.kind === 'failed'
      ? evaluation.error
      : readDecision(evaluation.value, actionType, catalogue.chains);
  };
  return {
    bundle: { digest, version },
    catalogue,
    decide: (input) => {
      const folded = fold(input);
      return typeof folded === 'string' ? failClosed(folded, digest) : { ...folded, bundleDigest: digest };
    },
    validateParams: createParamsValidator(catalogue),
  };
}

function failClosed(kind: PolicyErrorKind, bundleDigest: string): Decision {
  const finding = { code: `${RESERVED_FINDING_PREFIX}${kind}`, effect: 'deny' as const, ...explainPolicyError(kind) };
  return { effect: 'deny', findings: [finding], chains: [], bundleDigest };
}
