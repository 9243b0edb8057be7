import { type Pool } from 'pg';

/** Puts a bundle in force unless a newer one is. `older`: this process must not go on with the bundle that it holds. */
export async function activateBundle(
  pool: Pool,
  bundle: { readonly digest: string; readonly version: number },
  signed: string,
): Promise<'active' | 'older'> {
  const { rows } = await pool.query<{ state: 'active' | 'older' }>(
    'select activate_bundle($1::text, $2::bigint, $3::text) as state',
    [bundle.digest, bundle.version, signed],
  );
  return rows[0]?.state ?? 'older';
}
