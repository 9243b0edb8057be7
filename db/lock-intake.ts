import { type PoolClient } from 'pg';

/**
 * Takes requests of one agent one after the other until the transaction ends, so that a flood cannot slip past the cap on open actions by
 * arriving at once. Answers with how many are open, as read under the lock.
 */
export async function lockIntake(client: PoolClient, tenant: string, agent: string): Promise<number> {
  // Two statements: one that did both would count with the snapshot taken before it waited.
  const [, { rows }] = await Promise.all([
    client.query(
      `select pg_advisory_xact_lock(hashtextextended('countersign/intake/' || $1::text || '/' || $2::text, 0))`,
      [tenant, agent],
    ),
    client.query<{ open: number }>(
      `select count(*)::integer as open from actions where tenant = $1::text and agent = $2::text and settled_at is null`,
      [tenant, agent],
    ),
  ]);
  return rows[0]?.open ?? 0;
}
