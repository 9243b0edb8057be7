import { cardOf } from '../domain/card-of';
import { type Catalogue } from '../domain/documents';
import { type Notice, type NoticeEvent, type NoticeStage, type NoticeVote, silenceOf } from '../domain/notice';
import { type NoticeRecord } from '../domain/notice-record';
import { momentsToRemind, verdictOf } from '../domain/verdict';
import { canonicalJson } from '../evidence/canonical-json';

/** What a channel shows, from what is stored and the catalogue in force. Pure: the same rows make the same words everywhere. */
export function noticeOf(record: NoticeRecord, catalogue: Pick<Catalogue, 'actionTypes'>): Notice {
  const { tenant, request, action, version, state, actionState, digest, type, risk, effect, lane } = record;
  const { environment, agent, team, owner, onBehalfOf, because, why, sinceOpenedMs } = record;
  const deadline = record.deadline.toISOString();
  return {
    ...{ tenant, request, action, version, state, actionState, digest, type, risk, effect, lane },
    ...{ environment, agent, team, owner, onBehalfOf, because, why, sinceOpenedMs, deadline },
    card: cardOf(catalogue, record, record.facts, record.factsBefore),
    paramsText: canonicalJson(record.params),
    asked: (record.findings ?? [])
      .filter((finding) => finding.effect === 'approval')
      .map(({ code, message, chain }) => ({ code, message: message ?? '', chain: chain ?? '' })),
    openedAt: record.openedAt.toISOString(),
    silence: silenceOf(deadline),
    stages: stagesOf(record),
    events: eventsOf(record),
  };
}

function stagesOf({ openStages, conflicted, votes, sinceOpenedMs, state }: NoticeRecord): NoticeStage[] {
  const counting = votes.filter((vote) => vote.counts);
  const verdict = verdictOf(openStages, counting, sinceOpenedMs);
  return openStages.map(({ need, from, reason }, index) => ({
    need,
    from,
    reason,
    waitingFor:
      state === 'open' && verdict.kind === 'open' && verdict.stage === index
        ? verdict.waitingOn.filter((person) => !conflicted.includes(person))
        : [],
    votes: votes.filter((vote) => vote.stage === index).map(voteOf),
  }));
}

function voteOf({ person, choice, channel, at, reason }: NoticeVote): NoticeVote {
  return { person, choice, channel, at, reason };
}

function eventsOf(record: NoticeRecord): NoticeEvent[] {
  const { votes, reminders, openStages, openedAt, state, closedAt, actionState, settledAt } = record;
  const voted = votes.map((vote): NoticeEvent => {
    const key = `voted/${vote.person}/${vote.choice}`;
    return { key, kind: 'voted', ...voteOf(vote) };
  });
  const reminded = momentsToRemind(openStages)
    .slice(0, reminders)
    .map((ms, index): NoticeEvent => {
      const reminder = index + 1;
      return { key: `reminded/${String(reminder)}`, kind: 'reminded', at: later(openedAt, ms), reminder };
    });
  const happened = [...voted, ...reminded].sort((a, b) => a.at.localeCompare(b.at));
  if (state !== 'open')
    happened.push({ key: `closed/${state}`, kind: 'closed', at: (closedAt ?? openedAt).toISOString(), state });
  if (settledAt !== null)
    happened.push({ key: `ended/${actionState}`, kind: 'ended', at: settledAt.toISOString(), state: actionState });
  return happened;
}

function later(from: Date, ms: number): string {
  return new Date(from.getTime() + ms).toISOString();
}
