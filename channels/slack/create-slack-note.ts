import { type TellPerson, type Told } from '../channel';
import { plain, section } from './block-texts';
import { unmarked } from './fallback';
import { type Message } from './message';
import { type Clock } from './pace';
import { pacedClient } from './paced-client';
import { type Mark, type SlackClient } from './slack-client';
import { type SlackFault } from './slack-fault';

const MAX_WORDS = 1_000;
/** Slack's clock and the database's may differ by so much. */
const CLOCKS_DIFFER_MS = 300_000;

/** Tells a note in the conversation with one person. What an earlier try may have sent is looked for by its mark first. */
export function createSlackNote(deps: { readonly client: SlackClient; readonly clock: Clock }): TellPerson {
  const client = pacedClient(deps.client, deps.clock);
  return async ({ id, agent, headline, lines, madeAtMs, tried }, address) => {
    const opened = await client.openConversation(address);
    if (!opened.ok) return failed(opened.fault);
    const place = { channel: opened.value };
    const mark: Mark = { request: id, action: agent, surface: 'slack/note' };
    if (tried) {
      const found = await client.find(place, mark, madeAtMs - CLOCKS_DIFFER_MS);
      if (!found.ok) return failed(found.fault);
      if (found.value.length > 0) return { kind: 'told' };
    }
    const blocks = [headline, ...lines].map((line) => section(plain(line, MAX_WORDS)));
    const message: Message = { text: unmarked(headline), blocks };
    const posted = await client.post(place, message, mark);
    return posted.ok ? { kind: 'told' } : failed(posted.fault);
  };
}

/** Somebody who left, or takes no messages from apps, hears of it elsewhere. */
function failed({ kind, code }: SlackFault): Told {
  return { kind: kind === 'gone' ? 'refused' : 'failed', code };
}
