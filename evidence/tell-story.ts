import { type LedgerReport } from './ledger-report';
import { type AskedPart, type ProofPart, type Story } from './story';
import { type StoryEntry } from './story-entry';
import { objectIn, optionalText, saidIn, saidText, StoryReader } from './story-reader';
import { tellCredentials, tellEffects, tellTasks } from './tell-effects';
import { tellRounds } from './tell-rounds';

/**
 * Tells one action from its entries, in the ledger's order, and from nothing else. `report` is what the verifier says of the log that they were
 * read from.
 */
export function tellStory(action: string, entries: readonly StoryEntry[], report: LedgerReport): Story {
  const read = new StoryReader();
  const proof = proofOf(report);
  const asked = tellAsked(entries, read);
  const rounds = tellRounds(entries, read);
  const settled = entries.find(({ event }) => event === 'action.settled');
  const cancelled = entries.find(({ event }) => event === 'action.cancel_requested');
  const outcome =
    settled === undefined
      ? null
      : { at: settled.at, ending: read.text(settled, 'ending') ?? 'unknown', codes: read.texts(settled, 'codes') };
  if (outcome !== null && outcome.ending !== 'cancelled' && rounds.every(({ decision }) => decision === null))
    read.gap('what policy said');
  return {
    format: 'countersign-story/1',
    tenant: report.tenant,
    action,
    asked,
    rounds,
    cancellation:
      cancelled === undefined
        ? null
        : { at: cancelled.at, by: read.text(cancelled, 'by'), reason: saidText(cancelled.body, 'reason') },
    effects: tellEffects(entries, read),
    credentials: tellCredentials(entries, read),
    tasks: tellTasks(entries, read),
    outcome,
    timeline: entries.map(({ seq, at, event }) => ({ seq, at, event, covered: seq < proof.coveredTo })),
    unknown: read.unknown,
    proof,
  };
}

function tellAsked(entries: readonly StoryEntry[], read: StoryReader): AskedPart | null {
  const requested = entries.find(({ event }) => event === 'action.requested');
  if (requested === undefined) return read.gap('who asked, and for what');
  return {
    at: requested.at,
    agent: read.text(requested, 'agent') ?? 'unknown',
    generation: read.number(requested, 'generation'),
    agentVersion: read.text(requested, 'agentVersion'),
    owner: read.text(requested, 'owner'),
    team: read.text(requested, 'team'),
    environment: read.text(requested, 'environment'),
    onBehalfOf: optionalText(requested.entry, 'onBehalfOf'),
    type: read.text(requested, 'type') ?? 'unknown',
    typeVersion: read.number(requested, 'typeVersion'),
    lane: read.text(requested, 'lane'),
    risk: read.text(requested, 'risk'),
    digest: read.text(requested, 'digest'),
    because: saidIn(requested.body, (body) => optionalText(body, 'because') ?? undefined),
    context: saidIn(requested.body, (body) => objectIn(body['context'])),
  };
}

/** What follows a bad entry is not told as proved, whatever a checkpoint says of its number. */
function proofOf({ ok, anchored, firstBad, findings }: LedgerReport): ProofPart {
  return {
    verified: ok,
    coveredTo: Math.min(anchored.to, firstBad ?? anchored.to),
    findings: findings.map(({ code, message }) => `${code}: ${message}`),
  };
}
