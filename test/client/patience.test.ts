import { waitUntil } from '../../stack/wait-until';
import { Countersign } from '../../client/countersign';
import { CountersignError } from '../../client/countersign-error';
import { hangsUp, says, type ScriptedGateway, startScriptedGateway } from './scripted-gateway';

const KEY = 'k'.repeat(20);
const DONE = {
  id: 'act-x',
  settledAt: '2026-01-01T00:00:00Z',
  outcome: { kind: 'executed', say: 'This was done.', result: {} },
} as const;
const WAITING = {
  id: 'act-x',
  settledAt: null,
  outcome: {
    kind: 'pending',
    say: 'It waits for group:keepers. Nothing has happened yet.',
    waitingOn: ['group:keepers'],
  },
} as const;
const AWAY = says(503, { code: 'database_unavailable' });

let gateway: ScriptedGateway;
let cs: Countersign;
beforeEach(async () => {
  gateway = await startScriptedGateway();
  cs = new Countersign({ url: gateway.url, key: KEY });
});
afterEach(() => gateway.stop());

const gaps = (): number[] => gateway.seen.slice(1).map(({ at }, index) => at - (gateway.seen[index]?.at ?? 0));
const thrown = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

describe('a gateway that is away', () => {
  test('is asked again, with the same key, a little later each time', async () => {
    gateway.answers.push(hangsUp, AWAY, says(502, '<html>'), says(200, DONE));
    expect(await cs.act('t', {}, { key: 'once' })).toEqual(DONE.outcome);
    expect(gateway.seen.map(({ request }) => request.headers['idempotency-key'])).toEqual(Array(4).fill('once'));
    gaps().forEach((gap, index) => expect(gap).toBeGreaterThanOrEqual(100 * 2 ** index - 5));
  });

  test('is never asked sooner than it says', async () => {
    gateway.answers.push(says(503, { code: 'not_ready' }, { 'retry-after': '1' }), says(200, DONE));
    await cs.act('t', {}, { key: 'k' });
    expect(gaps()[0]).toBeGreaterThanOrEqual(1_000);
  });

  test('is given up in the end, with a reason', async () => {
    const hasty = new Countersign({ url: 'http://127.0.0.1:1', key: KEY, patienceMs: 300 });
    const error = await thrown(hasty.submit('t', {}, { key: 'k' }));
    expect(error).toBeInstanceOf(CountersignError);
    expect(error).toMatchObject({ code: 'unreachable', status: 0, retryable: true, cause: expect.any(Error) });
    expect((error as Error).message).toContain('http://127.0.0.1:1');
  });

  test('that takes a request and says nothing is given up in time', async () => {
    const after = AbortSignal.timeout.bind(AbortSignal);
    jest.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => after(ms / 100));
    const hasty = new Countersign({ url: gateway.url, key: KEY, patienceMs: 0 });
    const error = await thrown(hasty.act('t', {}, { key: 'k', waitMs: 2_000 }));
    jest.restoreAllMocks();
    expect(error).toMatchObject({ code: 'unreachable', cause: { name: 'TimeoutError' } });
    expect((error as Error).message).toBe(`Countersign does not answer at ${gateway.url} within 12 s.`);
  });

  test('is given up at once when it wants more time than there is', async () => {
    gateway.answers.push(
      says(503, { code: 'not_ready' }, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }),
    );
    const error = (await thrown(cs.submit('t', {}, { key: 'k' }))) as CountersignError;
    expect(error).toMatchObject({ code: 'not_ready', retryable: true });
    expect(error.retryAfterMs).toBeGreaterThan(50_000);
    expect(gateway.seen).toHaveLength(1);
  });
});

describe('a long wait', () => {
  test('goes on after the gateway was away', async () => {
    gateway.answers.push(says(200, WAITING), hangsUp, AWAY, says(200, DONE));
    expect(await cs.action('act-x').result()).toEqual(DONE.outcome);
    expect(gateway.seen[0]?.request.url).toBe('/v1/actions/act-x?wait=25s');
  });

  test('does not ask all the time when the gateway answers at once', async () => {
    for (let i = 0; i < 9; i += 1) gateway.answers.push(says(200, WAITING));
    expect(await cs.action('act-x').result({ waitMs: 1_500 })).toMatchObject({ kind: 'pending' });
    expect(gateway.seen.length).toBeLessThanOrEqual(3);
  });

  test('of no time looks once', async () => {
    gateway.answers.push(says(200, WAITING));
    expect(await cs.action('act-x').result({ waitMs: 0 })).toEqual(WAITING.outcome);
    expect(gateway.seen.map(({ request }) => request.url)).toEqual(['/v1/actions/act-x?wait=0s']);
  });
});

