import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRoles, LOGIN_ROLES, type RolePasswords } from '../../db/create-roles';
import { migrate } from '../../db/migrate';
import { createDatabase } from '../../stack/create-database';
import { databaseUrl } from '../../stack/database-url';
import { startEmbeddedPostgres } from '../../stack/embedded-postgres';
import { findTool } from '../../stack/find-tool';
import { processMark } from '../../stack/process-mark';
import { type Report } from '../../stack/report';
import { startTemporalServer } from '../../stack/temporal-server';
import { type TestServers } from './servers';

/** A server that a test may take away and bring back, with all that it had written. */
export interface Server {
  readonly pid: number;
  /** Sends the signal to the server itself and waits until it is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on its own files, at its own address. */
  start(): Promise<void>;
}

export interface RunningServers extends TestServers {
  readonly postgres: Server;
  readonly temporal: Server;
  stop(): Promise<void>;
}

/** Temporal says after minutes that nothing runs on an old version any more. */
const DRAINED_SOON = ['VisibilityGracePeriod', 'RefreshInterval'].map(
  (setting) => `matching.wv.VersionDrainageStatus${setting}="1s"`,
);

const TEMPLATE = 'countersign_template';

/** One Postgres with a migrated template, and one Temporal. They are leashed to this process, so they end with it however it ends. */
export async function startServers(
  directory: string,
  { namespaces, report }: { readonly namespaces: readonly string[]; readonly report: Report },
): Promise<RunningServers> {
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o711); // Postgres' own account must pass
  const program = await findTool('temporal', report);
  const postgresIn = () => startEmbeddedPostgres({ directory: join(directory, 'postgres'), report, durable: false });
  const temporalIn = () =>
    startTemporalServer({
      program,
      directory: join(directory, 'temporal'),
      namespaces,
      report,
      dynamicConfig: DRAINED_SOON,
      durable: false,
    });
  const [postgres, temporal] = await Promise.all([restartable(postgresIn), restartable(temporalIn)]);
  const stop = async (): Promise<void> => void (await Promise.all([postgres.stop(), temporal.stop()]));
  try {
    const passwords = Object.fromEntries(
      LOGIN_ROLES.map((role) => [role, randomBytes(12).toString('hex')]),
    ) as RolePasswords;
    const { superuserUrl } = postgres.current();
    await prepareTemplate(superuserUrl, passwords);
    const temporalAddress = temporal.current().address;
    return {
      directory,
      superuserUrl,
      passwords,
      template: TEMPLATE,
      temporalAddress,
      namespaces,
      postgres,
      temporal,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Startable {
  readonly pid: number;
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

async function restartable<T extends Startable>(
  start: () => Promise<T>,
): Promise<Server & { current(): T; stop(): Promise<void> }> {
  let current = await start();
  return {
    get pid() {
      return current.pid;
    },
    current: () => current,
    end: async (signal) => {
      const mark = processMark(current.pid);
      process.kill(current.pid, signal);
      await current.ended;
      while (mark !== undefined && processMark(current.pid) === mark) await sleep(20);
    },
    start: async () => void (current = await start()),
    stop: () => current.stop(),
  };
}

/** What every test database is a copy of. */
async function prepareTemplate(superuserUrl: string, passwords: RolePasswords): Promise<void> {
  const templateUrl = await createDatabase(superuserUrl, TEMPLATE);
  await createRoles(templateUrl, passwords);
  await migrate(databaseUrl(templateUrl, { login: { role: 'owner', password: passwords.owner } }));
}
