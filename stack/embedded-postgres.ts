import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../config/free-port';
import { postgresAccount } from './postgres-account';
import { postgresBinaries } from './postgres-binaries';
import { createCluster, type PostgresFiles, postgresFiles, rememberPostgres } from './postgres-files';
import { processMark } from './process-mark';
import { type Report } from './report';
import { type Leashed, startLeashed } from './start-leashed';
import { waitUntil } from './wait-until';

export interface EmbeddedPostgresOptions {
  /** Everything of the server lies in here; the same directory gives the same server again. */
  readonly directory: string;
  readonly report: Report;
  /** False: a crash of the machine may destroy it all, and commits are fast. */
  readonly durable?: boolean;
}

export interface EmbeddedPostgres {
  readonly port: number;
  readonly pid: number;
  /** URL of the superuser, database `postgres`. */
  readonly superuserUrl: string;
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Recovery after a crash replays the write-ahead log; this much of it is minutes of writing. */
const READY_WITHIN_MS = 60_000;

/** A commit is still written before it is answered: what a kill of the server must not lose, it does not lose. */
const CAREFREE = ['fsync=off', 'full_page_writes=off'];

/** A real Postgres server on loopback, with its own files and no socket, that ends when this process does. */
export async function startEmbeddedPostgres({
  directory,
  report,
  durable = true,
}: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const account = postgresAccount();
  const bin = postgresBinaries(account);
  const files = postgresFiles(directory, account, report);
  if (!existsSync(files.data)) report('Creating the database cluster …');
  await createCluster(files, { bin, account, durable });
  await endPredecessor(files, report);

  const port = await freePort(files.port);
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    ...(durable ? [] : CAREFREE),
  ];
  const args = ['-D', files.data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  const logPath = join(directory, 'postgres.log');
  const server = await startLeashed({
    program: join(bin, 'postgres'),
    args,
    logPath,
    stopSignal: 'SIGINT',
    cwd: files.data,
    ...account,
  });
  rememberPostgres(directory, { ...files, port, mark: processMark(server.pid) });
  await ready(server, files.data, logPath);
  return {
    port,
    pid: server.pid,
    superuserUrl: `postgres://postgres:${files.password}@127.0.0.1:${String(port)}/postgres`,
    ended: server.ended,
    stop: () => server.stop(),
  };
}

/** The server writes `ready` into the last line of its pid file once it takes connections; pg_ctl waits for the same word. */
async function ready(server: Leashed, data: string, logPath: string): Promise<void> {
  await waitUntil(() => pidFile(data)[7] === 'ready', {
    what: `Postgres was not ready (see ${logPath})`,
    withinMs: READY_WITHIN_MS,
    givenUp: () => (server.hasEnded() ? `Postgres ended while starting; see ${logPath}` : undefined),
  });
}

/** A server whose owner was killed may still be stopping, or have been left alone: two on one directory would destroy it. */
async function endPredecessor({ data, mark }: PostgresFiles, report: Report): Promise<void> {
  const pid = Number(pidFile(data)[0]);
  if (!Number.isInteger(pid)) return;
  if (mark === undefined || processMark(pid) !== mark) {
    // Its number may be a stranger's by now, for which Postgres would refuse to start. Should it be ours after all, Postgres finds its shared
    // memory in use and refuses then.
    rmSync(join(data, 'postmaster.pid'));
    return;
  }
  report('Stopping the Postgres server that an interrupted run left behind …');
  process.kill(pid, 'SIGINT');
  await waitUntil(() => processMark(pid) !== mark, {
    what: `The earlier Postgres server (process ${String(pid)}) did not stop`,
    withinMs: 30_000,
  });
}

function pidFile(data: string): readonly string[] {
  try {
    return readFileSync(join(data, 'postmaster.pid'), 'utf8')
      .split('\n')
      .map((line) => line.trim());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
