import { type PoolClient } from 'pg';

/** Temporal keeps histories for 30 days after their end (docs/keys.md), and processes say only every hour that they use a key: a day more. */
const KEPT = '31 days';

/** `needed`: a history that is kept may hold payloads under it. `unknown`: no process ever encrypted with it, or it was forgotten before. */
export type Forgotten = 'forgotten' | 'needed' | 'unknown';

/** Lets processes start without that key, once no history needs it. For whoever owns the database. */
export async function forgetPayloadKey(client: Pick<PoolClient, 'query'>, id: string): Promise<Forgotten> {
  const { rowCount } = await client.query(
    'delete from payload_keys where key_id = $1::text and not payload_key_needed($1::text, $2::interval)',
    [id, KEPT],
  );
  if (rowCount === 1) return 'forgotten';
  const known = await client.query('select from payload_keys where key_id = $1::text', [id]);
  return known.rowCount === 1 ? 'needed' : 'unknown';
}
