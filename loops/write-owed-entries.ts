import { type Pool } from 'pg';
import { type Logger } from 'pino';
import { owedTenants, writeOwedEntries } from '../db/owed-entries';
import { withTenant } from '../db/with-tenant';

/** Tells the ledgers what was stopped while they could not be written. Throws as long as one still cannot; the others are told all the same. */
export function createWriteOwedEntries(pool: Pool, log: Pick<Logger, 'warn'>) {
  return async function writeOwed(): Promise<boolean> {
    const failures: unknown[] = [];
    for (const tenant of await owedTenants(pool)) {
      try {
        const entries = await withTenant(pool, tenant, (client) => writeOwedEntries(client, tenant));
        log.warn({ tenant, entries }, 'the ledger was told late what had been stopped');
      } catch (error) {
        log.warn({ tenant, err: error }, 'the ledger cannot be told yet what was stopped');
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Something is still owed to a ledger.');
    return false;
  };
}
