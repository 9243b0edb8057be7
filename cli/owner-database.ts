import { type PoolClient } from 'pg';
import { type Config } from '../config/config';
import { createPool } from '../db/pool';
import { withTenant } from '../db/with-tenant';
import { CommandFailed } from './command-failed';
import { embeddedDatabase } from './embedded-database';
import { EXIT } from './exit-codes';

/** As for the processes (`db/create-roles.ts`): longer, and somebody works on the tables by hand. */
const LOCK_MS = 5_000;

/** One transaction of one tenant, as whoever owns the database. */
export async function asOwner<T>(url: string, tenant: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const pool = createPool(url, () => undefined); // it is used at once and never idle
  try {
    return await withTenant(pool, tenant, async (client) => {
      await client.query(`set local lock_timeout = ${String(LOCK_MS)}`);
      return await work(client);
    });
  } finally {
    await pool.end();
  }
}

/** The one that is named, or that of the stack which runs on this machine. */
export function ownerUrl({ database, home }: Config, given: string | undefined): string {
  const url = given ?? database.owner ?? embeddedDatabase(home)?.owner;
  if (url !== undefined) return url;
  throw new CommandFailed(
    EXIT.usage,
    'Name the database, as its owner: --database-url, DATABASE_URL; or start the stack on this machine (countersign dev).',
  );
}
