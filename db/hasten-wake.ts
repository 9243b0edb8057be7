import { type PoolClient } from 'pg';

/** Has a wake-up that was to come later sent now, unless it was sent. */
export async function hastenWake(client: PoolClient, tenant: string, id: string): Promise<void> {
  await client.query(
    'update outbox set due_at = clock_timestamp() where tenant = $1::text and id = $2::bigint and done_at is null',
    [tenant, id],
  );
}
