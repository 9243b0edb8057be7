import { type Pool } from 'pg';
import { type Logger } from 'pino';
import { owedTenants, writeOwedEntries } from '../db/owed-entries';
import { withTenant } from '../db/with-tenant';

/** Tells the ledger what was stopped while it could not be written. Throws as long as it still cannot, so that the log says so. */
export function createWriteOwedEntries(pool: Pool, log: Pick<Logger, 'warn'>) {
  return async function writeOwed(): Promise<boolean> {
    for (const tenant of await owedTenants(pool)) {
      const entries = await withTenant(pool, tenant, (client) => writeOwedEntries(client, tenant));
      log.warn({ tenant, entries }, 'the ledger was told late what had been stopped');
    }
    return false;
  };
}
