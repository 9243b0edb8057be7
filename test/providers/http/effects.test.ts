import { type ServerResponse } from 'node:http';
import { type EffectResult } from '../../../domain/provider';
import { createHttpProvider, type HttpProvider } from '../../../providers/http/create-http-provider';
import { callOf } from './call-of';
import { newKey } from './keys';
import { type ScriptedTarget, startScriptedTarget, targetAt } from './scripted-target';

const { privateKeyPem } = newKey();
let provider: HttpProvider;
let bank: ScriptedTarget | undefined;

beforeEach(() => {
  provider = createHttpProvider({ privateKeyPem, clock: Date.now, allowPrivate: true });
});

afterEach(async () => {
  jest.restoreAllMocks();
  provider.close();
  await bank?.stop();
  bank = undefined;
});

async function effectWhen(reply: (response: ServerResponse) => void, timeoutMs = 10_000): Promise<EffectResult> {
  bank = await startScriptedTarget((_, response) => reply(response));
  return provider.execute(callOf({ ...bank.target, limits: { ...bank.target.limits, timeoutMs } }));
}

const json = (status: number, body: string) => (response: ServerResponse) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(body);

describe('what an answer means', () => {
  const done = { kind: 'done', result: { id: 'p-1' } };
  const table: readonly [string, (response: ServerResponse) => void, object][] = [
    ['200 with an object', json(200, '{"id":"p-1"}'), done],
    ['201 with an object', json(201, '{"id":"p-1"}'), done],
    ['204', (r) => void r.writeHead(204).end(), { kind: 'done', result: {} }],
    ['202: only accepted', json(202, '{"id":"p-1"}'), { kind: 'unknown', code: 'target_accepted_only' }],
    ...[203, 206, 207, 226].map(
      (status) =>
        [`${status}`, json(status, '{"id":"p-1"}'), { kind: 'unknown', code: `target_unclear_${status}` }] as [
          string,
          (r: ServerResponse) => void,
          object,
        ],
    ),
    ['200 with an array', json(200, '[]'), { kind: 'unknown', code: 'target_answer_not_json' }],
    ['200 with half an object', json(200, '{"id":'), { kind: 'unknown', code: 'target_answer_not_json' }],
    ['200 with a name twice', json(200, '{"id":"a","id":"b"}'), { kind: 'unknown', code: 'target_answer_not_json' }],
    ['200 with 1e999', json(200, '{"amountMinor":1e999}'), { kind: 'unknown', code: 'target_answer_not_json' }],
    [
      '200 as text',
      (r) => void r.writeHead(200, { 'content-type': 'text/plain' }).end('{"id":"p-1"}'),
      { kind: 'unknown', code: 'target_answer_not_json' },
    ],
    [
      '200 compressed though we asked for plain',
      (r) =>
        void r.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end('{"id":"p-1"}'),
      { kind: 'unknown', code: 'target_answer_not_json' },
    ],
    [
      '301',
      (r) => void r.writeHead(301, { location: 'http://127.0.0.1:1/' }).end(),
      { kind: 'unknown', code: 'target_redirected' },
    ],
    ['303', (r) => void r.writeHead(303, { location: '/done' }).end(), { kind: 'unknown', code: 'target_redirected' }],
    ...[400, 401, 403, 404, 405, 410, 413, 422, 451].map(
      (status) =>
        [`${status}`, json(status, '{}'), { kind: 'failed', code: `target_refused_${status}` }] as [
          string,
          (r: ServerResponse) => void,
          object,
        ],
    ),
    ['429', json(429, '{}'), { kind: 'failed', code: 'target_busy' }],
    ['409', json(409, '{}'), { kind: 'unknown', code: 'target_conflict' }],
    ...[408, 425, 500, 501, 502, 503, 504].map(
      (status) =>
        [`${status}`, json(status, '{}'), { kind: 'unknown', code: `target_error_${status}` }] as [
          string,
          (r: ServerResponse) => void,
          object,
        ],
    ),
    ['hanging up after the request', (r) => void r.destroy(), { kind: 'unknown', code: 'target_connection_lost' }],
    [
      'hanging up in the middle of the answer',
      (r) => {
        r.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        r.write('{"id":');
        setTimeout(() => r.destroy(), 10);
      },
      { kind: 'unknown', code: 'target_connection_lost' },
    ],
    [
      'more than we read',
      json(200, JSON.stringify({ id: 'x'.repeat(3_000) })),
      { kind: 'unknown', code: 'target_answer_too_large' },
    ],
  ];
  test.each(table)('F17 %s', async (_, reply, expected) => {
    expect(await effectWhen(reply)).toEqual(expected);
  });

  test('F17 a body without end is cut off as soon as it is too large', async () => {
    const effect = effectWhen((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write('x'.repeat(1_000)), 1);
      response.on('close', () => clearInterval(timer));
    });
    expect(await effect).toEqual({ kind: 'unknown', code: 'target_answer_too_large' });
  });

  test('a code never repeats what the target wrote', async () => {
    const effect = await effectWhen(json(422, '{"title":"CANARY-secret"}'));
    expect(JSON.stringify(effect)).not.toContain('CANARY');
  });
});

