import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Countersign, type CountersignOptions } from '../../client';
import { COOPERATIVE } from '../bundle/cooperative-policies';
import { newKeys } from '../bundle/policy-directory';
import { type Harness, secret, startHarness } from '../gateway/harness';
import { putInForce } from '../gateway/put-in-force';
import { temporaryDirectory } from '../helpers/temporary-directory';
import { waitUntil } from '../../stack/wait-until';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
  await putInForce(h, COOPERATIVE, 1);
}, 60_000);
afterAll(() => h.stop());

/** What a network between agent and gateway does; `fetch` as the client sees it. */
let down: (path: string) => boolean = () => false;
let served: (body: any) => unknown = (body) => body;
let lie: (text: string) => string = (text) => text;
const lied = async (request: Request): Promise<Request> =>
  new Request(request.url, { method: 'POST', headers: request.headers, body: lie(await request.text()) });
const real = globalThis.fetch;
beforeAll(() => {
  globalThis.fetch = async (input, init) => {
    const path = input instanceof Request ? new URL(input.url).pathname : '';
    if (down(path)) throw new TypeError('no route');
    const sent = path === '/v1/decisions' ? await lied(input as Request) : input;
    const response = await real(sent, init);
    if (path !== '/v1/bundle' || response.status !== 200) return response;
    return new Response(JSON.stringify(served(await response.json())), { headers: response.headers });
  };
});
afterAll(() => {
  globalThis.fetch = real;
});

const open: Countersign[] = [];
const agent = (options: Partial<CountersignOptions> = {}): Countersign => {
  const { publicKey } = h.bundleKeys;
  const cs = new Countersign({ url: h.url, key: secret('agent'), patienceMs: 0, bundleKey: publicKey, ...options });
  open.push(cs);
  return cs;
};
afterEach(async () => {
  down = () => false;
  served = (body) => body;
  lie = (text) => text;
  await h.superuser.query(`update agents set state = 'active', roles = '{mover}'`);
  await Promise.allSettled(open.splice(0).map((cs) => cs.close()));
});

const few = { service: 'web', lines: 10 };
const read = jest.fn((params: object) => ({ read: params }));
beforeEach(() => read.mockClear());

const recorded = async (): Promise<any[]> =>
  (
    await h.superuser.query(
      'select stream, seq::integer, effect, verdict, params from reported_decisions order by recorded_at, seq',
    )
  ).rows;
const codes = (outcome: Awaited<ReturnType<Countersign['guard']>>): readonly string[] =>
  outcome.kind === 'denied' ? outcome.reasons.map(({ code }) => code) : [];

describe('guard', () => {
  test('runs what policy allows, in this process, and has it recorded', async () => {
    const cs = agent();
    const outcome = await cs.guard('infra.read_log', few, read);
    expect(outcome).toEqual({ kind: 'executed', lane: 'cooperative', say: 'This was done.', result: { read: few } });
    await cs.flush();
    expect((await recorded()).at(-1)).toMatchObject({ seq: 1, effect: 'allow', verdict: 'confirmed', params: few });
  });

  test('does not run what policy denies, says why, and has that recorded, too', async () => {
    const cs = agent();
    const outcome = await cs.guard('infra.read_log', { ...few, lines: 5_000 }, read);
    expect(outcome).toMatchObject({
      kind: 'denied',
      lane: 'cooperative',
      say: 'This was not done: the policy does not allow it. Too many lines. Ask for fewer.',
      reasons: [{ code: 'logs.many' }],
    });
    expect(read).not.toHaveBeenCalled();
    await cs.flush();
    expect((await recorded()).at(-1)).toMatchObject({ effect: 'deny', verdict: 'confirmed' });
  });

  test('asks nobody: what needs a person is denied, and told to go another way', async () => {
    const outcome = await agent().guard('infra.read_log', { service: 'payroll', lines: 1 }, read);
    expect(codes(outcome)).toEqual(['lane_without_approval', 'logs.payroll']);
    expect(outcome.say).toContain('Ask with act');
    expect(read).not.toHaveBeenCalled();
  });

  test('X75 knows no action type that Countersign carries out', async () => {
    await expect(agent().guard('infra.restart_service', { service: 'web', replicas: 1 }, read)).rejects.toMatchObject({
      code: 'unknown_action_type',
    });
    expect(read).not.toHaveBeenCalled();
  });

  test('names every fault of the parameters', async () => {
    await expect(agent().guard('infra.read_log', { service: 'web', lines: 0, x: 1 }, read)).rejects.toMatchObject({
      code: 'invalid_parameters',
      problems: expect.arrayContaining([expect.objectContaining({ path: '/params/lines' })]),
    });
    await expect(agent().guard('infra.read_log', { ...few, lines: 2 ** 60 }, read)).rejects.toMatchObject({
      code: 'invalid_json',
    });
    await expect(agent().guard('infra.read_log', { ...few, lines: NaN }, read)).rejects.toThrow(TypeError);
    expect(read).not.toHaveBeenCalled();
  });

  test('runs with what was decided on, whatever becomes of the object, and records that', async () => {
    const cs = agent();
    const params: Record<string, string | number> = { ...few };
    const started = cs.guard('infra.read_log', params, (given) => {
      given['lines'] = 99_999;
      return 'read';
    });
    params['lines'] = 88_888;
    expect((await started).kind).toBe('executed');
    await cs.flush();
    expect((await recorded()).at(-1)).toMatchObject({ params: few, verdict: 'confirmed' });
  });

  test('passes on what the function throws; the decision stands', async () => {
    const cs = agent();
    const failing = cs.guard('infra.read_log', few, () => {
      throw new RangeError('disk');
    });
    await expect(failing).rejects.toThrow(RangeError);
    await cs.flush();
    expect((await recorded()).at(-1)).toMatchObject({ effect: 'allow' });
  });

  test('sends many together, numbered without a gap', async () => {
    const cs = agent();
    await cs.guard('infra.read_log', few, read);
    await Promise.all(Array.from({ length: 249 }, () => cs.guard('infra.read_log', few, read)));
    await cs.close();
    const rows = await recorded();
    const mine = rows.filter(({ stream }) => stream === rows.at(-1)?.stream);
    expect(mine.map(({ seq }) => seq)).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
    await expect(cs.guard('infra.read_log', few, read)).rejects.toThrow('closed');
  });
});