describe('a signal', () => {
  const reason = new Error('the task was withdrawn');

  test.each([
    ['while the gateway holds the request', [], 0],
    ['while it is left alone', [says(503, { code: 'not_ready' }, { 'retry-after': '2' })], 10_000],
  ] as const)('ends the asking at once %s', async (_, answers, patienceMs) => {
    gateway.answers.push(...answers);
    const patient = new Countersign({ url: gateway.url, key: KEY, patienceMs });
    const controller = new AbortController();
    // Not before it is asked: a busy machine takes its time to that.
    const asked = waitUntil(() => gateway.seen.length > 0, { what: 'Nothing was asked', withinMs: 20_000 });
    void asked.then(() => setTimeout(() => controller.abort(reason), 50));
    expect(await thrown(patient.act('t', {}, { key: 'k', signal: controller.signal }))).toBe(reason);
    expect(gateway.seen).toHaveLength(1);
    expect(performance.now() - (gateway.seen[0]?.at ?? 0)).toBeLessThan(1_500);
  });

  test('that was given before sends nothing', async () => {
    const signal = AbortSignal.abort(reason);
    expect(await thrown(cs.action('act-x').result({ signal }))).toBe(reason);
    expect(await thrown(cs.tools({ signal }))).toBe(reason);
    expect(gateway.seen).toHaveLength(0);
  });
});

describe('words', () => {
  test('too much at once is an outcome, not an error', async () => {
    const body = { code: 'too_many_pending', title: 'Too many actions of this agent have not ended yet.' };
    gateway.answers.push(says(429, body, { 'retry-after': '30' }), says(429, body, { 'retry-after': '30' }));
    expect(await cs.act('t', {}, { key: 'k' })).toEqual({
      kind: 'throttled',
      say: `This was not asked for: ${body.title} It may be tried again in 30 seconds.`,
      reasons: [{ code: body.code, message: body.title }],
      retryAfterMs: 30_000,
    });
    await expect(cs.submit('t', {}, { key: 'k' })).rejects.toMatchObject({ code: body.code, status: 429 });
    expect(gateway.seen).toHaveLength(2);
  });

  test.each([
    ['hung up', hangsUp, 0],
    ['said that it takes too long', says(504, '<html>'), 504],
  ])(
    'nobody is told that nothing was asked for, where an earlier try was answered by whoever %s',
    async (_, first, status) => {
      gateway.answers.push(first, says(429, { code: 'agent_busy' }, { 'retry-after': '30' }));
      await expect(cs.act('t', {}, { key: 'k' })).rejects.toMatchObject({ retryable: true, status });
      expect(gateway.seen).toHaveLength(2);
    },
  );

  test('a page of somebody else is not taken for an answer', async () => {
    gateway.answers.push(says(200, '<html>Sign in</html>'), says(404, '<html>'));
    await expect(cs.submit('t', {}, { key: 'k' })).rejects.toMatchObject({ code: 'not_countersign', status: 200 });
    await expect(cs.tools()).rejects.toMatchObject({ code: 'http_404', retryable: false });
  });

  test('an address that is none, and a key that cannot be one, are told apart at once; the key is not quoted', async () => {
    expect(() => new Countersign({ url: 'gateway:8420', key: KEY })).toThrow('gateway:8420');
    expect(() => new Countersign({ url: gateway.url, key: 'geheim\nnis' })).toThrow(/^(?!.*geheim)/);
  });

  test('a redirect is not followed: the key would go along', async () => {
    gateway.answers.push((_, response) => response.writeHead(302, { location: '/elsewhere' }).end());
    const hasty = new Countersign({ url: gateway.url, key: KEY, patienceMs: 0 });
    await expect(hasty.tools()).rejects.toMatchObject({ code: 'unreachable' });
    expect(gateway.seen).toHaveLength(1);
  });
});
