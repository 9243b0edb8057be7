import { type PoolClient } from 'pg';

/** How many actions the agent asked for since the time at which the id `after` was made: ids are in the order of their making. */
export async function countRecentActions(
  client: PoolClient,
  tenant: string,
  agent: string,
  after: string,
): Promise<number> {
  const { rows } = await client.query<{ recent: number }>(
    'select count(*)::integer as recent from actions where tenant = $1::text and action > $3::text and agent = $2::text',
    [tenant, agent, after],
  );
  return rows[0]?.recent ?? 0;
}
