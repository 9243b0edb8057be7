import { type PoolClient } from 'pg';

/** Whether there is such a person, who has not left. */
export async function isActivePerson(client: PoolClient, tenant: string, person: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from people where tenant = $1::text and person = $2::text and state = 'active'`,
    [tenant, person],
  );
  return rowCount === 1;
}
