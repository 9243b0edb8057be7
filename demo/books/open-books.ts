import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { packageRoot } from '../../config/paths';
import { createDatabase } from '../../stack/create-database';
import { waitUntil } from '../../stack/wait-until';
import { type WitnessRecord } from '../services/witness-book';
import { readChanges } from './read-changes';

/** The general ledger of the demo: a database that is nobody's but the company's. */
export interface Books {
  /** Without credentials, as a target's address has to be. */
  readonly url: string;
  /** Of the role that makes and ends the login role of each call. */
  readonly minterPassword: string;
  /** What the database itself noted of every change. */
  witness(): Promise<readonly WitnessRecord[]>;
  /** Every login role that was ever used here. */
  rolesSeen(): Promise<readonly string[]>;
  /** Login roles of calls that exist now. */
  rolesAlive(): Promise<readonly string[]>;
  /** An accountant works on an account, from when this resolves: whoever posts to it waits, and the first to give up ends it. */
  holdAccount(account: string): Promise<Hold>;
  close(): Promise<void>;
}

export interface Hold {
  /** Resolves once somebody has waited and given up. */
  readonly happened: Promise<void>;
}

const LEDGER = 'books';

/** Longer than a call waits for an answer, together with the way there. */
const GIVEN_UP_WITHIN_MS = 20_000;

/** Makes the database, by the statements that the documentation tells its readers to run, and looks into it as its superuser. */
export async function openBooks(superuserUrl: string): Promise<Books> {
  const minterPassword = randomBytes(24).toString('base64url');
  const url = await createDatabase(superuserUrl, LEDGER);
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(sql('docs', 'example', 'postgres-target.sql').replace('change-me', minterPassword));
  await client.query(sql('demo', 'books', 'books.sql'));
  const roles = async (query: string): Promise<readonly string[]> =>
    (await client.query<{ role: string }>(query)).rows.map(({ role }) => role);
  const { host } = new URL(superuserUrl);
  return {
    url: `postgres://${host}/${LEDGER}?sslmode=disable`,
    minterPassword,
    witness: () => readChanges(client),
    rolesSeen: () => roles(`select distinct role from audit.logins where role like 'jit\\_%' order by role`),
    // Those of this database alone: the server may have others, with login roles of their own.
    rolesAlive: () =>
      roles(
        `select rolname as role from pg_roles
         where rolname like 'jit\\_%' and has_database_privilege(oid, current_database(), 'connect') order by rolname`,
      ),
    holdAccount: (account) => holdAccount(client, url, account),
    close: () => client.end(),
  };
}

async function holdAccount(client: Client, url: string, account: string): Promise<Hold> {
  const accountant = new Client({ connectionString: url });
  await accountant.connect();
  await accountant.query('begin');
  await accountant.query('select from accounts where account = $1::text for update', [account]);
  const { rows } = await accountant.query<{ pid: number }>('select pg_backend_pid() as pid');
  const somebodyWaits = async (): Promise<boolean> => {
    const waiting = await client.query(
      'select from pg_stat_activity where $1::integer = any (pg_blocking_pids(pid)) limit 1',
      [rows[0]?.pid],
    );
    return waiting.rowCount === 1;
  };
  return { happened: untilGivenUp(account, somebodyWaits).finally(() => accountant.end()) };
}

async function untilGivenUp(account: string, somebodyWaits: () => Promise<boolean>): Promise<void> {
  const within = { withinMs: GIVEN_UP_WITHIN_MS };
  await waitUntil(somebodyWaits, { what: `Nobody wanted to post to ${account}`, ...within });
  await waitUntil(async () => !(await somebodyWaits()), { what: `The posting to ${account} did not end`, ...within });
}

function sql(...path: readonly string[]): string {
  return readFileSync(join(packageRoot(), ...path), 'utf8');
}
