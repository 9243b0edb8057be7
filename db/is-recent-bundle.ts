import { type Pool } from 'pg';

/** Digest of the bundle in force; `undefined` before the first one. */
export async function bundleInForce(pool: Pick<Pool, 'query'>): Promise<string | undefined> {
  const { rows } = await pool.query<{ digest: string }>('select digest from bundles order by version desc limit 1');
  return rows[0]?.digest;
}

/** Whether a bundle is in force, or was within a day: a process that could not reach us may come back with what it decided under it. */
export async function isRecentBundle(pool: Pick<Pool, 'query'>, digest: string): Promise<boolean> {
  const { rows } = await pool.query<{ recent: boolean }>(
    `select coalesce((select min(n.activated_at) from bundles n where n.version > b.version) > now() - interval '1 day', true) as recent
     from bundles b where b.digest = $1::text`,
    [digest],
  );
  return rows[0]?.recent === true;
}
