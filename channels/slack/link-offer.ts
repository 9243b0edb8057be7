import { plain, section } from './block-texts';
import { type Message } from './message';

/** What somebody unknown is told. Without an address they were given enough of them for now. */
export function linkOffer(url: string | undefined): Message {
  const text =
    url === undefined
      ? 'This Slack account is not linked to anybody here. Use the link that you were given, or wait ten minutes for another. Nothing was recorded.'
      : 'This Slack account is not linked to anybody here, so nothing was recorded. Link it, and press again.';
  const blocks: Message['blocks'] = [section(plain(text, 300))];
  if (url !== undefined) {
    const button = { type: 'button' as const, text: plain('Link my account', 75), url, action_id: 'countersign.link' };
    blocks.push({ type: 'actions', elements: [button] });
  }
  return { text, blocks };
}
