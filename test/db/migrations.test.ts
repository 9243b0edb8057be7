import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runner } from 'node-pg-migrate';
import { Client, escapeIdentifier } from 'pg';
import { packageRoot } from '../../config/paths';
import { createRoles } from '../../db/create-roles';
import { migrate } from '../../db/migrate';
import { newestMigration } from '../../db/newest-migration';
import { createDatabase } from '../../stack/create-database';
import { databaseUrl } from '../../stack/database-url';
import { testServers } from '../setup/servers';

const DIRECTORY = join(packageRoot(), 'db', 'migrations');
const names = readdirSync(DIRECTORY)
  .filter((file) => file.endsWith('.sql'))
  .map((file) => file.replace(/\.sql$/, ''))
  .sort();

let superuser: Client;
let ownerUrl: string;
const made: string[] = [];

/** A database with its roles and without a schema. */
beforeEach(async () => {
  const { superuserUrl, passwords } = testServers();
  const name = `m_${randomBytes(6).toString('hex')}`;
  made.push(name);
  const url = await createDatabase(superuserUrl, name);
  await createRoles(url, passwords);
  ownerUrl = databaseUrl(url, { login: { role: 'owner', password: passwords.owner } });
  superuser = new Client({ connectionString: url });
  await superuser.connect();
});
afterEach(async () => await superuser.end());
afterAll(async () => {
  const client = new Client({ connectionString: testServers().superuserUrl });
  await client.connect();
  for (const name of made) await client.query(`drop database if exists ${escapeIdentifier(name)} with (force)`);
  await client.end();
});

const rowsOf = async <T extends object>(sql: string, values: readonly unknown[] = []): Promise<T[]> =>
  (await superuser.query<T>(sql, [...values])).rows;

const done = async (): Promise<string[]> =>
  (await rowsOf<{ name: string }>('select name from schema_migrations order by id')).map(({ name }) => name);

test('each has a number of its own', () => {
  const numbers = names.map((name) => Number(name.slice(0, 4)));
  expect(new Set(numbers).size).toBe(names.length);
});

test('five runners at once: one migrates, the others wait, and nobody fails', async () => {
  const ran = await Promise.all(Array.from({ length: 5 }, () => migrate(ownerUrl)));
  expect(ran.filter((each) => each.length > 0)).toEqual([names]);
  expect(await done()).toEqual(names);
  expect(newestMigration()).toBe(names.at(-1));
});

test('each migration takes the rows of the version before it, and loses none', async () => {
  for (const name of names) {
    const before = await counts();
    await runner({
      databaseUrl: ownerUrl,
      dir: DIRECTORY,
      direction: 'up',
      migrationsTable: 'schema_migrations',
      count: 1,
      log: () => undefined,
    });
    expect((await done()).at(-1)).toBe(name);
    const after = await counts();
    for (const [table, count] of before) expect([name, table, after.get(table)]).toEqual([name, table, count]);
    // The first version comes with a row for the deployment itself; ours is a customer's.
    for (const table of await inOrder())
      if (after.get(table) === 0 || (name === names[0] && table === 'tenants')) await insertRow(table);
  }
  // Whoever adds a table to a migration has a row of it carried through all that come later.
  expect([...(await counts())].filter(([, count]) => count === 0)).toEqual([]);
});

async function counts(): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const table of await tables()) {
    const [row] = await rowsOf<{ n: string }>(`select count(*) as n from ${escapeIdentifier(table)}`);
    found.set(table, Number(row?.n));
  }
  return found;
}

