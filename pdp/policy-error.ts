/** Why an evaluation gave no decision. Each is a deny. */
export type PolicyErrorKind =
  | 'invalid_input'
  | 'unknown_action_type'
  | 'out_of_fuel'
  | 'missing_builtin'
  | 'aborted'
  | 'trap'
  | 'undefined'
  | 'wrong_shape'
  | 'reserved'
  | 'unknown_chain'
  | 'irreversible_needs_two';

const MESSAGES: Readonly<Record<PolicyErrorKind, readonly [message: string, remedy: string]>> = {
  invalid_input: [
    'The action cannot be put before the policy: it has no JSON text.',
    'Send numbers that are finite and text that is well-formed.',
  ],
  unknown_action_type: [
    'There is no action type of that name.',
    'Use a name from the catalogue, exactly as it stands there.',
  ],
  out_of_fuel: [
    'The policy did not come to an end and was stopped.',
    "Ask the policies' owner to look for joins over large data.",
  ],
  missing_builtin: [
    'The policy calls a function that the evaluator does not have.',
    "Ask the policies' owner to build the bundle again.",
  ],
  aborted: [
    'The policy gave up: two rules contradict each other, or memory ran out.',
    "Ask the policies' owner to test it with this action.",
  ],
  trap: ['The policy failed while it ran.', "Ask the policies' owner to test it with this action."],
  undefined: ['The policy said nothing.', "Ask the policies' owner to build the bundle again."],
  wrong_shape: [
    'The policy said something that is no decision.',
    "Ask the policies' owner to write findings with countersign.finding and `contains`.",
  ],
  reserved: [
    'The policy uses a code that only the decision point may use.',
    "Ask the policies' owner to rename codes that begin with policy_error:.",
  ],
  unknown_chain: [
    'The policy asks for an approval chain that does not exist.',
    "Ask the policies' owner to correct the name of the chain.",
  ],
  irreversible_needs_two: [
    'The action cannot be undone, and the policy does not ask two people.',
    "Ask the policies' owner for a rule that demands a chain of two.",
  ],
};

/** The sentences that go with a kind of failure. */
export function explainPolicyError(kind: PolicyErrorKind): { readonly message: string; readonly remedy: string } {
  const [message, remedy] = MESSAGES[kind];
  return { message, remedy };
}
