import { type PoolClient } from 'pg';

/**
 * Stops the agent that holds a credential which nobody can end; false where it holds none, or was told of by this task before. Waits for effects
 * that are about to begin, so call it before anything else of its transaction.
 */
export async function quarantineHolder(
  client: PoolClient,
  tenant: string,
  grantId: string,
  task: string,
): Promise<boolean> {
  const { rows } = await client.query<{ done: boolean }>(
    'select quarantine_holder($1::text, $2::text, $3::text) as done',
    [tenant, grantId, task],
  );
  return rows[0]?.done === true;
}
