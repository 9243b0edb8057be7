import { type Pool } from 'pg';

/** Digest of the bundle in force; `undefined` before the first one. */
export async function bundleInForce(pool: Pick<Pool, 'query'>): Promise<string | undefined> {
  const { rows } = await pool.query<{ digest: string }>('select digest from bundles order by version desc limit 1');
  return rows[0]?.digest;
}
