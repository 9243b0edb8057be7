import { type PoolClient } from 'pg';

/** Temporal keeps histories for 30 days after their end (docs/keys.md); before that somebody may still want to read one. */
const KEPT_DAYS = 30;

/**
 * Lets processes start without that key. Only once another one has encrypted for longer than histories are kept.
 *
 * @returns false: it is too early, or no process ever used it
 */
export async function forgetPayloadKey(client: Pick<PoolClient, 'query'>, id: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `delete from payload_keys k where k.key_id = $1::text and exists (
       select from payload_keys n where n.since > k.since and n.since < clock_timestamp() - $2::int * interval '1 day')`,
    [id, KEPT_DAYS],
  );
  return rowCount === 1;
}
