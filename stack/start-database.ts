import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config } from '../config/config';
import { createRoles, LOGIN_ROLES, type LoginRole, type RolePasswords } from '../db/create-roles';
import { migrate } from '../db/migrate';
import { createDatabase } from './create-database';
import { databaseUrl } from './database-url';
import { startEmbeddedPostgres } from './embedded-postgres';
import { type Report } from './report';
import { writePrivate } from './write-private';

export interface RunningDatabase {
  /** One URL for each role. */
  readonly urls: Readonly<Record<LoginRole, string>>;
  stop(): Promise<void>;
}

const DATABASE = 'countersign';

/** A migrated database with its separate roles: on the server that DATABASE_URL names, or on an embedded one. */
export async function startDatabase({ home, database }: Config, report: Report): Promise<RunningDatabase> {
  if (database.owner !== undefined) {
    report('Using the Postgres server of DATABASE_URL.');
    return { urls: await prepare(database.owner, home, report), stop: () => Promise.resolve() };
  }
  report('Starting Postgres …');
  const server = await startEmbeddedPostgres({ directory: join(home, 'postgres'), report });
  try {
    return {
      urls: await prepare(await createDatabase(server.superuserUrl, DATABASE), home, report),
      stop: () => server.stop(),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function prepare(superuserUrl: string, home: string, report: Report): Promise<RunningDatabase['urls']> {
  const passwords = rolePasswords(join(home, 'database-roles.json'));
  await createRoles(superuserUrl, passwords);
  const url = (role: LoginRole): string => databaseUrl(superuserUrl, { login: { role, password: passwords[role] } });
  report('Migrating the database …');
  await migrate(url('owner'));
  return Object.fromEntries(LOGIN_ROLES.map((role) => [role, url(role)])) as Record<LoginRole, string>;
}

/** The same at every start: an operator's saved connection goes on working. */
function rolePasswords(path: string): RolePasswords {
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as RolePasswords;
  const passwords = Object.fromEntries(
    LOGIN_ROLES.map((role) => [role, randomBytes(24).toString('base64url')]),
  ) as RolePasswords;
  writePrivate(path, JSON.stringify(passwords));
  return passwords;
}
