import { ACTIONS, readButtonValue, type ButtonSubject } from './ids';
import { type FilledForm, readForm } from './forms';

/** Who did it, as Slack says it: their account, and the workspace that told us. */
interface By {
  readonly team: string;
  readonly user: string;
  /** Of the workspace that the person belongs to; another one, for guests of a shared channel. */
  readonly userTeam: string;
}

export type Interaction =
  | ({
      readonly kind: 'press';
      readonly does: keyof typeof ACTIONS;
      readonly channel: string;
      readonly trigger: string;
    } & By &
      ButtonSubject)
  | ({ readonly kind: 'form' } & By & FilledForm)
  /** Nothing of ours: a link that was opened, a button of another app's time. It is acknowledged. */
  | { readonly kind: 'other' };

interface Payload {
  readonly type?: unknown;
  readonly team?: { readonly id?: unknown } | null;
  readonly user?: { readonly id?: unknown; readonly team_id?: unknown } | null;
  readonly trigger_id?: unknown;
  readonly channel?: { readonly id?: unknown } | null;
  readonly actions?: unknown;
  readonly view?: Parameters<typeof readForm>[0] | null;
}

/** As Slack makes them. What else could stand there would find nobody, and some of it no database takes. */
const ID = /^[A-Z0-9]{1,64}$/;

/** Reads what Slack sent, after its signature was checked. Nothing that the message says is believed: only who pressed, and on which request. */
export function readInteraction(payload: Payload): Interaction {
  const by = byOf(payload);
  if (by === undefined) return { kind: 'other' };
  if (payload.type === 'view_submission') {
    const form = readForm(payload.view ?? {});
    return form === undefined ? { kind: 'other' } : { kind: 'form', ...by, ...form };
  }
  const actions: unknown[] = payload.type === 'block_actions' && Array.isArray(payload.actions) ? payload.actions : [];
  const action = actions[0] as { readonly action_id?: unknown; readonly value?: unknown } | null | undefined;
  const does = (['approve', 'deny', 'show'] as const).find((name) => ACTIONS[name] === action?.action_id);
  const subject = readButtonValue(action?.value);
  const { channel, trigger_id: trigger } = payload;
  if (does === undefined || subject === undefined) return { kind: 'other' };
  const place = idIn(channel);
  if (place === undefined || typeof trigger !== 'string') return { kind: 'other' };
  return { kind: 'press', ...by, does, ...subject, channel: place, trigger };
}

function byOf({ team, user }: Payload): By | undefined {
  // An app that is installed for a whole organisation is told no team, but that of the person.
  const theirs = idIn({ id: user?.team_id });
  const ours = idIn(team) ?? theirs;
  const who = idIn(user);
  if (ours === undefined || who === undefined) return undefined;
  return { team: ours, user: who, userTeam: theirs ?? ours };
}

function idIn(named: { readonly id?: unknown } | null | undefined): string | undefined {
  const id = named?.id;
  return typeof id === 'string' && ID.test(id) ? id : undefined;
}
