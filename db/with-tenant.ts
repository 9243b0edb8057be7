import { type Pool, type PoolClient } from 'pg';
import { inTransaction } from './in-transaction';

/** Runs `work` in one transaction that sees and writes the rows of `tenant` alone. */
export async function withTenant<T>(pool: Pool, tenant: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return await inTransaction(pool, work, (client) => `begin; set local app.tenant = ${client.escapeLiteral(tenant)}`);
}
