import { type PoolClient } from 'pg';

/**
 * Asks that an action end before anything happens. It is a request, not a fact: what has begun goes on.
 * False: it has ended, or somebody asked before.
 */
export async function requestCancel(client: PoolClient, tenant: string, action: string, by: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `update actions set cancel_requested_at = clock_timestamp(), cancel_requested_by = $3::text
     where tenant = $1::text and action = $2::text and settled_at is null and cancel_requested_at is null`,
    [tenant, action, by],
  );
  return rowCount === 1;
}
