import { type Notice } from '../../domain/notice';
import { inert } from './escape';
import { tellEnd, tellState } from './tell-state';

/** About as much as a notification shows. */
const MAX_NOTIFICATION = 300;

/** The card in a line, for notifications and for whoever hears it read. */
export function fallbackOf(notice: Notice): string {
  const { card, agent, state } = notice;
  // Why it ended so is on the card: here it would push out what the card is about.
  const end = tellEnd({ ...notice, why: [] });
  const said = state === 'open' ? `${agent} asks for a countersignature:` : `${tellState(notice)} ${end}`;
  return unmarked(`${said} ${card.headline}`);
}

/** Notifications know markup, and nothing there is worth a bold letter: its characters are written out. */
export function unmarked(text: string): string {
  return inert(text, MAX_NOTIFICATION).replace(/[*_~`]/g, (mark) => `\\u{${mark.charCodeAt(0).toString(16)}}`);
}
