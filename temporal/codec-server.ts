import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { type EncryptingCodec } from './payload-codec';
import { fromPayloadsJson, toPayloadsJson } from './payloads-json';

/** Temporal bounds one payload to 2 MB; the UI sends those of one page of events together. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** A page's script never waits longer, and a stalled sender holds no socket. */
const REQUEST_TIMEOUT_MS = 10_000;
const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

export interface CodecServerOptions {
  readonly codec: Pick<EncryptingCodec, 'reveal'>;
  readonly namespace: string;
  /** Origins of the Temporal UI, as a browser names them: `http://localhost:8233`. */
  readonly allowedOrigins: readonly string[];
}

/**
 * Shows an operator in the Temporal UI what the payloads say. The browser asks for it, so every web page that the operator visits could ask too:
 * a request needs the UI's origin, and a host name of this machine (a foreign name that resolves to it is DNS rebinding).
 *
 * It knows no users. So it belongs on loopback, and `listenForUi` puts it nowhere else.
 */
export function createCodecServer(options: CodecServerOptions): Server {
  const server = createServer((request, response) => {
    answer(request, options).then(
      (reply) => {
        send(response, reply);
      },
      (error: unknown) => {
        response.destroy(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  return server;
}

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const JSON_ANSWER = { 'content-type': 'application/json', 'cache-control': 'no-store' };

const PREFLIGHT = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'content-type, x-namespace',
  'access-control-max-age': '600',
};

async function answer(request: IncomingMessage, options: CodecServerOptions): Promise<Reply> {
  const { host, origin } = request.headers;
  if (!LOOPBACK_NAMES.has(hostName(host))) return { status: 421, body: 'Not a name of this server.' };
  if (origin === undefined || !options.allowedOrigins.includes(origin)) {
    return { status: 403, body: 'Not an origin that may read payloads.' };
  }
  const reply = await answerUi(request, options);
  return { ...reply, headers: { ...reply.headers, 'access-control-allow-origin': origin, vary: 'origin' } };
}

async function answerUi(request: IncomingMessage, { codec, namespace }: CodecServerOptions): Promise<Reply> {
  const { method, url, headers } = request;
  if (method === 'OPTIONS') return { status: 204, headers: PREFLIGHT };
  if (method !== 'POST') return { status: 405, body: 'POST only.' };
  if (url === '/encode') {
    return { status: 403, body: 'Nothing is encrypted for a browser: what is sent by hand has no standing here.' };
  }
  if (url !== '/decode') return { status: 404, body: 'There is /decode only.' };
  if (headers['x-namespace'] !== namespace) return { status: 403, body: 'Another namespace.' };
  if (!headers['content-type']?.startsWith('application/json')) return { status: 415, body: 'JSON only.' };
  return decode(request, codec);
}

async function decode(request: IncomingMessage, codec: CodecServerOptions['codec']): Promise<Reply> {
  const text = await readBody(request);
  if (text === undefined) return { status: 413, body: 'Too large.' };
  const payloads = fromPayloadsJson(text);
  if (payloads === undefined) return { status: 400, body: 'Not a list of payloads.' };
  return { status: 200, headers: JSON_ANSWER, body: toPayloadsJson(codec.reveal(payloads)) };
}

/** The body, or nothing where it is too long; it is read to its end then too, or the sender would never see the answer. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size <= MAX_BODY_BYTES ? Buffer.concat(chunks).toString('utf8') : undefined;
}

function hostName(host = ''): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}

function send(response: ServerResponse, { status, headers = {}, body = '' }: Reply): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(body);
}
