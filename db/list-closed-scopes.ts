import { type PoolClient } from 'pg';

export interface ClosedScope {
  readonly scope: string;
  readonly closedAt: Date;
}

/** Of these scopes those that are stopped now, and since when. */
export async function listClosedScopes(
  client: PoolClient,
  tenant: string,
  scopes: readonly string[],
): Promise<readonly ClosedScope[]> {
  const { rows } = await client.query<ClosedScope>(
    `select scope, moved_at as "closedAt" from fences
     where closed and scope = any ($2::text[]) and tenant = case when scope = 'global' then '*' else $1::text end`,
    [tenant, scopes],
  );
  return rows;
}
