import { type Surfaces } from '../channel';
import { type Message } from './message';
import { type Clock } from './pace';
import { type Mark, type Place, type SlackClient } from './slack-client';
import { type SlackFault } from './slack-fault';

/** One message of a request. */
export interface SlackSurface {
  /** As it is remembered. */
  readonly name: string;
  /** As it is found again in Slack. */
  readonly mark: Mark;
  readonly place: Place;
  readonly message: Message;
  readonly version: number;
  /** It follows every version of the request; else it is said once. */
  readonly lasting: boolean;
  /** False: brought up to date where it stands already, and not posted any more. */
  readonly postable: boolean;
  /** Where it may not be posted it is tried again, for the app may be let in yet; else it is given up. */
  readonly needed: boolean;
  readonly sinceOpenedMs: number;
  /** Messages with the same mark that are other surfaces. */
  readonly others?: readonly string[];
}

export type SurfaceResult =
  /** `sought`: an earlier try may have sent it as well. */
  | { readonly kind: 'shown'; readonly ts: string; readonly sought: boolean }
  /** It is nowhere, and nothing is to be done about it. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly fault: SlackFault };

export interface ShowingDeps {
  readonly client: SlackClient;
  readonly clock: Clock;
}

/** Our clock, the database's and Slack's may differ by so much. */
const CLOCKS_DIFFER_MS = 300_000;

/**
 * Brings one message up to date. What was intended before is looked for in Slack by its mark, so that a crash between sending and remembering makes no
 * second one. What Slack does not let us touch any more is given up for good.
 */
export async function showSurface(
  deps: ShowingDeps,
  surfaces: Surfaces,
  surface: SlackSurface,
): Promise<SurfaceResult> {
  const { name, place, version, lasting, postable } = surface;
  const known = surfaces.all.find((each) => each.surface === name);
  if (known?.state === 'gone') return { kind: 'absent' };
  if (known?.externalId != null) {
    if (known.version >= version || !lasting) return { kind: 'shown', ts: known.externalId, sought: false };
    const updated = await update(deps, surfaces, surface, known.externalId);
    if (updated.kind === 'absent') await surfaces.gone(name, 'slack.message_gone');
    return updated.kind === 'shown' ? { ...updated, sought: false } : updated;
  }
  if (known === undefined && !postable) return { kind: 'absent' };
  const first = known === undefined && (await surfaces.intend(name, 'slack', place.channel));
  const found = first ? undefined : await adopt(deps, surfaces, surface);
  if (found !== undefined || !postable) return found ?? { kind: 'absent' };
  return await post(deps, surfaces, surface, !first);
}

async function post(
  { client }: ShowingDeps,
  surfaces: Surfaces,
  { name, mark, place, message, version, needed }: SlackSurface,
  sought: boolean,
): Promise<SurfaceResult> {
  const posted = await client.post(place, message, mark);
  if (posted.ok) {
    await surfaces.shown(name, version, posted.value, JSON.stringify(message));
    return { kind: 'shown', ts: posted.value, sought };
  }
  if (needed || posted.fault.kind !== 'gone') return { kind: 'failed', fault: posted.fault };
  await surfaces.gone(name, posted.fault.code);
  return { kind: 'absent' };
}

/** `absent`: it is not ours to touch. */
async function update(
  { client }: ShowingDeps,
  surfaces: Surfaces,
  { name, mark, place, message, version }: SlackSurface,
  ts: string,
): Promise<SurfaceResult> {
  const updated = await client.update(place, ts, message, mark);
  if (!updated.ok) return updated.fault.kind === 'gone' ? { kind: 'absent' } : { kind: 'failed', fault: updated.fault };
  await surfaces.shown(name, version, ts, JSON.stringify(message));
  return { kind: 'shown', ts, sought: true };
}

/** The message of an earlier try, if it arrived after all. Another app can forge our mark, but we cannot update what is its. */
async function adopt(deps: ShowingDeps, surfaces: Surfaces, surface: SlackSurface): Promise<SurfaceResult | undefined> {
  const { mark, place, sinceOpenedMs, others = [] } = surface;
  const found = await deps.client.find(place, mark, deps.clock.now() - sinceOpenedMs - CLOCKS_DIFFER_MS);
  if (!found.ok) return found.fault.kind === 'gone' ? undefined : { kind: 'failed', fault: found.fault };
  for (const ts of found.value.filter((each) => !others.includes(each))) {
    const updated = await update(deps, surfaces, surface, ts);
    if (updated.kind !== 'absent') return updated;
  }
  return undefined;
}
