import { problemOfBlocks } from './block-rules';
import { type DoubleMessage, type Json, type SlackBook } from './slack-book';

/** What a workspace is made of, as the double plays it. */
export interface Workspace {
  readonly team: string;
  readonly botToken: string;
  /** Channels that the bot is in. */
  readonly channels: readonly string[];
  /** People by id. A bot is no person. */
  readonly users: readonly string[];
  archived: Set<string>;
}

type Answer = { readonly ok: true } & Json;
type Refusal = { readonly ok: false; readonly error: string };
type Method = (args: Json) => Answer | Refusal;
type Shown = DoubleMessage['versions'][number];

const refuse = (error: string): Refusal => ({ ok: false, error });

/** Longer texts are truncated by Slack; here they are a fault of the sender. */
const MAX_TEXT = 40_000;
const MAX_METADATA = 16_384;
const MAX_TITLE = 24;
const MAX_PRIVATE_METADATA = 3_000;

const textOrNothing = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Slack's Web API, as far as a bot that asks people needs it, and as strict. Names of methods, arguments and errors are Slack's. */
export function createWebApi(workspace: Workspace, book: SlackBook): (method: string, args: Json) => Answer | Refusal {
  const places = new Places(workspace);
  const methods: Readonly<Record<string, Method>> = {
    ...messageMethods(workspace, book, places),
    ...listMethods(book, places),
    ...viewMethods(book),
    'auth.test': () => ({ ok: true, team_id: workspace.team, user_id: 'U0BOT', bot_id: 'B0BOT' }),
    'conversations.open': (args) => places.open(String(args['users'])),
    'users.info': ({ user }) =>
      workspace.users.includes(String(user))
        ? {
            ok: true,
            user: {
              id: String(user),
              name: String(user).slice(2).toLowerCase(),
              team_id: workspace.team,
              deleted: false,
              is_bot: false,
            },
          }
        : refuse('user_not_found'),
  };
  return (method, args) =>
    (Object.hasOwn(methods, method) ? methods[method]?.(args) : undefined) ?? refuse('unknown_method');
}

/** Where a bot may speak: channels that it is in, and conversations that it opened. */
class Places {
  readonly #directs = new Map<string, string>();

  constructor(private readonly workspace: Workspace) {}

  open(user: string): Answer | Refusal {
    if (!this.workspace.users.includes(user)) return refuse('user_not_found');
    const id = `D${user.slice(1)}`;
    this.#directs.set(user, id);
    return { ok: true, channel: { id } };
  }