describe('guard fails closed', () => {
  test('without the key of bundles, or with another', async () => {
    await expect(agent({ bundleKey: undefined }).guard('infra.read_log', few, read)).rejects.toThrow(
      'COUNTERSIGN_BUNDLE_KEY',
    );
    await expect(agent({ bundleKey: newKeys().publicKeyPem }).guard('infra.read_log', few, read)).rejects.toMatchObject(
      { refusal: 'signature' },
    );
    expect(read).not.toHaveBeenCalled();
  });

  test('with a bundle that was changed on its way', async () => {
    served = (body) => {
      body.bundle.content.data.limits.read_log.lines = 1_000_000;
      return body;
    };
    await expect(agent().guard('infra.read_log', few, read)).rejects.toMatchObject({ refusal: 'digest' });
    expect(read).not.toHaveBeenCalled();
  });

  test('with nobody to ask what to decide by', async () => {
    down = () => true;
    await expect(agent().guard('infra.read_log', few, read)).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('once the policy is too old to decide by, until it is heard of again', async () => {
    const cs = agent({ staleAfterMs: 150, confirmWithinMs: 60_000 });
    await until(async () => (await cs.guard('infra.read_log', few, read)).kind === 'executed');
    down = (path) => path === '/v1/bundle';
    let outcome = await cs.guard('infra.read_log', few, read);
    await until(async () => (outcome = await cs.guard('infra.read_log', few, read)).kind === 'denied');
    expect(codes(outcome)).toEqual(['policy_outdated']);
    down = () => false;
    await until(async () => (await cs.guard('infra.read_log', few, read)).kind === 'executed');
  });

  test('with an older bundle, however well signed', async () => {
    let older: unknown;
    served = (body) => (older ??= body);
    const cs = agent({ staleAfterMs: 150 });
    await cs.guard('infra.read_log', few, read);
    served = (body) => body;
    await putInForce(h, { ...COOPERATIVE, 'data/limits.yaml': 'read_log: { lines: 5 }\nsecret: { lines: 7 }\n' }, 2);
    await until(async () => codes(await cs.guard('infra.read_log', few, read)).includes('logs.many'));
    served = () => older;
    // Something has to change, or the gateway has nothing to send.
    await h.superuser.query(`update agents set version = '8' where agent = 'agent'`);
    const since = performance.now();
    await until(async () => {
      const outcome = await cs.guard('infra.read_log', few, read);
      expect(outcome.kind).toBe('denied'); // as the newer one has it, and then because that is too old
      return performance.now() - since > 1_000 && codes(outcome).includes('policy_outdated');
    });
    served = (body) => body;
    await putInForce(h, COOPERATIVE, 3);
  }, 60_000);

  test('while what was decided before is not recorded', async () => {
    const cs = agent({ confirmWithinMs: 100 });
    down = (path) => path === '/v1/decisions';
    expect((await cs.guard('infra.read_log', few, read)).kind).toBe('executed');
    await until(async () => codes(await cs.guard('infra.read_log', few, read)).includes('reports_unconfirmed'));
    await expect(cs.flush()).rejects.toMatchObject({ code: 'unreachable' });
    down = () => false;
    await cs.flush();
    expect((await cs.guard('infra.read_log', few, read)).kind).toBe('executed');
  });

  test('when more waits to be recorded than it keeps', async () => {
    const cs = agent({ confirmWithinMs: 60_000 });
    down = (path) => path === '/v1/decisions';
    for (let i = 0; i < 1_000; i += 1) await cs.guard('infra.read_log', few, read);
    expect(read).toHaveBeenCalledTimes(1_000);
    expect(codes(await cs.guard('infra.read_log', few, read))).toEqual(['reports_unconfirmed']);
  }, 30_000);

  test('when what waits is larger than it keeps', async () => {
    const cs = agent({ confirmWithinMs: 60_000 });
    down = (path) => path === '/v1/decisions';
    const large = { ...few, note: 'x'.repeat(50_000) };
    let outcome = await cs.guard('infra.read_log', large, read);
    for (let i = 0; i < 300 && outcome.kind === 'executed'; i += 1)
      outcome = await cs.guard('infra.read_log', large, read);
    expect(codes(outcome)).toEqual(['reports_unconfirmed']);
    expect(read.mock.calls.length).toBeGreaterThan(100);
    down = () => false;
    await cs.flush();
    expect((await cs.guard('infra.read_log', large, read)).kind).toBe('executed');
  }, 30_000);

  test('when its scope is stopped, and when the agent is', async () => {
    const cs = agent({ staleAfterMs: 150 });
    served = (body) => ({ ...body, stopped: ['infra.read_log'] });
    await until(async () => codes(await cs.guard('infra.read_log', few, read)).join() === 'scope_fenced');
    await h.superuser.query(`update agents set state = 'paused' where agent = 'agent'`);
    await until(async () =>
      cs.guard('infra.read_log', few, read).then(
        () => false,
        ({ code }: { code: string }) => code === 'agent_not_active',
      ),
    );
    expect(read).not.toHaveBeenCalled();
  });

  test('once it reports as an agent that was stopped meanwhile, and what it did is recorded', async () => {
    const cs = agent();
    down = (path) => path === '/v1/decisions';
    expect((await cs.guard('infra.read_log', few, read)).kind).toBe('executed');
    await h.superuser.query(`update agents set state = 'quarantined' where agent = 'agent'`);
    down = () => false;
    await cs.flush();
    expect((await recorded()).at(-1)).toMatchObject({ seq: 1, effect: 'allow', verdict: 'confirmed' });
    await expect(cs.guard('infra.read_log', few, read)).rejects.toMatchObject({ code: 'agent_not_active' });
    expect(read).toHaveBeenCalledTimes(1);
  });

  test('without a time after which policy is too old that nobody would believe', async () => {
    await expect(agent({ staleAfterMs: 60_001 }).guard('infra.read_log', few, read)).rejects.toThrow('staleAfterMs');
    expect(read).not.toHaveBeenCalled();
  });

  test('X75 once a false report was found: the agent is stopped everywhere', async () => {
    const cs = agent();
    lie = (text) => text.replace('"effect":"deny"', '"effect":"allow"');
    await cs.guard('infra.read_log', { ...few, lines: 5_000 }, read);
    await cs.flush();
    expect((await recorded()).at(-1)).toMatchObject({ effect: 'allow', verdict: 'mismatch' });
    await expect(cs.guard('infra.read_log', few, read)).rejects.toMatchObject({ code: 'agent_not_active' });
    const box = { box: 'b-1', weightGrams: 1 };
    await expect(cs.act('warehouse.move_box', box, { key: 'k' })).rejects.toMatchObject({ code: 'agent_not_active' });
    expect(read).not.toHaveBeenCalled();
  });
});

describe('the key', () => {
  test('is a file as well as its text', async () => {
    const path = join(temporaryDirectory(), 'bundle.pub.pem');
    writeFileSync(path, h.bundleKeys.publicKey);
    const env = { COUNTERSIGN_URL: h.url, COUNTERSIGN_AGENT_KEY: secret('agent'), COUNTERSIGN_BUNDLE_KEY: path };
    const cs = Countersign.fromEnv(env);
    open.push(cs);
    expect((await cs.guard('infra.read_log', few, read)).kind).toBe('executed');
  });
});

const until = (check: () => Promise<boolean>): Promise<void> =>
  waitUntil(check, { what: 'It did not come to that', withinMs: 10_000 });
