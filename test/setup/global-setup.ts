import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRoles, LOGIN_ROLES, type RolePasswords } from '../../db/create-roles';
import { migrate } from '../../db/migrate';
import { createDatabase } from '../../stack/create-database';
import { databaseUrl } from '../../stack/database-url';
import { startEmbeddedPostgres } from '../../stack/embedded-postgres';
import { findTool } from '../../stack/find-tool';
import { processMark } from '../../stack/process-mark';
import { startTemporalServer } from '../../stack/temporal-server';
import { SERVERS_VARIABLE, type TestServers } from './servers';

const PREFIX = 'countersign-test-';
const TEMPLATE = 'countersign_template';

/** Each test file takes one of its own; making all at the start costs half a second together. */
const NAMESPACES = Array.from({ length: 64 }, (_, index) => `t-${String(index + 1).padStart(2, '0')}`);

declare global {
  var stopTestServers: (() => Promise<void>) | undefined;
}

const report = (line: string): void => void process.stderr.write(`test servers: ${line}\n`);

/** One Postgres and one Temporal for the whole run. They are leashed to this process, so they end with it however it ends. */
export default async function globalSetup(): Promise<void> {
  const started = performance.now();
  removeLeftovers();
  const directory = mkdtempSync(join(tmpdir(), `${PREFIX}${String(process.pid)}-`));
  chmodSync(directory, 0o711); // Postgres' own account must pass
  const stops: (() => Promise<void>)[] = [() => Promise.resolve(rmSync(directory, { recursive: true, force: true }))];
  globalThis.stopTestServers = async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    const [postgres, temporal] = await Promise.all([
      startEmbeddedPostgres({ directory: join(directory, 'postgres'), report, durable: false }),
      findTool('temporal', report).then((program) =>
        startTemporalServer({ program, directory: join(directory, 'temporal'), namespaces: NAMESPACES, report }),
      ),
    ]);
    stops.push(() => Promise.all([postgres.stop(), temporal.stop()]).then(() => undefined));
    const passwords = Object.fromEntries(
      LOGIN_ROLES.map((role) => [role, randomBytes(12).toString('hex')]),
    ) as RolePasswords;
    await prepareTemplate(postgres.superuserUrl, passwords);
    const servers: TestServers = {
      directory,
      superuserUrl: postgres.superuserUrl,
      passwords,
      template: TEMPLATE,
      temporalAddress: temporal.address,
      namespaces: NAMESPACES,
    };
    process.env[SERVERS_VARIABLE] = join(directory, 'servers.json');
    writeFileSync(join(directory, 'servers.json'), JSON.stringify(servers), { mode: 0o600 });
    report(`Postgres and Temporal ready in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  } catch (error) {
    await globalThis.stopTestServers();
    throw error;
  }
}

/** What every test database is a copy of. */
async function prepareTemplate(superuserUrl: string, passwords: RolePasswords): Promise<void> {
  const templateUrl = await createDatabase(superuserUrl, TEMPLATE);
  await createRoles(templateUrl, passwords);
  await migrate(databaseUrl(templateUrl, { login: { role: 'owner', password: passwords.owner } }));
}

/** Directories of runs that were interrupted. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1] ?? process.pid);
    if (processMark(pid) === undefined) rmSync(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 5 }); // another run may be at it too
  }
}
