import { type PoolClient } from 'pg';

/** Ids of the action's outbox rows that nobody has delivered. One wake-up, sent after these were committed, delivers them all. */
export async function listPendingWakes(client: PoolClient, tenant: string, action: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select id from outbox where tenant = $1::text and action = $2::text and done_at is null order by id limit 1000`,
    [tenant, action],
  );
  return rows.map(({ id }) => id);
}
