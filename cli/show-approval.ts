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

/** Everything that somebody has to know who decides. What an agent or a target wrote is shown with its invisible characters. */
export function showApproval(approval: Approval, nowMs: number): string {
  const { card, params, claimed, asked, stages } = approval;
  return [
    pc.bold(card.headline),
    ...card.fields.map(
      ({ label, value, before }) =>
        `  ${label}: ${value}${before === undefined ? '' : pc.yellow(`  (changed, was ${before})`)}`,
    ),
    '',
    `${approval.type}, risk ${approval.risk}, asked by the agent ${approval.agent}`,
    ...(claimed.onBehalfOf === null ? [] : [`It says that it acts for ${visibleText(claimed.onBehalfOf)}.`]),
    ...(claimed.because === null ? [] : [`The agent's own words, checked by nobody: ${visibleText(claimed.because)}`]),
    ...asked.map(({ code, message }) => `Why a person is asked: ${message} (${code})`),
    '',
    'The complete parameters:',
    ...Object.entries(params).map(([name, value]) => `  ${visibleText(name)} = ${visibleText(canonicalJson(value))}`),
    `Digest ${approval.digest}`,
    `  ${DIGEST_WORDS[checkDigest(approval)]}`,
    '',
    ...stages.flatMap(stageLines),
    approval.state === 'open'
      ? `Deadline ${when(approval.deadline, nowMs)}. ${approval.silence}`
      : `It is ${approval.state}.`,
  ].join('\n');
}

function stageLines({ need, from, eligible, votes }: Approval['stages'][number], index: number): string[] {
  const cast = votes.map(
    ({ person, choice, castAt, counts }) =>
      `    ${person}: ${choice} at ${castAt}${counts ? '' : pc.yellow(' (does not count any more)')}`,
  );
  return [`Stage ${index + 1}: ${need} of ${from.join(', ')} (${eligible.join(', ')})`, ...cast];
}
