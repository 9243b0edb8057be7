import { type Recipient } from '../channels/channel';
import { type StoredRecipient } from '../db/list-recipients';
import { type Notice } from '../domain/notice';
import { type Surface } from '../domain/surface';

/** A card that is not in Slack by then is mailed: long enough for one retry, short against any time to decide. */
export const MAIL_INSTEAD_AFTER_MS = 10_000;

/** Everybody whom a request concerns now: whom it waits for, who has voted, who was mailed, and the owner of the agent. */
export function concerned(notice: Notice, surfaces: readonly Surface[]): string[] {
  const people = notice.stages.flatMap(({ waitingFor, votes }) => [
    ...waitingFor,
    ...votes.map(({ person }) => person),
  ]);
  return [...new Set([...people, ...mailed(surfaces), notice.owner])].sort();
}

/** Everybody whom Slack knows; the card names those for whom it waits, and the owner is told apart. */
export function hearBySlack(people: readonly StoredRecipient[]): Recipient[] {
  return people.flatMap(({ person, slackUser }) => (slackUser === null ? [] : [{ person, address: slackUser }]));
}

/** Whom the request waits for and Slack does not reach, or not in time; and whoever was mailed about it before. */
export function hearByMail(
  notice: Notice,
  surfaces: readonly Surface[],
  people: readonly StoredRecipient[],
  slackFailed: boolean,
): Recipient[] {
  const waiting = new Set(notice.stages.flatMap(({ waitingFor }) => waitingFor));
  const before = new Set(mailed(surfaces));
  const late = slackFailed && notice.sinceOpenedMs >= MAIL_INSTEAD_AFTER_MS;
  return people.flatMap(({ person, slackUser, mail }) => {
    const hears = before.has(person) || (waiting.has(person) && (slackUser === null || late));
    return hears && mail !== null ? [{ person, address: mail }] : [];
  });
}

function mailed(surfaces: readonly Surface[]): string[] {
  return surfaces.filter(({ channel }) => channel === 'email').map(({ place }) => place);
}
