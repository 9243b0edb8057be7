import { type PoolClient } from 'pg';

/** Whether another bundle than this one is in force. */
export async function isSuperseded(client: PoolClient, bundleDigest: string): Promise<boolean> {
  const { rows } = await client.query<{ digest: string }>('select digest from bundles order by version desc limit 1');
  return rows[0]?.digest !== bundleDigest;
}
