import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedDatabase } from '../cli/embedded-database';
import { type WorkerRole } from '../config/config';
import { packageRoot } from '../config/paths';
import { readConfig } from '../config/read-config';
import { type LoginRole } from '../db/create-roles';
import { type RunningStack, startStack } from '../stack/start-stack';
import { publishedAddresses } from '../stack/published-addresses';
import { readCodecKeys } from '../temporal/codec-keys';
import { type TemporalClient, connectClient } from '../temporal/connect';
import { createDataConverter } from '../temporal/data-converter';
import { type BenchTarget, startBenchTarget } from './target';

/** What tells where programs are. Nothing else of the environment counts: a bench measures what everybody gets. */
const INHERITED = ['PATH', 'HOME', 'XDG_CACHE_HOME', 'COUNTERSIGN_TEMPORAL', 'COUNTERSIGN_OPA'] as const;

export interface BenchStack {
  readonly stack: RunningStack;
  readonly client: TemporalClient;
  readonly target: BenchTarget;
  readonly home: string;
  readonly codecKeysPath: string;
  readonly bundlePath: string;
  /** Of its database, as each role. */
  readonly databaseUrls: Readonly<Record<LoginRole, string>>;
}

/** Runs `measure` on a stack of its own, with the bench's policies and target and a worker of this role, and leaves nothing behind. */
export async function withBenchStack<T>(
  measure: (bench: BenchStack) => Promise<T>,
  workerRole: WorkerRole = 'both',
): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  chmodSync(home, 0o711); // Postgres may run under another account, and must pass; else its files lie elsewhere, and stay
  const undo: (() => void | Promise<void>)[] = [
    () => {
      rmSync(home, { recursive: true, force: true });
    },
  ];
  try {
    const target = await startBenchTarget();
    undo.push(() => target.stop());
    const config = readConfig({
      ...Object.fromEntries(INHERITED.map((name) => [name, process.env[name]])),
      COUNTERSIGN_HOME: home,
      COUNTERSIGN_PORT: '0',
      COUNTERSIGN_ADMIN_PORT: '0',
      COUNTERSIGN_POLICIES: join(packageRoot(), 'bench', 'policies'),
      COUNTERSIGN_TARGET_PAYMENTS: target.url,
      COUNTERSIGN_WORKER_ROLE: workerRole,
    });
    const stack = await startStack({ config, report: (line) => void process.stderr.write(`${line}\n`) });
    undo.push(() => stack.stop());

    const { namespace, temporalAddress: address } = stack;
    const codecKeysPath = join(config.keys, 'codec.json');
    const dataConverter = createDataConverter({ codecKeys: await readCodecKeys(codecKeysPath), namespace });
    const client = connectClient({ namespace, connection: { address }, dataConverter });
    undo.push(() => client.connection.close());
    const [databaseUrls, bundlePath] = [embeddedDatabase(home), publishedAddresses(home)?.bundle];
    if (databaseUrls === undefined || bundlePath === undefined)
      throw new Error('The stack runs, and is not to be found.');
    return await measure({ stack, client, target, home, codecKeysPath, bundlePath, databaseUrls });
  } finally {
    for (const step of undo.reverse()) await step();
  }
}
