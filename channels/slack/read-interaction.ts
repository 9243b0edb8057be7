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
  readonly user?: { readonly id?: unknown; readonly team_id?: unknown };
  readonly trigger_id?: unknown;
  readonly channel?: { readonly id?: unknown };
  readonly actions?: readonly { readonly action_id?: unknown; readonly value?: unknown }[];
  readonly view?: Parameters<typeof readForm>[0];
}

/** Reads what Slack sent, after its signature was checked. Nothing that the message says is believed: only who pressed, and on which request. */
export function readInteraction(payload: Payload): Interaction {
  const by = byOf(payload);
  if (by === undefined) return { kind: 'other' };
  if (payload.type === 'view_submission') {
    const form = payload.view && readForm(payload.view);
    return form === undefined ? { kind: 'other' } : { kind: 'form', ...by, ...form };
  }
  const [action] = payload.type === 'block_actions' ? (payload.actions ?? []) : [];
  const does = (['approve', 'deny', 'show'] as const).find((name) => ACTIONS[name] === action?.action_id);
  const subject = readButtonValue(action?.value);
  const { channel, trigger_id: trigger } = payload;
  if (does === undefined || subject === undefined) return { kind: 'other' };
  if (typeof channel?.id !== 'string' || typeof trigger !== 'string') return { kind: 'other' };
  return { kind: 'press', ...by, does, ...subject, channel: channel.id, trigger };
}

function byOf({ team, user }: Payload): By | undefined {
  // An app that is installed for a whole organisation is told no team, but that of the person.
  const theirs = typeof user?.team_id === 'string' ? user.team_id : undefined;
  const ours = typeof team?.id === 'string' ? team.id : theirs;
  if (ours === undefined || typeof user?.id !== 'string') return undefined;
  return { team: ours, user: user.id, userTeam: theirs ?? ours };
}
