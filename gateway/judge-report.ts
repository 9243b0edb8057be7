import { type ClosedScope } from '../db/list-closed-scopes';
import { type ServedIdentity } from '../db/list-served-identities';
import { type AgentIdentity, guardInput } from '../domain/guard-input';
import { type Json, ownMember } from '../domain/json';
import { type ReportedDecision, type ReportVerdict, STALE_AFTER_MS } from '../domain/reported-decision';
import { digestOf } from '../evidence/digest-of';
import { type AgentBundle, type AgentBundles } from './agent-bundles';

export interface Judged {
  readonly verdict: ReportVerdict;
  /** Why no honest process says this, or why it is not judged; null otherwise. */
  readonly cause: MismatchCause | 'too_late_to_judge' | null;
}

type MismatchCause =
  | 'unknown_bundle'
  | 'replaced_bundle'
  | 'not_cooperative'
  | 'invalid_parameters'
  | 'impossible_time'
  | 'wrong_input'
  | 'replaced_identity'
  | 'stop_ignored'
  | 'not_allowed';

/** What the gateway knows of an agent when it judges. */
export interface KnownOfAgent {
  readonly identities: readonly ServedIdentity[];
  /** Scopes of those that it comes from. */
  readonly above: readonly string[];
  /** Of the scopes that the agent may be in, itself or through those. */
  readonly closed: readonly ClosedScope[];
  /** When this generation of it began. */
  readonly createdAt: number;
  /** The database's, as the process was told it. */
  readonly now: number;
}

/** Whom an agent was told to be is known for a day. Whoever could not reach us for longer has stopped deciding long ago. */
const OLDEST_MS = 86_400_000;
/** A process learns our clock, and goes on with its own. */
export const CLOCK_SKEW_MS = 120_000;
/** Nobody honest decides later than this by what was changed. */
const HEARD_WITHIN_MS = STALE_AFTER_MS + CLOCK_SKEW_MS;
/** When an identity was served last is written once a minute. */
const SERVED_WITHIN_MS = HEARD_WITHIN_MS + 60_000;

/**
 * Decides again on what an agent says that it decided, as who it really is: `identities` are those that the gateway gave it, and what the report
 * says of itself is never one of them.
 */
export async function judgeReport(
  bundles: AgentBundles,
  known: KnownOfAgent,
  report: ReportedDecision,
): Promise<Judged> {
  const at = Date.parse(report.at);
  const replacedAt = await bundles.replacedAt(report.bundle);
  if (replacedAt === undefined) return mismatch('unknown_bundle');
  // Before the agent was there nobody decided as it, and what says so must not pass for merely old.
  if (at > known.now + CLOCK_SKEW_MS || at < known.createdAt - CLOCK_SKEW_MS) return mismatch('impossible_time');
  if (replacedAt !== null && at > replacedAt.getTime() + HEARD_WITHIN_MS) return mismatch('replaced_bundle');
  // An honest process comes back with this after a day without us.
  if (at < known.now - OLDEST_MS) return { verdict: 'diverged', cause: 'too_late_to_judge' };
  return await decideAgain(await bundles.find(report.bundle), known, report);
}

/** All that stops an action of this type, of whoever this is. */
export function scopesOf({ id, team }: AgentIdentity, type: string): readonly string[] {
  return ['global', 'tenant', `team:${team}`, `agent:${id}`, `action-type:${type}`];
}

async function decideAgain(
  bundle: AgentBundle | undefined,
  { identities, above, closed }: KnownOfAgent,
  report: ReportedDecision,
): Promise<Judged> {
  if (bundle?.client === undefined) return mismatch('not_cooperative');
  const actionType = ownMember(bundle.client.content.actionTypes, report.type);
  if (actionType === undefined) return mismatch('not_cooperative');
  const whole = await bundle.whole();
  if (!whole.validateParams(report.type, report.params).ok) return mismatch('invalid_parameters');
  const at = Date.parse(report.at);
  const inputs = identities.map((served) => ({
    served,
    input: guardInput(served.identity, actionType, report.params, report.at),
  }));
  const decidedOn = inputs.find(({ input }) => digestOf('decision', input as unknown as Json) === report.inputDigest);
  if (decidedOn === undefined) return mismatch('wrong_input');
  const { served, input } = decidedOn;
  if (at > served.servedAt.getTime() + SERVED_WITHIN_MS) return mismatch('replaced_identity');
  const scopes = [...scopesOf(served.identity, report.type), ...above];
  const stopped = closed.some(
    ({ scope, closedAt }) => scopes.includes(scope) && at > closedAt.getTime() + HEARD_WITHIN_MS,
  );
  if (report.effect === 'allow' && stopped) return mismatch('stop_ignored');
  if (whole.decide(input).effect === report.effect) return { verdict: 'confirmed', cause: null };
  // The agent's own part of the bundle may say otherwise, where a rule reads what agents do not have; that is not the agent's fault.
  if (report.effect === 'allow' && (await bundle.asAgent()).decide(input).effect !== 'allow')
    return mismatch('not_allowed');
  return { verdict: 'diverged', cause: null };
}

function mismatch(cause: MismatchCause): Judged {
  return { verdict: 'mismatch', cause };
}
