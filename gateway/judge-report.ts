import { type AgentIdentity, guardInput } from '../domain/guard-input';
import { type Json, ownMember } from '../domain/json';
import { type ReportedDecision, type ReportVerdict } from '../domain/reported-decision';
import { digestOf } from '../evidence/digest-of';
import { type AgentBundles } from './agent-bundles';

export interface Judged {
  readonly verdict: ReportVerdict;
  /** Why no honest process says this; null unless the verdict is `mismatch`. */
  readonly cause: MismatchCause | null;
}

type MismatchCause =
  'unknown_bundle' | 'not_cooperative' | 'invalid_parameters' | 'impossible_time' | 'wrong_input' | 'not_allowed';

/** Whoever could not reach us for longer has stopped deciding long ago. */
const OLDEST_MS = 86_400_000;
/** A process learns our clock, and goes on with its own. */
const CLOCK_SKEW_MS = 120_000;

/**
 * Decides again on what an agent says that it decided, as who it really is: `identities` are those that the gateway gave it, and what the report
 * says of itself is never one of them. `now` is the database's, as the process was told it.
 */
export async function judgeReport(
  bundles: AgentBundles,
  { identities, now }: { readonly identities: readonly AgentIdentity[]; readonly now: number },
  report: ReportedDecision,
): Promise<Judged> {
  const bundle = await bundles.recent(report.bundle);
  if (bundle?.client === undefined) return mismatch('unknown_bundle');
  const actionType = ownMember(bundle.client.content.actionTypes, report.type);
  if (actionType === undefined) return mismatch('not_cooperative');
  const whole = await bundle.whole();
  if (!whole.validateParams(report.type, report.params).ok) return mismatch('invalid_parameters');
  const age = now - Date.parse(report.at);
  if (age > OLDEST_MS || age < -CLOCK_SKEW_MS) return mismatch('impossible_time');
  const input = identities
    .map((identity) => guardInput(identity, actionType, report.params, report.at))
    .find((each) => digestOf('decision', each as unknown as Json) === report.inputDigest);
  if (input === undefined) return mismatch('wrong_input');
  if (whole.decide(input).effect === report.effect) return { verdict: 'confirmed', cause: null };
  // The agent's own part of the bundle may say otherwise, where a rule reads what agents do not have; that is not the agent's fault.
  if (report.effect === 'allow' && (await bundle.asAgent()).decide(input).effect !== 'allow')
    return mismatch('not_allowed');
  return { verdict: 'diverged', cause: null };
}

function mismatch(cause: MismatchCause): Judged {
  return { verdict: 'mismatch', cause };
}