async function tables(): Promise<string[]> {
  const found = await rowsOf<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'schema_migrations' order by 1`,
  );
  return found.map(({ name }) => name);
}

/** Tables after those that they refer to. */
async function inOrder(): Promise<string[]> {
  const references = await rowsOf<{ from: string; to: string }>(
    `select conrelid::regclass::text as from, confrelid::regclass::text as to from pg_constraint where contype = 'f'`,
  );
  const left = new Set(await tables());
  const ordered: string[] = [];
  while (left.size > 0) {
    const free = [...left].filter(
      (table) => !references.some(({ from, to }) => from === table && to !== table && left.has(to)),
    );
    if (free.length === 0) throw new Error(`Tables refer to each other in a circle: ${[...left].join(', ')}`);
    for (const table of free) {
      left.delete(table);
      ordered.push(table);
    }
  }
  return ordered;
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly refers: string | null;
  readonly at: string | null;
}

/** Values where any of their type would break a rule of the table. */
const UUID = '00000000-0000-7000-8000-000000000000';
const VALUES: Readonly<Record<string, unknown>> = {
  tenant: 'acme',
  action: `act-${UUID}`,
  request: `apr-${UUID}-1`,
  digest: `sha256:${'0'.repeat(64)}`,
  scope: 'tenant',
  effect: 'allow',
  choice: 'approve',
  channel: 'email',
  verdict: 'confirmed',
  role: 'viewer',
  stream: UUID,
  address: 'ada@example.org',
  slack_team: 'T1',
  slack_user: 'U1',
  public_key: 'k'.repeat(43),
  proposal: `prp-${UUID}`,
  reconciliation: `rec-${UUID}`,
  departure: `dep-${UUID}`,
  'departure_outcomes.kind': 'group',
  'departure_outcomes.outcome': 'empty',
  verb: 'lift',
  jti: 'j'.repeat(16),
  'agent_credentials.kid': 'k'.repeat(43),
  'agent_credentials.x': 'x'.repeat(43),
  'agent_credentials.registered_by': 'enrolment',
  'effects.kind': 'do',
  'processes.kind': 'gateway',
  'outbox.kind': 'wake',
  'tasks.kind': 'undo_stuck',
  'agent_notes.kind': 'idle',
};

/** One row with a value in each column that needs one: that of the row that it refers to, or some of its type. */
async function insertRow(table: string): Promise<void> {
  const columns = await rowsOf<Column>(
    `select a.attname as name, format_type(a.atttypid, null) as type, c.confrelid::regclass::text as refers,
       (select attname from pg_attribute where attrelid = c.confrelid and attnum = c.confkey[array_position(c.conkey, a.attnum)]) as at
     from pg_attribute a
     left join lateral (select * from pg_constraint where contype = 'f' and conrelid = a.attrelid and a.attnum = any (conkey) limit 1) c on true
     where a.attrelid = $1::text::regclass and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef and a.attidentity = ''
     order by a.attnum`,
    [table],
  );
  const values = await Promise.all(columns.map((column) => valueOf(table, column)));
  const marks = columns.map(({ type }, index) => `$${String(index + 1)}::${type}`);
  const list = columns.map(({ name }) => escapeIdentifier(name)).join(', ');
  await superuser.query(`insert into ${escapeIdentifier(table)} (${list}) values (${marks.join(', ')})`, values);
}

async function valueOf(table: string, { name, type, refers, at }: Column): Promise<unknown> {
  const given = VALUES[`${table}.${name}`] ?? VALUES[name];
  if (given !== undefined) return given;
  if (refers !== null && at !== null) {
    const [row] = await rowsOf<{ value: unknown }>(
      `select ${escapeIdentifier(at)} as value from ${refers} order by ${escapeIdentifier(at)} desc limit 1`,
    );
    return row?.value;
  }
  const value = OF_TYPE[type];
  if (value === undefined) throw new Error(`${table}.${name} is a ${type}: say in VALUES which value fits.`);
  return value;
}

const OF_TYPE: Readonly<Record<string, unknown>> = {
  text: 'some',
  'text[]': [],
  integer: 1,
  bigint: 1,
  boolean: false,
  interval: '1 hour',
  bytea: Buffer.alloc(32, 1),
  json: '{}',
  jsonb: '{}',
  'timestamp with time zone': new Date('2026-01-01'),
};
