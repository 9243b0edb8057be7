import { type Notice, type RequestState } from '../../domain/notice';
import { type Surface } from '../../domain/surface';

export type DueMail =
  | { readonly kind: 'asked' }
  | { readonly kind: 'reminded'; readonly reminder: number }
  | { readonly kind: 'closed'; readonly state: Exclude<RequestState, 'open'> };

/**
 * The one mail that this person is owed now, if any: being asked, the last reminder since then, or that nothing is left to do. A mail cannot be changed
 * once it is sent, so what happens in between is on the page alone.
 */
export function dueMail(notice: Notice, surfaces: readonly Surface[], person: string): DueMail | undefined {
  const find = (name: string): Surface | undefined =>
    surfaces.find(({ surface }) => surface === `email/${person}/${name}`);
  const asked = find('asked');
  const { state } = notice;
  if (state !== 'open') {
    const voted = notice.stages.some(({ votes }) => votes.some((vote) => vote.person === person));
    return asked === undefined || voted || isSettled(find('closed')) ? undefined : { kind: 'closed', state };
  }
  if (!notice.stages.some(({ waitingFor }) => waitingFor.includes(person))) return undefined;
  if (!isSettled(asked)) return { kind: 'asked' };
  const askedAtMs = notice.sinceOpenedMs - (asked?.ageMs ?? 0);
  const last = notice.events.findLast((event) => event.kind === 'reminded');
  if (last === undefined || Date.parse(last.at) - Date.parse(notice.openedAt) <= askedAtMs) return undefined;
  return isSettled(find(`reminded-${String(last.reminder)}`))
    ? undefined
    : { kind: 'reminded', reminder: last.reminder };
}

export function surfaceOf(person: string, due: DueMail): string {
  return `email/${person}/${due.kind === 'reminded' ? `reminded-${String(due.reminder)}` : due.kind}`;
}

function isSettled(surface: Surface | undefined): boolean {
  return surface !== undefined && surface.state !== 'intended';
}