describe('how long it waits', () => {
  test('F17 silence is unknown after the deadline, not later', async () => {
    const startedMs = performance.now();
    expect(await effectWhen(() => undefined, 400)).toEqual({ kind: 'unknown', code: 'target_no_answer' });
    expect(performance.now() - startedMs).toBeLessThan(1_500);
  });

  test('F17 an answer of one byte at a time does not prolong the deadline', async () => {
    const startedMs = performance.now();
    const effect = await effectWhen((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    }, 400);
    expect(effect).toEqual({ kind: 'unknown', code: 'target_no_answer' });
    expect(performance.now() - startedMs).toBeLessThan(1_500);
  });

  test('the time that is left to begin bounds the wait too', async () => {
    bank = await startScriptedTarget(() => undefined);
    const startedMs = performance.now();
    expect(await provider.execute(callOf(bank.target, { withinMs: 400 }))).toEqual({
      kind: 'unknown',
      code: 'target_no_answer',
    });
    expect(performance.now() - startedMs).toBeLessThan(1_500);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('X53 a time of %p sends nothing', async (withinMs) => {
    bank = await startScriptedTarget((_, response) => json(200, '{}')(response));
    expect(await provider.execute(callOf(bank.target, { withinMs }))).toEqual({ kind: 'failed', code: 'not_sent' });
    expect(bank.seen).toEqual([]);
  });
});

describe('what was certainly not sent', () => {
  test('X80 a machine was suspended until its token was signed, which is fresh afterwards', async () => {
    bank = await startScriptedTarget((_, response) => json(200, '{}')(response));
    const wall = Date.now;
    const frozen = jest.spyOn(Date, 'now');
    const wakes = (): number => (frozen.mockImplementation(() => wall() + 600_000), Date.now());
    provider.close();
    provider = createHttpProvider({ privateKeyPem, clock: wakes, allowPrivate: true });
    expect(await provider.execute(callOf(bank.target))).toEqual({ kind: 'failed', code: 'not_sent' });
    expect(bank.seen).toEqual([]);
  });

  test('nobody listens', async () => {
    bank = await startScriptedTarget(() => undefined);
    const { target } = bank;
    await bank.stop();
    bank = undefined;
    expect(await provider.execute(callOf(target))).toEqual({ kind: 'failed', code: 'not_sent' });
  });

  test('the name does not exist', async () => {
    const lost = createHttpProvider({
      privateKeyPem,
      clock: Date.now,
      allowPrivate: true,
      resolve: () => Promise.reject(new Error('no such name')),
    });
    expect(await lost.execute(callOf(targetAt('http://bank.test/')))).toEqual({ kind: 'failed', code: 'not_sent' });
    lost.close();
  });

  test('the name is never resolved', async () => {
    const slow = createHttpProvider({
      privateKeyPem,
      clock: Date.now,
      allowPrivate: true,
      resolve: () => new Promise(() => undefined),
    });
    expect(await slow.execute(callOf(targetAt('http://bank.test/'), { withinMs: 50 }))).toEqual({
      kind: 'failed',
      code: 'not_sent',
    });
    slow.close();
  });

  test('plain HTTP where TLS is expected', async () => {
    bank = await startScriptedTarget(() => undefined);
    const target = { ...bank.target, address: bank.target.address.replace('http:', 'https:') };
    expect(await provider.execute(callOf(target))).toEqual({ kind: 'failed', code: 'not_sent' });
    expect(bank.seen).toEqual([]);
  });

  test.each([
    ['no such operation', { operation: 'toString' }, 'operation_unknown'],
    [
      'a step without its result',
      { operation: 'cancel', values: { params: {}, facts: {}, steps: {}, key: 'k' } },
      'operation_unfillable',
    ],
    [
      'a key that HTTP cannot carry',
      { values: { ...callOf(targetAt('http://x')).values, key: 'a\r\nHost: b' } },
      'operation_unfillable',
    ],
  ])('%s', async (_, changes, code) => {
    bank = await startScriptedTarget(() => undefined);
    expect(await provider.execute(callOf(bank.target, changes))).toEqual({ kind: 'failed', code });
    expect(bank.seen).toEqual([]);
  });
});

test('connections are kept, and closed on close', async () => {
  bank = await startScriptedTarget((_, response) => json(200, '{"id":"p-1"}')(response));
  for (let i = 0; i < 5; i += 1) await provider.execute(callOf(bank.target));
  expect(bank.sockets.size).toBe(1);
  const [socket] = bank.sockets;
  provider.close();
  await new Promise((resolve) => socket?.once('close', resolve));
});

test('a kept connection that breaks after the request leaves open what happened', async () => {
  let calls = 0;
  bank = await startScriptedTarget((_, response) => {
    calls += 1;
    if (calls === 1) json(200, '{"id":"p-1"}')(response);
    else response.destroy();
  });
  await provider.execute(callOf(bank.target));
  expect(await provider.execute(callOf(bank.target))).toEqual({ kind: 'unknown', code: 'target_connection_lost' });
  expect(bank.seen).toHaveLength(2);
});
