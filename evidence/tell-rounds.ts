import { type JsonObject } from '../domain/json';
import { type ApprovalPart, type RoundPart, type Said, type StagePart, type VotePart } from './story';
import { type StoryEntry } from './story-entry';
import { listIn, objectIn, optionalText, saidIn, saidText, type StoryReader, textsIn } from './story-reader';

/** Policy and people, round by round. */
export function tellRounds(entries: readonly StoryEntry[], read: StoryReader): readonly RoundPart[] {
  const named = entries.filter(({ event }) => event === 'action.decided' || event === 'action.reconsidered');
  const rounds = [...new Set(named.map(({ entry }) => entry['round']).filter((round) => typeof round === 'number'))];
  const last = Math.max(...rounds);
  return rounds
    .sort((a, b) => a - b)
    .map((round) => {
      const of = (event: string): StoryEntry | undefined =>
        named.find((each) => each.event === event && each.entry['round'] === round);
      return tellRound(round, { decided: of('action.decided'), reopened: of('action.reconsidered') }, entries, {
        read,
        isLast: round === last,
      });
    });
}

interface Context {
  readonly read: StoryReader;
  readonly isLast: boolean;
}

function tellRound(
  round: number,
  { decided, reopened }: { readonly decided: StoryEntry | undefined; readonly reopened: StoryEntry | undefined },
  entries: readonly StoryEntry[],
  context: Context,
): RoundPart {
  const { read } = context;
  const why =
    round === 1 ? 'requested' : reopened === undefined ? read.gap(`why round ${round}`) : read.text(reopened, 'why');
  const first = decided ?? reopened;
  const digest = first === undefined ? null : read.text(first, 'digest');
  if (decided === undefined) return { round, why, digest, decision: null, approval: null };
  const request = optionalText(decided.entry, 'request');
  return {
    round,
    why,
    digest,
    decision: {
      at: decided.at,
      effect: read.text(decided, 'effect'),
      codes: read.texts(decided, 'codes'),
      chains: read.texts(decided, 'chains'),
      bundleDigest: read.text(decided, 'bundleDigest'),
      inputDigest: saidText(decided.body, 'inputDigest'),
    },
    approval: request === null ? null : tellApproval(request, decided, entries, context),
  };
}

function tellApproval(
  request: string,
  decided: StoryEntry,
  entries: readonly StoryEntry[],
  { read, isLast }: Context,
): ApprovalPart {
  const about = entries.filter(({ entry }) => entry['request'] === request);
  const of = (event: string): readonly StoryEntry[] => about.filter((each) => each.event === event);
  const closed = of('approval.closed').at(-1);
  const settled = entries.some(({ event }) => event === 'action.settled');
  // A request that the next round put aside has no ending of its own.
  if (closed === undefined && settled && isLast) read.gap(`how ${request} ended`);
  return {
    request,
    openedAt: decided.at,
    deadline: read.text(decided, 'deadline'),
    card: read.text(decided, 'card'),
    stages: tellStages(request, decided, read),
    excluded: saidIn(decided.body, (body) => textsIn(body['excluded'])),
    remindedAt: of('approval.reminded').map(({ at }) => at),
    rerouted: of('approval.rerouted').map((rerouted) => ({
      at: rerouted.at,
      person: read.text(rerouted, 'person') ?? 'unknown',
    })),
    shown: of('approval.shown').map((shown) => ({
      at: shown.at,
      surface: read.text(shown, 'surface') ?? 'unknown',
      digest: read.text(shown, 'shown'),
    })),
    votes: of('vote.cast').map((cast) => tellVote(cast, decided, read)),
    refused: of('vote.refused').map((refused) => ({
      at: refused.at,
      person: read.text(refused, 'person') ?? 'unknown',
      choice: read.text(refused, 'choice') ?? 'unknown',
      code: read.text(refused, 'code') ?? 'unknown',
      channel: read.text(refused, 'channel'),
    })),
    closed: closed === undefined ? null : { at: closed.at, state: read.text(closed, 'state') ?? 'unknown' },
  };
}

function tellVote(cast: StoryEntry, decided: StoryEntry, read: StoryReader): VotePart {
  return {
    at: cast.at,
    person: read.text(cast, 'person') ?? 'unknown',
    choice: read.text(cast, 'choice') ?? 'unknown',
    channel: read.text(cast, 'channel'),
    stage: read.number(cast, 'stage'),
    onThisDigest: cast.entry['digest'] === decided.entry['digest'],
    reason: saidText(cast.body, 'reason'),
  };
}

function tellStages(request: string, decided: StoryEntry, read: StoryReader): readonly StagePart[] {
  const asked = listIn(decided.entry['asked']);
  if (asked.length === 0) read.gap(`who was asked to countersign, in ${request}`);
  return asked.map((stage, index): StagePart => {
    const { need, people } = objectIn(stage) ?? {};
    const names = (pick: (stage: JsonObject) => readonly string[] | undefined): Said<readonly string[]> =>
      saidIn(decided.body, (body) => {
        const named = objectIn(listIn(body['asked'])[index]);
        return named && pick(named);
      });
    return {
      need: typeof need === 'number' ? need : 0,
      people: typeof people === 'number' ? people : 0,
      from: names((named) => textsIn(named['from'])),
      eligible: names((named) => textsIn(named['eligible'])),
      escalated: names((named) => {
        const escalation = objectIn(named['escalation']);
        return escalation && textsIn(escalation['eligible']);
      }),
    };
  });
}
