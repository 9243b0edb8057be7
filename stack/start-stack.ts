import { join } from 'node:path';
import { type Config } from '../config/config';
import { createKeys } from './create-keys';
import { createUndoList } from './create-undo-list';
import { nextFreePort } from './next-free-port';
import { publishAddresses } from './published-addresses';
import { type Report } from './report';
import { type DemoLogins, type Reach, seedDemo } from './seed-demo';
import { startDatabase } from './start-database';
import { startProcesses } from './start-processes';
import { startTemporal } from './start-temporal';
import { takeHome } from './take-home';
import { writeBundle } from './write-bundle';

export interface StackOptions {
  readonly config: Config;
  readonly report: Report;
  /** Where the demo's people are to be found. */
  readonly reach?: readonly Reach[];
  /** Ends a start that is under way; what has started is stopped again. */
  readonly signal?: AbortSignal;
}

export interface RunningStack extends DemoLogins {
  readonly gatewayUrl: string;
  /** Where the gateway listens to operators. */
  readonly adminUrl: string;
  /** Absent with a Temporal server of your own. */
  readonly temporalUiUrl?: string;
  readonly temporalAddress: string;
  readonly namespace: string;
  /** Read only: the auditor's. */
  readonly databaseUrl: string;
  /** Logs of worker and gateway. */
  readonly logDirectory: string;
  workerPid(): number;
  gatewayPid(): number;
  /** It is started again at once. */
  killWorker(signal: NodeJS.Signals): void;
  restartWorker(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Runs everything on one machine: database, Temporal, a gateway, a worker. State is under `config.home`; a later start goes on where this one was.
 *
 * @throws HomeInUseError when another stack uses the same home.
 */
export async function startStack({ config, report, reach = [], signal }: StackOptions): Promise<RunningStack> {
  if (config.mode === 'production') throw new Error(NOT_IN_PRODUCTION);
  const started = createUndoList();
  const begun = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const part = await starting;
    started.add(() => part.stop());
    signal?.throwIfAborted();
    return part;
  };
  try {
    const home = await takeHome(config.home);
    started.add(() => home.release());
    createKeys(config.keys);
    const database = await begun(startDatabase(config, report));
    const { path: bundle, groups } = await writeBundle(config, database.urls.owner, report);
    const path = join(config.home, 'demo.json');
    const logins = await seedDemo({ databaseUrl: database.urls.owner, path, groups, reach });
    const temporal = await begun(startTemporal(config, report));
    const port = await gatewayPort(config.port, report);
    const adminPort = await adminPortBeside(port, config.admin.port);
    report('Starting the gateway and the worker …');
    if (config.slack === undefined && config.mail === undefined) report(NOBODY_IS_TOLD);
    const processes = await begun(
      startProcesses({ config, database, temporal, bundle, port, adminPort }, report, signal),
    );
    const { worker, gateway, gatewayUrl, adminUrl, logDirectory } = processes;
    const databaseUrl = database.urls.auditor;
    started.add(
      publishAddresses(config.home, {
        ...{ gateway: gatewayUrl, admin: adminUrl, databaseUrl, bundle, temporalUi: temporal.uiUrl ?? null },
        temporal: { address: temporal.address, namespace: temporal.namespace },
      }),
    );
    return {
      ...logins,
      ...{ gatewayUrl, adminUrl, logDirectory, databaseUrl },
      ...{ temporalAddress: temporal.address, namespace: temporal.namespace },
      ...(temporal.uiUrl !== undefined && { temporalUiUrl: temporal.uiUrl }),
      workerPid: () => worker.pid(),
      gatewayPid: () => gateway.pid(),
      killWorker: (kill) => worker.kill(kill),
      restartWorker: () => worker.restart(),
      stop: () => started.undoAll(),
    };
  } catch (error) {
    await started.undoAll();
    throw error;
  }
}

const NOBODY_IS_TOLD =
  'Neither Slack nor a mail server is set up: nobody is told what waits. `countersign approvals list` shows it.';

const NOT_IN_PRODUCTION =
  'The embedded stack is for development. In production run `node dist/gateway/main.js` and `node dist/worker/main.js`, each with its own settings.';

async function gatewayPort(wanted: number, report: Report): Promise<number> {
  const port = await nextFreePort(wanted);
  if (wanted !== 0 && port !== wanted)
    report(`Port ${String(wanted)} is taken; the gateway listens on ${String(port)}.`);
  return port;
}

/** Nothing listens on the gateway's own port yet, so that it would look free. */
async function adminPortBeside(port: number, wanted: number): Promise<number> {
  const free = await nextFreePort(wanted);
  return free === port ? nextFreePort(wanted === 0 ? 0 : port + 1) : free;
}
