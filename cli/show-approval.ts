import pc from 'picocolors';
import { visibleText } from '../domain/visible-text';
import { type ActionDocument, actionDigest } from '../evidence/action-digest';
import { canonicalJson } from '../evidence/canonical-json';
import { type JsonObject } from '../domain/json';
import { when } from './output';

/** A request for approval as the gateway shows it. */
export interface Approval {
  readonly id: string;
  readonly action: string;
  readonly state: string;
  readonly digest: string;
  readonly type: string;
  readonly risk: string;
  readonly agent: string;
  readonly card: {
    readonly headline: string;
    readonly fields: readonly { readonly label: string; readonly value: string; readonly before?: string }[];
  };
  readonly params: JsonObject;
  readonly document: ActionDocument | null;
  readonly claimed: { readonly because: string | null; readonly onBehalfOf: string | null };
  readonly asked: readonly { readonly code: string; readonly message: string; readonly chain: string }[];
  readonly deadline: string;
  readonly silence: string;
  readonly stages: readonly {
    readonly need: number;
    readonly from: readonly string[];
    readonly eligible: readonly string[];
    readonly votes: readonly {
      readonly person: string;
      readonly choice: string;
      readonly castAt: string;
      readonly counts: boolean;
    }[];
  }[];
}

/**
 * Whether the digest is that of what is shown, computed here: `unknown` where the gateway cannot say any more what it was computed from.
 * A vote on anything but `same` would be a vote on something unseen.
 */
export function checkDigest({ document, digest, params }: Approval): 'same' | 'other' | 'unknown' {
  if (document === null) return 'unknown';
  return actionDigest(document) === digest && canonicalJson(document.params) === canonicalJson(params)
    ? 'same'
    : 'other';
}

const DIGEST_WORDS = {
  same: pc.green('computed here from what is shown: the same'),
  other: pc.red('NOT the digest of what is shown'),
  unknown: pc.yellow('cannot be checked here: the catalogue has changed since'),
} as const;

/** Everything that somebody has to know who decides. What an agent, a target, a rule or a person wrote is on one line each, with its invisible characters. */
export function showApproval(approval: Approval, nowMs: number): string {
  const { card, params, claimed, asked, stages } = approval;
  return [
    pc.bold(visibleText(card.headline)),
    ...card.fields.map(
      ({ label, value, before }) =>
        line`  ${label}: ${value}` + (before === undefined ? '' : pc.yellow(line`  (changed, was ${before})`)),
    ),
    '',
    line`${approval.type}, risk ${approval.risk}, asked by the agent ${approval.agent}`,
    ...(claimed.onBehalfOf === null ? [] : [line`It says that it acts for ${claimed.onBehalfOf}.`]),
    ...(claimed.because === null ? [] : [line`The agent's own words, checked by nobody: ${claimed.because}`]),
    ...asked.map(({ code, message }) => line`Why a person is asked: ${message} (${code})`),
    '',
    'The complete parameters:',
    ...Object.entries(params).map(([name, value]) => line`  ${name} = ${canonicalJson(value)}`),
    line`Digest ${approval.digest}`,
    `  ${DIGEST_WORDS[checkDigest(approval)]}`,
    '',
    ...stages.flatMap(stageLines),
    approval.state === 'open'
      ? line`Deadline ${when(approval.deadline, nowMs)}. ${approval.silence}`
      : line`It is ${approval.state}.`,
  ].join('\n');
}

function stageLines({ need, from, eligible, votes }: Approval['stages'][number], index: number): string[] {
  const cast = votes.map(
    ({ person, choice, castAt, counts }) =>
      line`    ${person}: ${choice} at ${castAt}` + (counts ? '' : pc.yellow(' (does not count any more)')),
  );
  return [line`Stage ${String(index + 1)}: ${String(need)} of ${from.join(', ')} (${eligible.join(', ')})`, ...cast];
}

/** A line of ours with words of others in it: whatever they wrote, it stays one line. */
function line(ours: TemplateStringsArray, ...others: readonly string[]): string {
  return String.raw({ raw: ours }, ...others.map(visibleText));
}
