import { type Pool } from 'pg';

/** A bundle that is or was in force, as it was signed. */
export async function findBundle(pool: Pick<Pool, 'query'>, digest: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ signed: string }>('select signed from bundles where digest = $1::text', [digest]);
  return rows[0]?.signed;
}
