import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startDemoServices } from '../../demo/services/start-demo-services';
import { approvalPages } from '../../gateway/pages/approval-pages';
import { type Listener, routesOf } from '../../gateway/listener';
import { ROUTES } from '../../gateway/routes';
import { slackPages } from '../../gateway/slack/slack-pages';
import { type Harness, secret, startHarness } from '../gateway/harness';

/*
 * What a web page could make the browser of somebody do who runs us, or works with us, on their own machine: every listener of ours, every route.
 */

let h: Harness;
beforeAll(async () => {
  h = await startHarness((deps) => [
    ...approvalPages({ ...deps, mail: { send: () => Promise.reject(new Error('no mail')), from: 'x' } }),
    ...slackPages({ ...deps, slack: {} as never }), // nobody gets so far
  ]);
});
afterAll(() => h.stop());

interface Called {
  readonly status: number;
  readonly text: string;
}

/** `fetch` may set neither Host nor Origin. */
function call(url: string, method: string, headers: Record<string, string>): Promise<Called> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject).end(method === 'POST' ? '{}' : undefined);
  });
}

const HOSTILE: readonly Record<string, string>[] = [
  { host: 'evil.example' },
  { host: 'evil.example:8420' },
  { host: 'localhost.evil.example' },
  { host: '127.0.0.1.nip.io' },
  { host: '0.0.0.0' },
  { host: '169.254.169.254' },
  { origin: 'http://evil.example' },
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { origin: 'http://127.0.0.1:1' },
  { origin: 'chrome-extension://abcdefgh' },
  { origin: 'file://' },
  { host: 'localhost', origin: 'file://localhost' },
];

/** Every route of every listener, but for those that tell nothing. */
const everything = (): (readonly [name: string, method: string, url: string])[] => {
  const at = (url: string, { method, path }: { method: string; path: string }) =>
    [
      `${method} ${path}`,
      method.toUpperCase(),
      url + path.replace('{id}', 'act-0193d5a2-5c1e-7b3a-9d40-1f2e3c4b5a69').replace(/\{\w+\}/, 'x'.repeat(43)),
    ] as const;
  const checked = (listener: Listener) => routesOf(listener).filter(({ anyHost }) => anyHost !== true);
  return [
    ...[...checked('agents'), ...h.deps.pages].map((route) => at(h.url, route)),
    ...checked('operators').map((route) => at(h.adminUrl, route)),
  ];
};

test('X83 a page under a foreign name, or of another origin, gets nowhere in the gateway, whatever credentials it has', async () => {
  expect(h.deps.pages).toHaveLength(6);
  for (const [name, method, url] of everything())
    for (const headers of HOSTILE) {
      const { status, text } = await call(url, method, {
        authorization: `Bearer ${secret('ada')}`,
        'content-type': 'application/json',
        ...headers,
      });
      expect([name, headers, status, text.includes('"forbidden"')]).toEqual([name, headers, 403, true]);
    }
}, 60_000);

test('X83 only what tells nothing is answered under every name', async () => {
  const anywhere = ROUTES.filter(({ anyHost }) => anyHost === true);
  expect(anywhere.map(({ path }) => path)).toEqual(['/livez', '/readyz']);
  for (const { path } of anywhere) {
    const { status, text } = await call(h.url + path, 'GET', { host: 'evil.example', origin: 'http://evil.example' });
    expect([status, text]).toEqual([200, path === '/livez' ? '{"live":true}' : '{"ready":true,"missing":[]}']);
  }
});

test('X83 the demo’s services do nothing without a token that was made for that very call', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-pages-'));
  const services = await startDemoServices(directory);
  try {
    for (const { url, book } of [services.erp, services.payments]) {
      for (const path of ['/payments', '/payments?key=x', '/invoices/INV-1', '/vendors/globex', '/tokens/x/revoke'])
        for (const method of ['GET', 'POST', 'DELETE'])
          for (const headers of HOSTILE)
            expect([401, 404, 405]).toContain((await call(url + path, method, headers)).status);
      expect(book.records().filter(({ kind }) => kind !== 'refused')).toEqual([]);
    }
  } finally {
    await services.stop();
    await rm(directory, { recursive: true });
  }
});
