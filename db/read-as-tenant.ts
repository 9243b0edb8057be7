import { type Pool, type PoolClient } from 'pg';
import { inReading } from './in-transaction';

/** Runs `work` in one transaction that sees the rows of `tenant` alone, and in which Postgres refuses to write any. */
export async function readAsTenant<T>(
  pool: Pool,
  tenant: string,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  return await inReading(
    pool,
    work,
    (client) => `begin read only; set local app.tenant = ${client.escapeLiteral(tenant)}`,
  );
}
