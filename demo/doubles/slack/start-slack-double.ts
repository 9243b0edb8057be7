import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Json, SlackBook } from './slack-book';
import { type Fault, FaultPlan } from './fault-plan';
import { Pace } from './pace';
import { createWebApi, type Workspace } from './web-api';

export interface SlackDoubleOptions {
  readonly botToken: string;
  readonly signingSecret: string;
  readonly team?: string;
  readonly channels: readonly string[];
  readonly users: readonly string[];
  /** Messages a second that one channel takes; Slack's is one. */
  readonly perSecond?: number;
}

/** One call of the Web API, as it arrived. */
export interface ApiCall {
  readonly method: string;
  readonly args: Json;
  readonly answer: Json;
  /** The monotonic clock, in milliseconds. */
  readonly at: number;
}

/** A workspace on loopback: what was sent to it is in `book`, what was asked of it in `calls`. */
export interface SlackDouble {
  /** For SLACK_API_URL. */
  readonly url: string;
  readonly workspace: Workspace;
  readonly signingSecret: string;
  readonly book: SlackBook;
  readonly calls: readonly ApiCall[];
  /** The next calls of this method, or of any, go wrong in this way. */
  fail(fault: Fault, times: number, method?: string): void;
  /** From now on nothing goes wrong. */
  mend(): void;
  stop(): Promise<void>;
}

/** The burst that Slack forgives a channel. */
const BURST = 3;
const METHODS_WITH_PACE = new Set(['chat.postMessage', 'chat.update']);

export async function startSlackDouble(options: SlackDoubleOptions): Promise<SlackDouble> {
  const { team = 'T0DOUBLE', botToken, channels, users, perSecond = 1 } = options;
  const workspace: Workspace = { team, botToken, channels, users, archived: new Set() };
  const book = new SlackBook();
  const api = createWebApi(workspace, book);
  const faults = new FaultPlan();
  const pace = new Pace(perSecond, BURST);
  const calls: ApiCall[] = [];

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      process.stderr.write(`slack double: ${String(error)}\n`);
      response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const path = new URL(request.url ?? '/', origin).pathname;
    if (path.startsWith('/response/')) {
      respond(book, path.slice('/response/'.length), body, response);
      return;
    }
    const method = path.split('/').at(-1) ?? '';
    const args = argsOf(request, body);
    const fault = faults.take(method);
    if (fault === 'hang') return; // until whoever asked gives up
    if (fault === 'drop_before' || fault === 500) {
      if (fault === 500) response.writeHead(500).end('upstream failed');
      else response.destroy();
      return;
    }
    const answer = answerTo(request, method, args, fault);
    calls.push({ method, args, answer, at: performance.now() });
    if (fault === 'drop_after') {
      response.destroy(); // it was done, and nobody is told
      return;
    }
    const limited = answer['error'] === 'ratelimited';
    response.writeHead(limited ? 429 : 200, {
      'content-type': 'application/json; charset=utf-8',
      ...(limited && { 'retry-after': '1' }),
    });
    response.end(JSON.stringify(answer));
  }

  function answerTo(request: IncomingMessage, method: string, args: Json, fault: Fault | undefined): Json {
    if (typeof fault === 'string' && fault.startsWith('error:')) return { ok: false, error: fault.slice(6) };
    if (fault === 429) return { ok: false, error: 'ratelimited' };
    if (request.headers.authorization !== `Bearer ${botToken}`) return { ok: false, error: 'invalid_auth' };
    if (METHODS_WITH_PACE.has(method) && !pace.take(`${method} ${String(args['channel'])}`))
      return { ok: false, error: 'ratelimited' };
    return api(method, args);
  }

  return {
    url: `${origin}/api/`,
    ...{ workspace, signingSecret: options.signingSecret, book, calls },
    fail: (fault, times, method) => faults.add(fault, times, method),
    mend: () => faults.clear(),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What an app says to one person by the address that came with their click. */
function respond(book: SlackBook, id: string, body: string, response: ServerResponse): void {
  const used = book.useResponse(id);
  if ('error' in used) {
    response.writeHead(404).end(used.error);
    return;
  }
  const said = JSON.parse(body) as { text?: string; blocks?: readonly Json[] };
  book.ephemerals.push({ channel: undefined, user: used.user, text: said.text ?? '', blocks: said.blocks ?? [] });
  response.writeHead(200).end('ok');
}

/** Forms with JSON in their fields, or JSON: clients send either. */
function argsOf(request: IncomingMessage, body: string): Json {
  if (request.headers['content-type']?.startsWith('application/json') === true) return JSON.parse(body) as Json;
  return Object.fromEntries(Array.from(new URLSearchParams(body), ([name, value]) => [name, unpacked(name, value)]));
}

const PACKED = new Set(['blocks', 'view', 'metadata', 'attachments']);

function unpacked(name: string, value: string): unknown {
  return PACKED.has(name) ? (JSON.parse(value) as unknown) : value;
}
