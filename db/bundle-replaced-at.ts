import { type Pool } from 'pg';

/** When another bundle took the place of this one; null while it is in force, `undefined` if it never was. */
export async function bundleReplacedAt(pool: Pick<Pool, 'query'>, digest: string): Promise<Date | null | undefined> {
  const { rows } = await pool.query<{ replacedAt: Date | null }>(
    `select (select min(n.activated_at) from bundles n where n.version > b.version) as "replacedAt"
     from bundles b where b.digest = $1::text`,
    [digest],
  );
  return rows[0]?.replacedAt;
}
