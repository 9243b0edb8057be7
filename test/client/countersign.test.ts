import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { Countersign } from '../../client/countersign';
import { type CountersignError } from '../../client/countersign-error';
import { type Harness, PARAMS, secret, startHarness, TYPE } from '../gateway/harness';

let h: Harness;
let cs: Countersign;
beforeAll(async () => {
  h = await startHarness();
  cs = new Countersign({ url: `${h.url}/`, key: secret('agent') });
});
afterAll(() => h.stop());

const settle = async (id: string): Promise<void> => {
  const outcome = { kind: 'executed', say: 'This was done.', result: { move: { id: 'm-1' } } };
  await h.superuser.query(
    `update actions set state = 'executed', outcome = $2::jsonb, settled_at = now() where action = $1`,
    [id, JSON.stringify(outcome)],
  );
};

test('act waits for the end, over more than one request', async () => {
  h.play.submit = async ({ actionId }) => (setTimeout(() => void settle(actionId), 300), 'answered');
  const outcome = await cs.act(TYPE, PARAMS, { key: 'act-1', because: 'aisle blocked', context: { trace: 't' } });
  h.play.submit = () => Promise.resolve('answered');
  expect(outcome).toEqual({ kind: 'executed', say: 'This was done.', result: { move: { id: 'm-1' } } });
});

test('act says pending when the time is over', async () => {
  expect(await cs.act(TYPE, PARAMS, { key: 'act-2', waitMs: 200 })).toMatchObject({ kind: 'pending' });
});

test('submit answers at once; the result can be had later, from elsewhere', async () => {
  const { id } = await cs.submit(TYPE, PARAMS, { key: 'act-3' });
  expect(await cs.action(id).result({ waitMs: 0 })).toMatchObject({ kind: 'pending' });
  await settle(id);
  const elsewhere = Countersign.fromEnv({ COUNTERSIGN_URL: h.url, COUNTERSIGN_AGENT_KEY: secret('agent') });
  expect(await elsewhere.action(id).result()).toMatchObject({ kind: 'executed' });
});

test('cancelling asks', async () => {
  const handle = await cs.submit(TYPE, PARAMS, { key: 'act-4' });
  expect(await handle.cancel('not needed')).toMatchObject({ kind: 'pending' });
});

test('a refusal is an error with its code and every fault', async () => {
  const error = await cs
    .act(TYPE, { box: 'B', weightGrams: 0 }, { key: 'act-5' })
    .catch((thrown: unknown) => thrown as CountersignError);
  expect(error).toMatchObject({ name: 'CountersignError', code: 'invalid_parameters', status: 400 });
  expect((error as CountersignError).problems.map(({ path }) => path).sort()).toEqual([
    '/params/box',
    '/params/weightGrams',
  ]);
});

test('a number that JSON cannot say is not sent as null', async () => {
  await expect(cs.act(TYPE, { ...PARAMS, weightGrams: NaN }, { key: 'act-6' })).rejects.toThrow(TypeError);
});

test('without its two variables it says which', () => {
  expect(() => Countersign.fromEnv({})).toThrow('COUNTERSIGN_URL');
});

describe('a gateway that is not there yet', () => {
  let server: Server;
  const seen: (string | undefined)[] = [];
  const answers: ((request: IncomingMessage, response: ServerResponse) => void)[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(request.headers['idempotency-key'] as string);
      request.resume().on('end', () => answers.shift()?.(request, response));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());

  test('is asked again with the same key', async () => {
    const done = {
      id: 'act-x',
      settledAt: '2026-01-01T00:00:00Z',
      outcome: { kind: 'executed', say: 'This was done.', result: {} },
    };
    answers.push(
      (request) => request.socket.destroy(),
      (_, response) =>
        response.writeHead(503, { 'content-type': 'application/problem+json' }).end('{"code":"database_unavailable"}'),
      (_, response) => response.writeHead(502).end('<html>'),
      (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(done)),
    );
    const client = new Countersign({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      key: 'k'.repeat(20),
    });
    expect(await client.act('t', {}, { key: 'once' })).toEqual(done.outcome);
    expect(seen).toEqual(['once', 'once', 'once', 'once']);
  });

  test('is given up in the end, with a reason', async () => {
    const client = new Countersign({ url: 'http://127.0.0.1:1', key: 'k'.repeat(20) });
    await expect(client.submit('t', {}, { key: 'k' })).rejects.toMatchObject({ code: 'unreachable', status: 0 });
  });
});
