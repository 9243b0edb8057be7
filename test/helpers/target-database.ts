import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import { packageRoot } from '../../config/paths';
import { type PostgresTarget } from '../../domain/documents';
import { createDatabase } from '../../stack/create-database';
import { databaseUrl } from '../../stack/database-url';
import { testServers } from '../setup/servers';

/** A database that is nobody's but its owner's: accounts with entries, which one profile may write and another may read. */
export interface TargetDatabase {
  readonly target: PostgresTarget;
  readonly minterPassword: string;
  readonly host: string;
  readonly port: number;
  /** Rows as they are. */
  rows<T extends object>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  /** A connection as somebody. */
  loginAs(role: string, password: string): Promise<Client>;
  /** Login roles that exist for calls to this target. */
  jitRoles(): Promise<string[]>;
  drop(): Promise<void>;
}

/** Set up by the statements that the documentation tells its readers to run. */
export async function createTargetDatabase(): Promise<TargetDatabase> {
  const { superuserUrl } = testServers();
  const suffix = randomBytes(6).toString('hex');
  const name = `books_${suffix}`;
  const minterPassword = `MINTER-${randomBytes(16).toString('hex')}`;
  const url = await createDatabase(superuserUrl, name);
  const own = (sql: string): string => sql.replaceAll(/\bbooks_(minter|writer|reader)\b/g, `books_${suffix}_$1`);
  const superuser = new Client({ connectionString: url });
  await superuser.connect();
  const setup = readFileSync(join(packageRoot(), 'docs', 'example', 'postgres-target.sql'), 'utf8');
  await superuser.query(own(setup.replace('change-me', minterPassword)));
  await superuser.query(own(BOOKS));

  const { hostname: host, port } = new URL(superuserUrl);
  const operations = Object.entries(OPERATIONS).map(([operation, { profile, ...rest }]) => [
    operation,
    { profile: own(profile), ...rest },
  ]);
  return {
    minterPassword,
    host,
    port: Number(port),
    target: {
      id: 'books',
      provider: 'postgres',
      address: `postgres://${host}:${port}/${name}?sslmode=disable`,
      minter: { role: own('books_minter'), secret: 'books-minter' },
      limits: { timeoutMs: 2_000, responseBytes: 4_096 },
      operations: Object.fromEntries(operations) as PostgresTarget['operations'],
    },
    rows: async <T extends object>(sql: string, values: readonly unknown[] = []) =>
      (await superuser.query<T>(sql, [...values])).rows,
    loginAs: async (user, password) => {
      const client = new Client({ host, port: Number(port), database: name, user, password });
      client.on('error', () => undefined);
      await client.connect();
      return client;
    },
    jitRoles: async () =>
      (
        await superuser.query<{ role: string }>(
          `select r.rolname as role from pg_roles r join pg_auth_members m on m.member = r.oid
           where r.rolname like 'jit\\_%' and m.roleid = any ($1::regrole[]) order by 1`,
          [[own('books_writer'), own('books_reader')]],
        )
      ).rows.map(({ role }) => role),
    drop: async () => {
      await superuser.end();
      const admin = new Client({ connectionString: databaseUrl(superuserUrl, { database: 'postgres' }) });
      await admin.connect();
      await admin.query(`drop database ${escapeIdentifier(name)} with (force)`);
      await admin.end();
    },
  };
}

const BOOKS = `
  create role books_reader with nologin;
  grant books_reader to books_minter with admin true, inherit false, set false;
  grant usage on schema countersign to books_reader;
  grant select, insert on countersign.markers to books_reader;
  create table entries (id bigint generated always as identity primary key, account text not null, amount_minor bigint not null check (amount_minor > 0), memo text unique deferrable initially deferred);
  create table payroll (person text, salary bigint);
  insert into payroll values ('eve', 1000);
  grant select, insert, delete on entries to books_writer;
  grant select on entries to books_reader;
  do $$ begin execute format('grant connect on database %I to books_reader', current_database()); end $$;
`;

const ENTRY = ['/params/account', '/params/amountMinor', '/params/memo'];
const post = (profile: string): PostgresTarget['operations'][string] => ({
  profile,
  sql: `insert into entries (account, amount_minor, memo) values ($1, $2, $3) returning id, account, amount_minor as "amountMinor", memo`,
  params: ENTRY,
});
const OPERATIONS: PostgresTarget['operations'] = {
  post: post('books_writer'),
  postAsReader: post('books_reader'),
  remove: {
    profile: 'books_writer',
    sql: 'delete from entries where id = $1 returning id',
    params: ['/steps/post/id'],
  },
  removeAll: { profile: 'books_writer', sql: 'delete from entries returning id', params: [] },
  list: { profile: 'books_reader', sql: 'select count(*) as entries from entries', params: [] },
  salaries: { profile: 'books_writer', sql: 'select * from payroll', params: [] },
  slow: { profile: 'books_reader', sql: 'select pg_sleep(30)::text as slept', params: [] },
  large: { profile: 'books_reader', sql: `select repeat('x', 5000) as text`, params: [] },
};
