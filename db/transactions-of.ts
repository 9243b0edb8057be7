import { type Pool, type PoolClient } from 'pg';
import { readAsTenant } from './read-as-tenant';
import { withTenant } from './with-tenant';

type Run = <T>(tenant: string, work: (client: PoolClient) => Promise<T>) => Promise<T>;

/** The transactions of one tenant, over one pool. */
export function transactionsOf(pool: Pool): { readonly withTenant: Run; readonly readAsTenant: Run } {
  return {
    withTenant: async (tenant, work) => await withTenant(pool, tenant, work),
    readAsTenant: async (tenant, work) => await readAsTenant(pool, tenant, work),
  };
}
