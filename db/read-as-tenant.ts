import { type Pool, type PoolClient } from 'pg';
import { withTenant } from './with-tenant';

/** Runs `work` in one transaction that sees the rows of `tenant` alone, and in which Postgres refuses to write any. */
export async function readAsTenant<T>(
  pool: Pool,
  tenant: string,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  return await withTenant(pool, tenant, async (client) => {
    await client.query('set transaction read only');
    return await work(client);
  });
}
