import { type Pool } from 'pg';
import { type Logger } from 'pino';
import { reviewAgents, tenantsToReview } from '../db/review-agents';
import { withTenant } from '../db/with-tenant';
import { type ReviewPeriods } from '../domain/review-periods';

/** Their rows are locked for the round, and whatever they ask for waits: a tenth of a second. */
const AT_ONCE = 100;

/**
 * Looks at agents of which something may be due, from the table alone. Throws at the end where it could not look at those of some tenant; the others
 * are looked at all the same.
 */
export function createReviewAgents(pool: Pool, periods: () => ReviewPeriods, log: Pick<Logger, 'warn'>) {
  return async function reviewRound(): Promise<boolean> {
    const failures: unknown[] = [];
    let busy = false;
    for (const tenant of await tenantsToReview(pool)) {
      try {
        const looked = await withTenant(pool, tenant, (client) => reviewAgents(client, tenant, periods(), AT_ONCE));
        busy ||= looked === AT_ONCE;
      } catch (error) {
        log.warn({ tenant, err: error }, 'the agents of a tenant could not be looked at; it is tried again');
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Agents could not be looked at.');
    return busy;
  };
}
