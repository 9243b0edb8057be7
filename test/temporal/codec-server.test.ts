import { type IncomingHttpHeaders, type Server, request as httpRequest } from 'node:http';
import { type Payload, defaultPayloadConverter } from '@temporalio/common';
import { parseCodecKeys } from '../../temporal/codec-keys';
import { createCodecServer } from '../../temporal/codec-server';
import { listenForUi } from '../../temporal/listen-for-ui';
import { createPayloadCodec } from '../../temporal/payload-codec';

const UI = 'http://localhost:8233';
const namespace = 'countersign';
const key = Buffer.alloc(32, 3).toString('base64');
const codec = createPayloadCodec({
  keys: parseCodecKeys(JSON.stringify({ current: 'k1', keys: { k1: key } })),
  namespace,
});

let server: Server;
let port: number;

beforeAll(async () => {
  server = createCodecServer({ codec, namespace, allowedOrigins: [UI] });
  port = Number(new URL(await listenForUi(server, 0)).port);
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string | undefined>;
  readonly body?: string;
}

/** `fetch` may set neither Host nor Origin. */
function call({
  method = 'POST',
  path = '/decode',
  headers = {},
  body = '',
}: Call): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  const all = {
    host: `localhost:${String(port)}`,
    origin: UI,
    'content-type': 'application/json',
    'x-namespace': namespace,
    ...headers,
  };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ host: '127.0.0.1', port, method, path, headers: given }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** A payload as the UI has it from the server's HTTP API. */
const asJson = ({ metadata, data }: Payload) => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  ),
  data: Buffer.from(data ?? []).toString('base64'),
});
const sealed = async (value: unknown): Promise<Payload> =>
  (
    await codec.encode([defaultPayloadConverter.toPayload(value)], {
      type: 'workflow',
      namespace,
      workflowId: 'action/demo/act-1',
    })
  )[0] as Payload;

it('decodes what the UI sends, and leaves plaintext as it is', async () => {
  const plain = defaultPayloadConverter.toPayload({ seq: 1 });
  const payloads = [asJson(await sealed('Pay 3,000.00 EUR')), asJson(plain)];
  const { status, headers, body } = await call({ body: JSON.stringify({ payloads }) });
  expect(status).toBe(200);
  expect(headers).toMatchObject({ 'access-control-allow-origin': UI, vary: 'origin', 'cache-control': 'no-store' });
  const shown = (JSON.parse(body) as { payloads: { metadata: { encoding: string }; data: string }[] }).payloads;
  expect(shown.map(({ data }) => Buffer.from(data, 'base64').toString())).toEqual(['"Pay 3,000.00 EUR"', '{"seq":1}']);
  expect(shown.map(({ metadata }) => Buffer.from(metadata.encoding, 'base64').toString())).toEqual([
    'json/plain',
    'json/plain',
  ]);
});

it.each(['{}', '{"payloads":[]}'])('takes the empty list as the CLI sends it: %s', async (body) => {
  expect(await call({ body })).toMatchObject({ status: 200, body: '{"payloads":[]}' });
});

it('lets the UI ask beforehand', async () => {
  const { status, headers } = await call({
    method: 'OPTIONS',
    headers: { 'content-type': undefined, 'x-namespace': undefined },
  });
  expect(status).toBe(204);
  expect(headers['access-control-allow-origin']).toBe(UI);
  expect(headers['access-control-allow-headers']).toContain('x-namespace');
});

it.each<[string, number, Call]>([
  ['the page of another origin', 403, { headers: { origin: 'https://evil.example' } }],
  ['a page that hides its origin', 403, { headers: { origin: 'null' } }],
  ['a request without an origin', 403, { headers: { origin: undefined } }],
  ['another origin beforehand', 403, { method: 'OPTIONS', headers: { origin: 'https://evil.example' } }],
  ['a foreign name that resolves to this machine', 421, { headers: { host: 'evil.example' } }],
  ['a foreign name with our port', 421, { headers: { host: 'localhost.evil.example:8888' } }],
  ['another namespace', 403, { headers: { 'x-namespace': 'other' } }],
  ['no namespace', 403, { headers: { 'x-namespace': undefined } }],
  ['a simple form', 415, { headers: { 'content-type': 'text/plain' } }],
  ['to encode', 403, { path: '/encode', body: '{"payloads":[]}' }],
  ['anything else', 404, { path: '/' }],
  ['to read', 405, { method: 'GET' }],
  ['no JSON', 400, { body: '{' }],
  ['no list', 400, { body: '{"payloads":{}}' }],
  ['no payload', 400, { body: '{"payloads":["x"]}' }],
  ['too much', 413, { body: `{"payloads":["${'x'.repeat(17 * 1024 * 1024)}"]}` }],
])('X83 refuses %s (%i)', async (_, status, request) => {
  const reply = await call(request);
  expect(reply.status).toBe(status);
  if (status === 421 || request.headers?.['origin'] !== undefined)
    expect(reply.headers['access-control-allow-origin']).toBeUndefined();
});

it('listens on this machine only', () => {
  expect(server.address()).toMatchObject({ address: '127.0.0.1' });
});
