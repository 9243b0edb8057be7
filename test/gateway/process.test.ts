import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Client } from 'pg';
import { buildBundle } from '../../bundle/build-bundle';
import { Countersign } from '../../client/countersign';
import { packageRoot } from '../../config/paths';
import { type SignedBundle } from '../../pdp/bundle-format';
import { newKeys } from '../bundle/policy-directory';
import { type DemoServices, startDemoServices } from '../../demo/services/start-demo-services';
import { createKeys } from '../../stack/create-keys';
import { freePort } from '../../config/free-port';
import { type DemoLogins, seedDemo } from '../../stack/seed-demo';
import { waitUntil } from '../../stack/wait-until';
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

test('X36 keeps nothing of bodies that are refused', async () => {
  const gateway = await start();
  const deep = '['.repeat(30_000) + ']'.repeat(30_000);
  const wide = `{${Array.from({ length: 4_500 }, (_, i) => `"k${String(i)}":{}`).join()}}`;
  const large = Buffer.alloc(10_000_000, '[');
  const flood = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i += 1) {
      for (const body of [deep, wide, `{"type":"${TYPE}","params":${wide}}`])
        expect([400, 413]).toContain(await send(body));
      // A sender of much may find the connection closed instead of the answer.
      expect([413, undefined]).toContain(
        await send(large).then(
          (status) => status,
          () => undefined,
        ),
      );
    }
  };
  const send = async (body: string | Buffer): Promise<number> =>
    (
      await fetch(`${url}/v1/actions`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${logins.agentKey}`,
          'content-type': 'application/json',
          'idempotency-key': 'k',
        },
        body,
      })
    ).status;
  const memory = (): number =>
    Number(execFileSync('ps', ['-o', 'rss=', '-p', String(gateway.pid)], { encoding: 'utf8' })) * 1024;
  await flood(20);
  const before = memory();
  await flood(40); // half a gigabyte
  expect(memory() - before).toBeLessThan(100_000_000);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  await gateway.stop();
}, 60_000);

test('asked to stop, it says so on its probe and takes nothing new, while what it has in hand goes on', async () => {
  const gateway = await start();
  // A request whose body is still coming: in hand for as long as we like.
  const slow = connect(Number(new URL(url).port), '127.0.0.1');
  const answered = text(slow);
  slow.write(`POST /v1/actions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${logins.agentKey}\r\n`);
  slow.write(
    'content-type: application/json\r\nidempotency-key: slow\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{',
  );
  await waitUntil(async () => (await fetch(`${url}/readyz`)).ok, { what: 'It was not ready', withinMs: 10_000 });
  gateway.kill('SIGTERM');
  await waitUntil(async () => (await fetch(`${url}/readyz`)).status === 503, {
    what: 'The probe did not hear of it',
    withinMs: 4_000,
  });
  const probe = (await (await fetch(`${url}/readyz`)).json()) as { problems: unknown };
  expect(probe.problems).toMatchObject([{ path: '/draining' }]);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  const refused = await fetch(`${url}/v1/actions`, {
    method: 'POST',
    headers: { authorization: 'Bearer x' },
    body: '{}',
  });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
  slow.write('}');
  expect(await answered).toContain('HTTP/1.1 4'); // its own fault, and heard to the end
  expect(await gateway.ended).toEqual({ code: 0, signal: null });
});

test.each([
  ['without a database', { DATABASE_URL_GATEWAY: '' }, 'DATABASE_URL_GATEWAY'],
  ['with a setting that is none', { COUNTERSIGN_PORT: 'http' }, 'COUNTERSIGN_PORT'],
])('does not start %s, and says why', async (_, changed, why) => {
  const gateway = startTestProcess('gateway', { ...settings, ...changed });
  expect((await gateway.ended).code).toBe(1);
  expect(gateway.log()).toContain(why);
});

describe('a bundle that cannot be trusted', () => {
  const file = (name: string): string => join(settings['COUNTERSIGN_HOME'] ?? '', name);
  const good = (): Buffer => readFileSync(file('bundle.json'));
  const inForce = async (): Promise<unknown> =>
    (await superuser.query('select digest, version from bundles order by version')).rows;
  let serving: TestProcess;

  beforeAll(async () => {
    const { manifest } = JSON.parse(good().toString()) as SignedBundle;
    const { digest, version } = manifest;
    await superuser.query('select activate_bundle($1, $2, $3)', [digest, version, good().toString()]);
    serving = await start();
  }, 30_000);
  afterAll(() => serving.stop());

  const changedAt = (part: number): Buffer => {
    const copy = good();
    const at = Math.floor(copy.length * part);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  };
  const another = async (version: number, privateKeyPem = newKeys().privateKeyPem): Promise<Buffer> => {
    const directory = file(`policies-${String(version)}`);
    cpSync(join(packageRoot(), 'demo', 'policies'), directory, { recursive: true });
    writeFileSync(join(directory, 'data', 'more.yaml'), 'tightened: true\n');
    return Buffer.from(JSON.stringify(await buildBundle({ directory, privateKeyPem, version })));
  };

  /** Neither process goes on with it, both say why, and what was in force stays; who holds the last good one goes on. */
  const expectRefused = async (bundle: Buffer | undefined, why: RegExp, ready = 200): Promise<void> => {
    const before = await inForce();
    const path = file(`untrusted-${randomUUID()}.json`);
    if (bundle !== undefined) writeFileSync(path, bundle);
    const own = { COUNTERSIGN_BUNDLE: path, COUNTERSIGN_PORT: '0' };
    const databases = { DATABASE_URL_WORKER: database.workerUrl, DATABASE_URL_LOOPS: database.loopsUrl };
    await Promise.all(
      (['gateway', 'worker'] as const).map(async (name) => {
        const refusing = startTestProcess(name, { ...settings, ...databases, ...own });
        expect([name, await refusing.ended]).toEqual([name, { code: 1, signal: null }]);
        expect(refusing.isReady()).toBe(false);
        expect(refusing.log()).toMatch(why);
      }),
    );
    expect(await inForce()).toEqual(before);
    expect((await fetch(`${url}/readyz`)).status).toBe(ready);
    expect((await new Countersign({ url, key: logins.agentKey }).submit(TYPE, PARAMS, { key: 'kept' })).id).toMatch(
      /^act-/,
    );
  };

  test('X31 there is none: nobody is ready, and nothing is decided', async () => {
    await expectRefused(undefined, /cannot be read|no such file/);
  });

  test.each([0.01, 0.6])('X30 one bit was changed (at %d of it)', async (part) => {
    await expectRefused(changedAt(part), /The policy bundle is refused/);
  });

  test('X30 its end is missing', async () => {
    await expectRefused(good().subarray(0, -1), /it is not JSON/);
  });

  test('X30 it is that of another deployment', async () => {
    await expectRefused(await another(99), /was not signed by the key that this deployment trusts/);
  });

  test('X30 it is another one of the version in force: of two that count the same, the first stays', async () => {
    const { version } = (JSON.parse(good().toString()) as SignedBundle).manifest;
    const key = readFileSync(join(settings['COUNTERSIGN_KEYS'] ?? '', 'bundle.key.pem'), 'utf8');
    await expectRefused(await another(version, key), /bundle_version_taken/);
  });

  test('X30 it was signed by a key that was replaced: what began under that key is still read, and nothing begins', async () => {
    const replaced = newKeys();
    const retired = join(settings['COUNTERSIGN_KEYS'] ?? '', 'retired');
    mkdirSync(retired);
    writeFileSync(join(retired, 'bundle-1.pub.pem'), replaced.publicKeyPem);
    try {
      await expectRefused(
        await another(99, replaced.privateKeyPem),
        /was not signed by the key that this deployment trusts/,
      );
    } finally {
      rmSync(retired, { recursive: true });
    }
  });

  test('X30 it is older than the one in force: what was tightened stays so', async () => {
    const key = readFileSync(join(settings['COUNTERSIGN_KEYS'] ?? '', 'bundle.key.pem'), 'utf8');
    const newer = await another(2, key);
    const { digest, version } = (JSON.parse(newer.toString()) as SignedBundle).manifest;
    await superuser.query('select activate_bundle($1, $2, $3)', [digest, version, newer.toString()]);
    // Who serves under it already says so, and is sent nothing new.
    await expectRefused(good(), /bundle_stale/, 503);
  });
});
