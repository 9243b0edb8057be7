import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from 'pg';
import { buildBundle } from '../../bundle/build-bundle';
import { packageRoot } from '../../config/paths';
import { type DemoServices, startDemoServices } from '../../demo/services/start-demo-services';
import { answers } from '../../stack/answers';
import { createKeys } from '../../stack/create-keys';
import { freePort } from '../../config/free-port';
import { seedDemo, type DemoLogins } from '../../stack/seed-demo';
import { waitUntil } from '../../stack/wait-until';
import { writePrivate } from '../../stack/write-private';
import { type TestServers, testServers } from '../setup/servers';
import { createTestDatabase, type TestDatabase } from './database';
import { startTestProcess, type TestProcess } from './processes';
import { takeNamespace, type TestNamespace } from './temporal';

/** Everything that a governed action passes through, for real: gateway and worker are processes, the targets keep books of their own. */
export interface Spine extends DemoLogins {
  readonly home: string;
  readonly database: TestDatabase;
  readonly temporal: TestNamespace;
  readonly services: DemoServices;
  readonly gatewayUrl: string;
  /** Where the gateway listens to operators. */
  readonly adminUrl: string;
  /** What its processes are told, without faults. */
  readonly settings: Readonly<Record<'gateway' | 'worker', Readonly<Record<string, string>>>>;
  worker(): TestProcess;
  /** Replaces the worker: `faults` as in COUNTERSIGN_FAULTS. One that was killed is replaced like any other. */
  startWorker(faults?: string): Promise<TestProcess>;
  /** Starts workers anew whenever one dies, as a supervisor does; until the returned function is called. */
  keepWorker(): () => void;
  gateway(): TestProcess;
  /** Replaces the gateway, at the same address. */
  startGateway(faults?: string): Promise<TestProcess>;
  /** A connection that sees every tenant and changes nothing. */
  readonly auditor: Pick<Pool, 'query'>;
  stop(): Promise<void>;
}

/** Takes a second or two. One per test file, in `beforeAll`. */
export async function startSpine({
  policies = join(packageRoot(), 'demo', 'policies'),
  settings = () => Promise.resolve({}),
  workerSettings = {},
  servers = testServers(),
}: {
  readonly policies?: string;
  /** Variables of gateway and worker, over those of the spine: channels, other ways to Temporal, to the database and to the targets. */
  readonly settings?: (
    temporal: TestNamespace,
    database: TestDatabase,
    services: DemoServices,
  ) => Promise<Readonly<Record<string, string>>>;
  /** Variables of the worker's own: secrets, addresses of more targets. */
  readonly workerSettings?: Readonly<Record<string, string>>;
  /** Servers of the test's own, which it may take away. */
  readonly servers?: TestServers;
} = {}): Promise<Spine> {
  const home = mkdtempSync(join(testServers().directory, 'spine-'));
  const keys = join(home, 'keys');
  createKeys(keys);
  const database = await createTestDatabase(servers);
  const temporal = takeNamespace(servers);
  const services = await startDemoServices(join(home, 'services'));
  const logins = await seedDemo({
    databaseUrl: database.ownerUrl,
    path: join(home, 'demo.json'),
    groups: ['finance-approvers', 'controllers'],
  });
  const bundlePath = join(home, 'bundle.json');
  const bundle = await buildBundle({
    directory: policies,
    privateKeyPem: readFileSync(join(keys, 'bundle.key.pem'), 'utf8'),
    version: Date.now(),
  });
  writePrivate(bundlePath, JSON.stringify(bundle));

  const port = await freePort();
  const gatewayUrl = `http://127.0.0.1:${String(port)}`;
  const adminPort = await freePort();
  const env = {
    COUNTERSIGN_HOME: home,
    COUNTERSIGN_PORT: String(port),
    COUNTERSIGN_ADMIN_PORT: String(adminPort),
    COUNTERSIGN_PUBLIC_URL: gatewayUrl,
    COUNTERSIGN_KEYS: keys,
    COUNTERSIGN_BUNDLE: bundlePath,
    COUNTERSIGN_TARGET_ERP: services.erp.url,
    COUNTERSIGN_TARGET_PAYMENTS: services.payments.url,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
  };
  const own = await settings(temporal, database, services);
  const gatewayEnv = { ...env, DATABASE_URL_GATEWAY: database.gatewayUrl, ...own };
  let gateway: TestProcess | undefined;
  const startGateway = async (faults = ''): Promise<TestProcess> => {
    await gateway?.stop();
    const started = startTestProcess('gateway', { ...gatewayEnv, COUNTERSIGN_FAULTS: faults });
    gateway = started;
    await waitUntil(async () => await answers(`${gatewayUrl}/readyz`), {
      what: 'The gateway was not ready',
      withinMs: 20_000,
      givenUp: () => (started.hasEnded() ? started.log() : undefined),
    });
    return started;
  };
  await startGateway();
  services.trust(`${gatewayUrl}/.well-known/jwks.json`);

  // One connection, and another after a test has broken it.
  const auditor = new Pool({ connectionString: database.auditorUrl, max: 1 }).on('error', () => undefined);
  const workerEnv = {
    ...env,
    DATABASE_URL_WORKER: database.workerUrl,
    DATABASE_URL_LOOPS: database.loopsUrl,
    ...own,
    ...workerSettings,
  };
  let worker: TestProcess | undefined;
  let keeping = false;

  const startWorker = async (faults = ''): Promise<TestProcess> => {
    await worker?.stop();
    const started = startTestProcess('worker', { ...workerEnv, COUNTERSIGN_FAULTS: faults });
    worker = started;
    await started.waitForLog('the worker runs', 30_000);
    if (keeping) void started.ended.then(async () => (keeping && worker === started ? await startWorker() : undefined));
    return started;
  };
  const current = (): TestProcess => running(worker);
  await startWorker();

  return {
    ...logins,
    home,
    database,
    temporal,
    services,
    gatewayUrl,
    adminUrl: `http://127.0.0.1:${String(adminPort)}`,
    auditor,
    settings: { gateway: gatewayEnv, worker: workerEnv },
    worker: current,
    startWorker,
    gateway: () => running(gateway),
    startGateway,
    keepWorker: () => {
      keeping = true;
      const watched = current();
      void watched.ended.then(async () => (keeping && worker === watched ? await startWorker() : undefined));
      return () => (keeping = false);
    },
    stop: async () => {
      keeping = false;
      await Promise.all([worker?.stop(), gateway?.stop()]);
      await auditor.end();
      await services.stop();
      await database.drop();
    },
  };
}

function running(process: TestProcess | undefined): TestProcess {
  if (process === undefined) throw new Error('it was never started');
  return process;
}
