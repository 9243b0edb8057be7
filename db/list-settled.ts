import { type PoolClient } from 'pg';

/** Which of these actions have ended. */
export async function listSettled(client: PoolClient, tenant: string, actions: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ action: string }>(
    `select action from actions where tenant = $1::text and action = any ($2::text[]) and settled_at is not null`,
    [tenant, actions],
  );
  return rows.map(({ action }) => action);
}
