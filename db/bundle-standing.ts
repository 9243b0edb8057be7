import { type Pool } from 'pg';
import { type Activation } from './activate-bundle';

/** What `activateBundle` would say, for a process that puts none in force. */
export async function bundleStanding(
  pool: Pick<Pool, 'query'>,
  bundle: { readonly digest: string; readonly version: number },
): Promise<Activation> {
  const { rows } = await pool.query<{ newer: boolean }>(
    `select version > $2::bigint as newer from bundles
     where version > $2::bigint or (version = $2::bigint and digest <> $1::text) order by version desc limit 1`,
    [bundle.digest, bundle.version],
  );
  const [other] = rows;
  if (other === undefined) return 'active';
  return other.newer ? 'older' : 'taken';
}
