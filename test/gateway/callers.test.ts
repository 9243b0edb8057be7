import { request } from 'node:http';
import { ROUTES } from '../../gateway/routes';
import { type Harness, startHarness } from './harness';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.stop());

const NOWHERE = '0193d5a2-5c1e-7b3a-9d40-1f2e3c4b5a69';
const count = async (sql: string, values: unknown[] = []): Promise<number> =>
  (await h.superuser.query<{ n: number }>(`select count(*)::integer as n from ${sql}`, values)).rows[0]?.n ?? -1;

describe('who may call what', () => {
  const keys = {
    agent: ['agent'],
    member: ['bob', 'max', 'vic', 'olga', 'ada'],
    operator: ['max', 'ada'],
    localOperator: ['max', 'ada'],
    admin: ['ada'],
    anyone: ['agent', 'bob', 'nil'],
    public: [],
  } as const;

  test.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', async (_, route) => {
    if (route.who === 'public') return;
    const path = route.path.replace('{id}', `act-${NOWHERE}`);
    const statusAs = async (as?: string): Promise<number> =>
      (
        await h.request(route.method.toUpperCase(), path, {
          ...(as !== undefined && { as }),
          key: 'k',
          ...(route.method === 'post' && { json: {} }),
        })
      ).status;
    expect(await statusAs()).toBe(401);
    expect(await statusAs('stranger')).toBe(401);
    for (const as of ['agent', 'bob', 'max', 'vic', 'olga', 'ada']) {
      const allowed = (keys[route.who] as readonly string[]).includes(as) || route.who === 'anyone';
      const status = await statusAs(as);
      expect([as, [401, 403].includes(status)]).toEqual([as, !allowed]);
    }
  });

  test('strangers are counted by the minute, not recorded one by one', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, i) => h.request('GET', '/v1/actions', { as: `guess-${i}` })));
    await h.deps.strangers.flush();
    const { rows } = await h.superuser.query<{ rows: number; n: number }>(
      `select count(*)::integer as rows, sum(count)::integer as n from security_events where kind = 'unknown_credentials'`,
    );
    expect(rows[0]?.n).toBeGreaterThanOrEqual(50);
    expect(rows[0]?.rows).toBeLessThanOrEqual(2);
    expect(await count(`ledger where key like '%guess%'`)).toBe(0);
  });

  test.each([
    'Bearer',
    'Bearer ',
    'Basic dGVzdA==',
    `Bearer ${'x'.repeat(10_000)}`,
    'Bearer a b c',
    "Bearer ' or 1=1 --'",
  ])('the credentials "%.20s" are none', async (authorization) => {
    expect((await h.request('GET', '/v1/me', { headers: { authorization } })).status).toBe(401);
  });

  test('everyone may ask who they are', async () => {
    expect((await h.request('GET', '/v1/me', { as: 'agent' })).body).toEqual({
      kind: 'agent',
      tenant: 'acme',
      id: 'agent',
      roles: [],
      rolesIn: [],
    });
    expect((await h.request('GET', '/v1/me', { as: 'foreign-bob' })).body).toEqual({
      kind: 'person',
      tenant: 'rival',
      id: 'bob',
      roles: ['approver'],
      rolesIn: [],
    });
  });
});

describe('X83 a web page', () => {
  test.each([
    [{ host: 'evil.example' }, 403],
    [{ host: '169.254.169.254' }, 403],
    [{ host: 'localhost.evil.example:80' }, 403],
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://127.0.0.1:1' }, 403],
    [{ origin: 'same' }, 200],
    [{ host: 'LOCALHOST:8420' }, 200],
    [{}, 200],
  ])('with the headers %j is answered %d', async (headers, status) => {
    const sent = {
      ...headers,
      ...('origin' in headers && headers.origin === 'same' && { origin: h.url }),
      authorization: 'Bearer test-secret-of-agent-0123456789',
    };
    const answered = await new Promise((resolve, reject) => {
      request(
        `${h.url}/v1/catalogue`,
        { headers: sent },
        (response) => (response.resume(), resolve(response.statusCode)),
      )
        .on('error', reject)
        .end();
    });
    expect(answered).toBe(status);
  });

  test('gets headers that leave it little to do', async () => {
    const { headers } = await h.request('GET', '/v1/me', { as: 'agent' });
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});
