import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { LOGIN_ROLES, type LoginRole, roleName } from '../../db/create-roles';
import { databaseUrl } from '../../stack/database-url';
import { type TestServers, testServers } from '../setup/servers';

export interface TestDatabase {
  readonly name: string;
  readonly superuserUrl: string;
  readonly ownerUrl: string;
  readonly gatewayUrl: string;
  readonly workerUrl: string;
  readonly loopsUrl: string;
  readonly auditorUrl: string;
  /** Ends every connection to it, too. */
  drop(): Promise<void>;
}

/** A database of the test's own, a copy of the migrated template. Take one per test file, in `beforeAll`. */
export async function createTestDatabase(servers: TestServers = testServers()): Promise<TestDatabase> {
  const { superuserUrl, passwords, template } = servers;
  const name = `t_${randomBytes(6).toString('hex')}`;
  const database = escapeIdentifier(name);
  await asSuperuser(superuserUrl, [
    // Only one copy can be made of a template at a time otherwise.
    `create database ${database} template ${template} owner countersign_owner strategy wal_log`,
    // Who may connect is not copied.
    `revoke all on database ${database} from public`,
    `grant connect on database ${database} to ${LOGIN_ROLES.map(roleName).join(', ')}`,
  ]);
  const url = (role: LoginRole): string =>
    databaseUrl(superuserUrl, { database: name, login: { role, password: passwords[role] } });
  return {
    name,
    superuserUrl: databaseUrl(superuserUrl, { database: name }),
    ownerUrl: url('owner'),
    gatewayUrl: url('gateway'),
    workerUrl: url('worker'),
    loopsUrl: url('loops'),
    auditorUrl: url('auditor'),
    drop: () => asSuperuser(superuserUrl, [untilLeft(name), `drop database if exists ${database} with (force)`]),
  };
}

async function asSuperuser(url: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Waits a while until everybody has left: a pool says that it has ended before its sockets are closed, and is not to be told of a forced end. */
function untilLeft(database: string): string {
  return `do $$ begin
    for i in 1..100 loop
      perform pg_stat_clear_snapshot();
      exit when not exists (select from pg_stat_activity where datname = ${escapeLiteral(database)});
      perform pg_sleep(0.02);
    end loop;
  end $$`;
}
