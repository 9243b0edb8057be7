import { type PoolClient } from 'pg';

/** Of these action types those that a fence stops for this agent now. */
export async function listStoppedTypes(
  client: PoolClient,
  tenant: string,
  { id, team }: { readonly id: string; readonly team: string },
  types: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await client.query<{ type: string }>(
    `select t.type from unnest($4::text[]) t (type) cross join read_fences($1::text, $2::text, $3::text, t.type) f
     where f.closed is not null order by t.type`,
    [tenant, id, team, types],
  );
  return rows.map(({ type }) => type);
}
