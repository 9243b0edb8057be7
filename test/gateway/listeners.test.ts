import { request } from 'node:http';
import { createGateway } from '../../gateway/create-gateway';
import { hostNames } from '../../gateway/host-names';
import { listen } from '../../gateway/listen';
import { ROUTES } from '../../gateway/routes';
import { type Harness, secret, startHarness } from './harness';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.stop());

const ID = 'act-0193d5a2-5c1e-7b3a-9d40-1f2e3c4b5a69';
const pathOf = (path: string): string => path.replace('{id}', ID);

/** The status of a request as an admin, who may do most; `fetch` may set neither Host nor Origin. */
function statusAt(url: string, method: string, path: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url + path,
      { method, headers: { authorization: `Bearer ${secret('ada')}`, ...headers } },
      (response) => (response.resume(), resolve(response.statusCode ?? 0)),
    );
    sent.on('error', reject).end();
  });
}

const forOperators = ROUTES.filter(({ tag }) => tag === 'operators');
const forOthers = ROUTES.filter(({ tag, anyHost }) => tag !== 'operators' && anyHost !== true);

test('what changes people, actions of others or tasks is for operators', () => {
  const apart = ROUTES.filter(
    ({ path, who }) => /^\/v1\/(admin|init)/.test(path) || ['operator', 'localOperator', 'admin'].includes(who),
  );
  expect(apart.length).toBeGreaterThanOrEqual(11);
  expect(apart.filter((route) => !forOperators.includes(route))).toEqual([]);
});

test.each(forOperators.map(({ method, path }) => [method.toUpperCase(), path] as const))(
  'the agents listener does not know %s %s, by any method',
  async (method, path) => {
    for (const each of [method, 'GET', 'PUT', 'DELETE']) expect(await statusAt(h.url, each, pathOf(path))).toBe(404);
    expect(await statusAt(h.adminUrl, method, pathOf(path))).not.toBe(405);
  },
);

test.each(forOthers.map(({ method, path }) => [method.toUpperCase(), path] as const))(
  'the listener for operators does not know %s %s',
  async (method, path) => {
    expect(await statusAt(h.adminUrl, method, pathOf(path))).toBe(404);
  },
);

test('each documents what it answers, and no more', async () => {
  const paths = async (url: string): Promise<string[]> => {
    const { paths: all } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object };
    return Object.keys(all);
  };
  expect((await paths(h.url)).filter((path) => /admin|init/.test(path))).toEqual([]);
  expect((await paths(h.adminUrl)).filter((path) => !/^\/v1\/(admin|init)|^\/(livez|readyz)$/.test(path))).toEqual([]);
});

test('probes are answered by both', async () => {
  for (const url of [h.url, h.adminUrl])
    for (const path of ['/livez', '/readyz']) expect(await statusAt(url, 'GET', path)).toBe(200);
});

test('who monitors, by whatever name, finds probes and metrics and nothing else', async () => {
  const server = await listen(createGateway(h.deps, 'monitoring'), '127.0.0.1', 0);
  const url = `http://127.0.0.1:${String(server.port)}`;
  const host = { host: 'gateway:8422' };
  for (const path of ['/livez', '/readyz']) expect(await statusAt(url, 'GET', path, host)).toBe(200);
  expect(await statusAt(url, 'GET', '/metrics')).toBe(200);
  for (const { method, path } of [...forOperators, ...forOthers])
    expect([path, await statusAt(url, method.toUpperCase(), pathOf(path), host)]).toEqual([path, 404]);
  for (const { method, path } of h.deps.pages)
    expect([path, await statusAt(url, method.toUpperCase(), pathOf(path), host)]).toEqual([path, 404]);
  await server.close({ withinMs: 0, noticeMs: 0 });
});

test.each([
  [{ host: 'evil.example' }, 403],
  [{ origin: 'http://evil.example' }, 403],
  [{ origin: 'null' }, 403],
  [{ host: 'localhost' }, 200],
])('a web page cannot use the listener for operators: %j', async (headers, status) => {
  expect(await statusAt(h.adminUrl, 'GET', '/v1/admin/tasks', headers)).toBe(status);
});

test('the agents address is no origin of the listener for operators', async () => {
  expect(await statusAt(h.adminUrl, 'GET', '/v1/admin/tasks', { origin: h.url })).toBe(403);
});

describe('names under which operators address it', () => {
  const admin = { port: 8421 };
  const publicUrl = 'https://cs.example.org';
  test('those of this machine, as long as no address is set', () => {
    expect(hostNames({ mode: 'production', publicUrl, admin }).operators).toEqual(['localhost', '127.0.0.1', '[::1]']);
  });
  test('that of its own address, and not the one that agents use', () => {
    const url = 'https://admin.example.org';
    expect(hostNames({ mode: 'production', publicUrl, admin: { ...admin, url } })).toEqual({
      agents: ['cs.example.org'],
      operators: ['admin.example.org'],
      monitoring: ['localhost', '127.0.0.1', '[::1]'],
    });
  });
});
