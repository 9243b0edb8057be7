import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { buildBundle } from '../../bundle/build-bundle';
import { Countersign } from '../../client/countersign';
import { packageRoot } from '../../config/paths';
import { type DemoServices, startDemoServices } from '../../demo/services/start-demo-services';
import { createKeys } from '../../stack/create-keys';
import { freePort } from '../../stack/free-port';
import { type DemoLogins, seedDemo } from '../../stack/seed-demo';
import { writePrivate } from '../../stack/write-private';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import { startTestProcess, type TestProcess } from '../helpers/processes';
import { testServers } from '../setup/servers';

/* The gateway as a process of its own, with real facts and a Temporal that is away for good. */

const TYPE = 'payments.pay_invoice';
const PARAMS = {
  invoiceId: 'INV-9001',
  vendorId: 'globex',
  amountMinor: 4_200,
  currency: 'EUR',
  memo: 'canary-5b1e77',
};

let database: TestDatabase;
let services: DemoServices;
let logins: DemoLogins;
let settings: Record<string, string>;
let url: string;
let superuser: Client;

beforeAll(async () => {
  const home = mkdtempSync(join(testServers().directory, 'gateway-'));
  const keys = join(home, 'keys');
  createKeys(keys);
  database = await createTestDatabase();
  services = await startDemoServices(join(home, 'services'));
  logins = await seedDemo({ databaseUrl: database.ownerUrl, path: join(home, 'demo.json'), groups: [] });
  const directory = join(packageRoot(), 'demo', 'policies');
  const privateKeyPem = readFileSync(join(keys, 'bundle.key.pem'), 'utf8');
  writePrivate(join(home, 'bundle.json'), JSON.stringify(await buildBundle({ directory, privateKeyPem, version: 1 })));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  services.trust(`${url}/.well-known/jwks.json`);
  settings = {
    COUNTERSIGN_HOME: home,
    COUNTERSIGN_PORT: String(port),
    COUNTERSIGN_KEYS: keys,
    COUNTERSIGN_BUNDLE: join(home, 'bundle.json'),
    COUNTERSIGN_TARGET_ERP: services.erp.url,
    COUNTERSIGN_TARGET_PAYMENTS: services.payments.url,
    DATABASE_URL_GATEWAY: database.gatewayUrl,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
  };
  superuser = new Client({ connectionString: database.superuserUrl });
  await superuser.connect();
});
afterAll(async () => {
  await superuser.end();
  await services.stop();
  await database.drop();
});

const start = async (changed: Record<string, string> = {}): Promise<TestProcess> => {
  const gateway = startTestProcess('gateway', { ...settings, ...changed });
  await gateway.waitForLog('takes requests');
  return gateway;
};

test('takes requests while Temporal is away, keeps them for the outbox, and goes on after a restart', async () => {
  const cs = new Countersign({ url, key: logins.agentKey });
  const first = await start();
  const { id } = await cs.submit(TYPE, PARAMS, { key: 'away' });
  const { rows } = await superuser.query(
    'select done_at, facts from outbox join action_rounds using (tenant, action) where action = $1',
    [id],
  );
  expect(rows).toMatchObject([{ done_at: null, facts: { vendor: { id: 'globex' } } }]);

  first.kill('SIGKILL');
  await first.ended;
  const again = cs.submit(TYPE, PARAMS, { key: 'away' }); // nobody listens yet; the client asks until somebody does
  const second = await start();
  expect((await again).id).toBe(id);

  const waiting = cs.action(id).result({ waitMs: 30_000 });
  setTimeout(() => {
    const outcome = { kind: 'executed', say: 'This was done.', result: {} };
    void superuser.query(
      `update actions set state = 'executed', outcome = $2::jsonb, settled_at = now() where action = $1`,
      [id, JSON.stringify(outcome)],
    );
  }, 300);
  expect((await waiting).kind).toBe('executed');
  await second.stop();
  expect(first.log() + second.log()).not.toContain('canary');
  expect(first.log() + second.log()).not.toContain(logins.agentKey);
});

test('answers what it has in hand before it ends, and ends well', async () => {
  const gateway = await start();
  const headers = {
    authorization: `Bearer ${logins.agentKey}`,
    'content-type': 'application/json',
    'idempotency-key': 'in-hand',
  };
  const submission = fetch(`${url}/v1/actions`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ type: TYPE, params: PARAMS, waitMs: 20_000 }),
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const started = performance.now();
  gateway.kill('SIGTERM');
  expect((await submission).status).toBe(202);
  expect(await gateway.ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - started).toBeLessThan(8_000);
});

test.each([
  ['without a bundle', { COUNTERSIGN_BUNDLE: '/nowhere.json' }, 'cannot be read'],
  ['without a database', { DATABASE_URL_GATEWAY: '' }, 'DATABASE_URL_GATEWAY'],
  ['with a setting that is none', { COUNTERSIGN_PORT: 'http' }, 'COUNTERSIGN_PORT'],
])('does not start %s, and says why', async (_, changed, why) => {
  const gateway = startTestProcess('gateway', { ...settings, ...changed });
  expect((await gateway.ended).code).toBe(1);
  expect(gateway.log()).toContain(why);
});
