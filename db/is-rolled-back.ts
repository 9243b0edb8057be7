import { type Pool } from 'pg';

/** Whether a bundle is in force that this one must not replace: a newer one, or another of the same version. */
export async function isRolledBack(
  pool: Pick<Pool, 'query'>,
  bundle: { readonly digest: string; readonly version: number },
): Promise<boolean> {
  const { rowCount } = await pool.query(
    'select from bundles where version > $2::bigint or (version = $2::bigint and digest <> $1::text) limit 1',
    [bundle.digest, bundle.version],
  );
  return rowCount !== 0;
}