  problemOf(channel: unknown): Refusal | undefined {
    if (typeof channel !== 'string') return refuse('channel_not_found');
    if (this.workspace.archived.has(channel)) return refuse('is_archived');
    const known = this.workspace.channels.includes(channel) || [...this.#directs.values()].includes(channel);
    return known ? undefined : refuse('channel_not_found');
  }
}

function messageMethods(workspace: Workspace, book: SlackBook, places: Places): Readonly<Record<string, Method>> {
  return {
    'chat.postMessage': (args) => {
      const channel = String(args['channel']);
      const thread = textOrNothing(args['thread_ts']);
      const shown = shownOf(args);
      const problem = places.problemOf(args['channel']);
      if (problem !== undefined) return problem;
      if ('ok' in shown) return shown;
      if (thread !== undefined && book.find(channel, thread) === undefined) return refuse('thread_not_found');
      return { ok: true, channel, ts: book.post(channel, thread, shown).ts };
    },
    'chat.update': (args) => {
      const message = book.find(String(args['channel']), String(args['ts']));
      const shown = shownOf(args);
      const problem = places.problemOf(args['channel']);
      if (problem !== undefined) return problem;
      if (message === undefined) return refuse('message_not_found');
      if ('ok' in shown) return shown;
      message.versions.push({ ...shown, metadata: shown.metadata ?? message.versions.at(-1)?.metadata });
      return { ok: true, channel: message.channel, ts: message.ts };
    },
    'chat.postEphemeral': (args) => {
      const user = String(args['user']);
      const shown = shownOf(args);
      const problem = places.problemOf(args['channel']);
      if (problem !== undefined) return problem;
      if (!workspace.users.includes(user)) return refuse('user_not_in_channel');
      if ('ok' in shown) return shown;
      book.ephemerals.push({ channel: String(args['channel']), user, ...shown });
      return { ok: true, message_ts: '0' };
    },
  };
}

function shownOf({ text, blocks, metadata }: Json): Shown | Refusal {
  const words = textOrNothing(text);
  if (words === undefined && blocks === undefined) return refuse('no_text');
  if (words !== undefined && words.length > MAX_TEXT) return refuse('msg_too_long');
  const problem = blocks === undefined ? undefined : problemOfBlocks(blocks, 'message');
  if (problem !== undefined) return refuse(problem);
  if (metadata !== undefined && JSON.stringify(metadata).length > MAX_METADATA) return refuse('metadata_too_large');
  return { text: words ?? '', blocks: (blocks ?? []) as readonly Json[], metadata: metadata as Json | undefined };
}

function listMethods(book: SlackBook, places: Places): Readonly<Record<string, Method>> {
  return {
    'conversations.history': (args) =>
      places.problemOf(args['channel']) ?? {
        ok: true,
        messages: listed(book, args, (message) => message.threadTs === undefined),
        has_more: false,
      },
    'conversations.replies': (args) => {
      const ts = String(args['ts']);
      const problem = places.problemOf(args['channel']);
      if (problem !== undefined) return problem;
      if (book.find(String(args['channel']), ts) === undefined) return refuse('thread_not_found');
      const messages = listed(book, args, (message) => message.ts === ts || message.threadTs === ts);
      return { ok: true, messages, has_more: false };
    },
  };
}

/** Newest first, as Slack lists them. */
function listed(book: SlackBook, args: Json, wanted: (message: DoubleMessage) => boolean): Json[] {
  const oldest = args['oldest'] === undefined ? 0 : Number(args['oldest']);
  const withMetadata = String(args['include_all_metadata']) === 'true';
  return book.messages
    .filter((message) => message.channel === args['channel'] && wanted(message) && Number(message.ts) >= oldest)
    .map(({ ts, threadTs, versions }) => {
      const { text, blocks, metadata } = versions.at(-1) ?? {};
      const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
      return { type: 'message', ts, ...thread, text, blocks, ...(withMetadata && { metadata }) };
    })
    .reverse();
}

function viewMethods(book: SlackBook): Readonly<Record<string, Method>> {
  return {
    'views.open': ({ trigger_id: trigger, view }) => {
      const opener = book.useTrigger(trigger);
      if ('error' in opener) return refuse(opener.error);
      return viewProblem(view) ?? { ok: true, view: { id: book.openView(opener.user, view as Json).id } };
    },
    'views.update': ({ view_id: id, view }) => {
      const opened = book.views.find((each) => each.id === id && each.open);
      if (opened === undefined) return refuse('not_found');
      const problem = viewProblem(view);
      if (problem !== undefined) return problem;
      opened.view = view as Json;
      return { ok: true, view: { id: opened.id } };
    },
  };
}

function viewProblem(view: unknown): Refusal | undefined {
  const { type, title, blocks, private_metadata: metadata } = (view ?? {}) as Readonly<Record<string, unknown>>;
  const words = (title as { text?: unknown } | undefined)?.text;
  const fits =
    type === 'modal' &&
    typeof words === 'string' &&
    words.length <= MAX_TITLE &&
    !(typeof metadata === 'string' && metadata.length > MAX_PRIVATE_METADATA) &&
    problemOfBlocks(blocks, 'modal') === undefined;
  return fits ? undefined : refuse('invalid_arguments');
}
