import { type PoolClient } from 'pg';
import { commitUnhurried } from './commit-unhurried';

const DONE = `
  update outbox set done_at = clock_timestamp()
  where tenant = $1::text and id = any ($2::bigint[]) and done_at is null`;

/**
 * Takes rows out of the outbox because what they ask for is done. To be all of its transaction, which does not wait for the disk: a row that comes
 * back with a crash of Postgres is done once more.
 */
export async function markWoken(client: PoolClient, tenant: string, ids: readonly string[]): Promise<void> {
  await Promise.all([commitUnhurried(client), client.query(DONE, [tenant, ids])]);
}
