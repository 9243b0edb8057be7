import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { SEARCH_ATTRIBUTES } from '../workflows/contract/names';
import { freePort } from '../config/free-port';
import { processMark } from './process-mark';
import { type Report } from './report';
import { startLeashed } from './start-leashed';
import { waitUntil } from './wait-until';
import { writePrivate } from './write-private';

export interface TemporalServerOptions {
  /** The Temporal CLI. */
  readonly program: string;
  /** Holds the database file; the same directory gives the same histories again. */
  readonly directory: string;
  readonly namespaces: readonly string[];
  readonly report: Report;
  /** More of the server's dynamic configuration: `<key>=<JSON>`. */
  readonly dynamicConfig?: readonly string[];
  /** False: a crash of the machine may lose what was written last, as a kill of the server may not. For what is thrown away. */
  readonly durable?: boolean;
  /** Absent: no Web UI is served. */
  readonly ui?: { readonly port: number; /** Where it has payloads decoded. */ readonly codecEndpoint: string };
}

export interface TemporalServer {
  readonly address: string;
  readonly pid: number;
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** As in deploy/temporal/dynamic-config.yaml, where the reasons stand. */
export const DYNAMIC_CONFIG = [
  ...['transfer', 'timer', 'visibility'].map((queue) => `history.${queue}ProcessorMaxPollRPS=300`),
  'history.workflowTaskRetryMaxInterval="20s"',
] as const;

/** SQLite by itself makes and removes a file for each transaction, and waits for the disk four times. */
const CAREFREE = ['journal_mode=wal', 'synchronous=off'].flatMap((pragma) => ['--sqlite-pragma', pragma]);

/** A run that waits a day for its approver must still be readable when it is asked about. */
const RETENTION = '720h';

/** All are single words but WaitingOn: an action may wait on several people. */
const ATTRIBUTES = Object.values(SEARCH_ATTRIBUTES).map(
  (name) => `${name}=${name === SEARCH_ATTRIBUTES.waitingOn ? 'KeywordList' : 'Keyword'}`,
);

/** The user's own Temporal profile is for other servers. */
const OWN_SETTINGS_ONLY = ['--disable-config-env', '--disable-config-file'];

const run = promisify(execFile);

/** Temporal's development server on loopback, with a database file, that ends when this process does. */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const { program, directory, namespaces, durable = true } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const memory = join(directory, 'server.json');
  const before = recall(memory);
  await endPredecessor(before, options.report);

  const port = await freePort(before.port);
  const ui =
    options.ui === undefined
      ? ['--headless']
      : ['--ui-port', String(options.ui.port), '--ui-codec-endpoint', options.ui.codecEndpoint];
  const args = [
    ...['server', 'start-dev', ...OWN_SETTINGS_ONLY, '--ip', '127.0.0.1', '--port', String(port), ...ui],
    ...['--db-filename', join(directory, 'temporal.db'), '--log-level', 'warn', ...(durable ? [] : CAREFREE)],
    ...namespaces.flatMap((namespace) => ['--namespace', namespace]),
    ...ATTRIBUTES.flatMap((attribute) => ['--search-attribute', attribute]),
    ...[...DYNAMIC_CONFIG, ...(options.dynamicConfig ?? [])].flatMap((setting) => ['--dynamic-config-value', setting]),
  ];
  const logPath = join(directory, 'temporal.log');
  const server = await startLeashed({ program, args, logPath, stopSignal: 'SIGTERM', cwd: dirname(program) });
  writePrivate(memory, JSON.stringify({ port, mark: processMark(server.pid) } satisfies Memory));

  const address = `127.0.0.1:${String(port)}`;
  await waitUntil(() => answers(program, address, namespaces), {
    what: `Temporal was not ready (see ${logPath})`,
    withinMs: 60_000,
    givenUp: () => (server.hasEnded() ? `Temporal ended while starting; see ${logPath}` : undefined),
  });
  return {
    address,
    pid: server.pid,
    ended: server.ended,
    stop: () => server.stop(),
  };
}

interface Memory {
  readonly port?: number;
  readonly mark?: string | undefined;
}

function recall(memory: string): Memory {
  return existsSync(memory) ? (JSON.parse(readFileSync(memory, 'utf8')) as Memory) : {};
}

/** The last namespace is made last, so when it answers, so do the others. Keeps them longer than the CLI's one day, too. */
async function answers(program: string, address: string, namespaces: readonly string[]): Promise<boolean> {
  try {
    await run(program, [
      'operator',
      'namespace',
      'update',
      ...OWN_SETTINGS_ONLY,
      '--address',
      address,
      '--namespace',
      namespaces.at(-1) ?? 'default',
      '--retention',
      RETENTION,
    ]);
    return true;
  } catch (error) {
    // Not ready yet: the CLI says so by its exit code. Anything else (it cannot run at all) is for the caller.
    if (typeof (error as { code?: unknown }).code === 'number') return false;
    throw error;
  }
}

/** Two servers on one database file would corrupt it. */
async function endPredecessor({ mark }: Memory, report: Report): Promise<void> {
  const pid = Number(mark?.split('@')[0]);
  if (mark === undefined || processMark(pid) !== mark) return;
  report('Stopping the Temporal server that an interrupted run left behind …');
  process.kill(pid, 'SIGTERM');
  await waitUntil(() => processMark(pid) !== mark, {
    what: `The earlier Temporal server (process ${String(pid)}) did not stop`,
    withinMs: 30_000,
  });
}
