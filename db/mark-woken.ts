import { type PoolClient } from 'pg';

/** Takes rows out of the outbox because what they ask for is done. */
export async function markWoken(client: PoolClient, tenant: string, ids: readonly string[]): Promise<void> {
  await client.query(
    `update outbox set done_at = clock_timestamp()
     where tenant = $1::text and id = any ($2::bigint[]) and done_at is null`,
    [tenant, ids],
  );
}
