import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { buildBundle } from '../../bundle/build-bundle';
import { packageRoot } from '../../config/paths';
import { GENERATED_KEYS_MARKER } from '../../config/production-problems';
import { createKeys } from '../../stack/create-keys';
import { writePrivate } from '../../stack/write-private';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import { startTestProcess } from '../helpers/processes';
import { testServers } from '../setup/servers';

/* Gateway and worker as processes in production, by the logins that they are given; Temporal is away. */

let database: TestDatabase;
let settings: Readonly<Record<string, string>>;

beforeAll(async () => {
  const home = mkdtempSync(join(testServers().directory, 'production-'));
  const keys = join(home, 'keys');
  createKeys(keys);
  rmSync(join(keys, GENERATED_KEYS_MARKER));
  mkdirSync(join(home, 'policies'));
  database = await createTestDatabase();
  const directory = join(packageRoot(), 'policies', 'starter');
  const privateKeyPem = readFileSync(join(keys, 'bundle.key.pem'), 'utf8');
  writePrivate(join(home, 'bundle.json'), JSON.stringify(await buildBundle({ directory, privateKeyPem, version: 1 })));
  settings = {
    ...{ COUNTERSIGN_MODE: 'production', COUNTERSIGN_HOME: home, COUNTERSIGN_KEYS: keys, COUNTERSIGN_PORT: '0' },
    ...{ COUNTERSIGN_BUNDLE: join(home, 'bundle.json'), COUNTERSIGN_POLICIES: join(home, 'policies') },
    ...{ COUNTERSIGN_PUBLIC_URL: 'https://countersign.example.org', TEMPORAL_ADDRESS: '127.0.0.1:1' },
    ...{ DATABASE_URL_GATEWAY: database.gatewayUrl, DATABASE_URL_WORKER: database.workerUrl },
    DATABASE_URL_LOOPS: database.loopsUrl,
  };
});
afterAll(() => database.drop());

/** All that it says before it ends. */
async function refused(name: 'gateway' | 'worker', changed: Readonly<Record<string, string>>): Promise<string> {
  const refusing = startTestProcess(name, { ...settings, ...changed });
  expect((await refusing.ended).code).toBe(1);
  return refusing.log();
}

async function asSuperuser(...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: database.superuserUrl });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

test('X84 a gateway starts with its own login', async () => {
  const gateway = startTestProcess('gateway', settings);
  await gateway.waitForLog('takes requests');
  await gateway.stop();
});

test.each([
  ['the owner', () => database.ownerUrl, 'may call begin_effect, may call activate_bundle'],
  ['a worker', () => database.workerUrl, 'may not call cast_vote, may call begin_effect, may call activate_bundle'],
])('X84 and not with that of %s, and says why', async (_, url, fault) => {
  expect(await refused('gateway', { DATABASE_URL_GATEWAY: url() })).toContain(
    `DATABASE_URL_GATEWAY is of a login that is not countersign_gateway, ${fault}. Write the URL of the role countersign_gateway`,
  );
});

test('X84 nor with that of a superuser under another name than Postgres has for one', async () => {
  await asSuperuser(`create role root_of_another_name superuser login password 'word'`);
  const url = new URL(database.superuserUrl);
  url.username = 'root_of_another_name';
  url.password = 'word';
  try {
    expect(await refused('gateway', { DATABASE_URL_GATEWAY: url.href })).toContain(
      'DATABASE_URL_GATEWAY is of a login that is a superuser, whom no guard binds, is not countersign_gateway',
    );
  } finally {
    await asSuperuser('drop role root_of_another_name');
  }
});

test('X84 a worker starts with both of its logins, and with neither of another', async () => {
  const worker = startTestProcess('worker', settings);
  await worker.waitForLog('Temporal does not answer');
  await worker.stop();
  const log = await refused('worker', {
    DATABASE_URL_WORKER: database.ownerUrl,
    DATABASE_URL_LOOPS: database.gatewayUrl,
  });
  expect(log).toContain('DATABASE_URL_WORKER is of a login that is not countersign_worker, may call cast_vote');
  expect(log).toContain('DATABASE_URL_LOOPS is of a login that is not countersign_loops, may call cast_vote');
});
