import { type Pool } from 'pg';

/** `older`: a newer one is in force. `taken`: another one of the same version is. Either way this process must not go on with the bundle that it holds. */
export type Activation = 'active' | 'older' | 'taken';

/** Puts a bundle in force unless one is that it must not replace. */
export async function activateBundle(
  pool: Pool,
  bundle: { readonly digest: string; readonly version: number },
  signed: string,
): Promise<Activation> {
  const { rows } = await pool.query<{ state: Activation }>(
    'select activate_bundle($1::text, $2::bigint, $3::text) as state',
    [bundle.digest, bundle.version, signed],
  );
  return rows[0]?.state ?? 'older';
}
