import { type Answer, callOf, createWebClient } from './call';
import { CARD_EVENT } from './ids';
import { type Message } from './message';

/** Which surface of which request a message is: how it is found again. Everybody in the channel can read it. */
export interface Mark {
  readonly request: string;
  readonly action: string;
  readonly surface: string;
}

export interface Place {
  readonly channel: string;
  /** The card below which it stands. */
  readonly thread?: string;
}

/** What we ask of Slack: four verbs. Each call is made once, and never takes longer than `TIMEOUT_MS`. */
export interface SlackClient {
  /** Answers the timestamp that names the message. */
  post(place: Place, message: Message, mark: Mark): Promise<Answer<string>>;
  update(place: Place, ts: string, message: Message, mark: Mark): Promise<Answer<string>>;
  /** Our messages with this mark that are not older than `oldestMs` (Unix time), oldest first. */
  find(place: Place, mark: Mark, oldestMs: number): Promise<Answer<readonly string[]>>;
  /** The conversation with one person. */
  openConversation(user: string): Promise<Answer<string>>;
}

/** Two full pages: more than any channel gets in the hour that a crash takes to be mended, and quick enough for one turn of the loop. */
const PAGE = 500;
const MAX_PAGES = 2;

interface History {
  readonly messages?: readonly {
    readonly ts?: string;
    readonly metadata?: { readonly event_type?: string; readonly event_payload?: Partial<Mark> };
  }[];
  readonly response_metadata?: { readonly next_cursor?: string };
}

export function createSlackClient(settings: Parameters<typeof createWebClient>[0]): SlackClient {
  const call = callOf(createWebClient(settings));
  return {
    post: async ({ channel, thread }, message, mark) =>
      await call('chat.postMessage', { channel, thread_ts: thread, ...sent(message, mark) }, textAt('ts')),
    update: async ({ channel }, ts, message, mark) =>
      await call('chat.update', { channel, ts, ...sent(message, mark) }, textAt('ts')),
    openConversation: async (users) =>
      await call('conversations.open', { users }, (answer) => textAt('id')((answer as { channel?: unknown }).channel)),
    find: async ({ channel, thread }, mark, oldestMs) => {
      const method = thread === undefined ? 'conversations.history' : 'conversations.replies';
      const args = {
        channel,
        ts: thread,
        oldest: (oldestMs / 1_000).toFixed(6),
        limit: PAGE,
        include_all_metadata: true,
      };
      const found: string[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < MAX_PAGES; page++) {
        const answer = await call(method, { ...args, cursor }, (value) => value as History);
        if (!answer.ok) return answer;
        found.push(...marked(answer.value, mark));
        cursor = answer.value.response_metadata?.next_cursor;
        if (cursor === undefined || cursor === '') break;
      }
      return { ok: true, value: found.sort() };
    },
  };
}

/** What people wrote is never made into links, mentions or previews. */
function sent({ text, blocks }: Message, mark: Mark): Record<string, unknown> {
  return {
    ...{ text, blocks, mrkdwn: false, parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false },
    metadata: { event_type: CARD_EVENT, event_payload: mark },
  };
}

function marked({ messages = [] }: History, mark: Mark): string[] {
  return messages.flatMap(({ ts, metadata }) => {
    const { request, surface } = metadata?.event_payload ?? {};
    const ours = metadata?.event_type === CARD_EVENT && request === mark.request && surface === mark.surface;
    return ours && ts !== undefined ? [ts] : [];
  });
}

/** An answer without it is one that we do not understand, as `faultOf` says of any other error. */
function textAt(name: string): (answer: unknown) => string {
  return (answer) => {
    const value = (answer as Record<string, unknown> | undefined)?.[name];
    if (typeof value !== 'string') throw new TypeError(`Slack's answer has no ${name}`);
    return value;
  };
}
