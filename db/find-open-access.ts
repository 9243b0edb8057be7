import { type PoolClient } from 'pg';

/** Access that is lent to an agent now. */
export interface OpenAccess {
  readonly id: string;
  readonly expiresAt: Date;
}

/** What an agent may claim for an action of its own; `undefined` where there is nothing, or not any more. */
export async function findOpenAccess(
  client: PoolClient,
  tenant: string,
  action: string,
): Promise<OpenAccess | undefined> {
  const { rows } = await client.query<OpenAccess>(
    `select g.grant_id as id, g.expires_at as "expiresAt" from grants g join actions a using (tenant, action)
     where g.tenant = $1::text and g.action = $2::text and a.lane = 'granted' and g.state <> 'revoked' and access_ended(g.tenant, g.grant_id) is null`,
    [tenant, action],
  );
  return rows[0];
}
