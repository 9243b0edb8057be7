import { createHmac, type KeyObject } from 'node:crypto';
import { type Pool } from 'pg';

interface PayloadKeys {
  readonly current: string;
  readonly keys: ReadonlyMap<string, KeyObject>;
}

/** Keys in use that this process cannot decode with. It must not start: it would take what was written by others for forged, and pass it over. */
export class PayloadKeysMissing extends Error {
  override readonly name = 'PayloadKeysMissing';

  constructor(ids: readonly string[]) {
    super(
      `Payloads in Temporal were encrypted with keys that codec.json lacks, or has others for: ${ids.join(', ')}. ` +
        'Put them back; docs/keys.md says when a key may go.',
    );
  }
}

/**
 * Records that payloads are encrypted with the current key from now on, provided that every key that ever was used is here, and is that one.
 *
 * @throws PayloadKeysMissing
 */
export async function usePayloadKey(pool: Pick<Pool, 'query'>, { current, keys }: PayloadKeys): Promise<void> {
  const key = keys.get(current);
  if (key === undefined) throw new PayloadKeysMissing([current]);
  // Before as well as after: what a process leaves that must not start itself, no other could start with.
  await refuseMissing(pool, keys);
  await pool.query(
    'insert into payload_keys (key_id, check_value) values ($1::text, $2::bytea) on conflict do nothing',
    [current, checkOf(key)],
  );
  await refuseMissing(pool, keys);
}

async function refuseMissing(pool: Pick<Pool, 'query'>, keys: PayloadKeys['keys']): Promise<void> {
  const missing = await missingPayloadKeys(pool, keys);
  if (missing.length > 0) throw new PayloadKeysMissing(missing);
}

/** Ids of keys that payloads were encrypted with, and that are not here, or others. */
export async function missingPayloadKeys(
  pool: Pick<Pool, 'query'>,
  keys: PayloadKeys['keys'],
): Promise<readonly string[]> {
  const { rows } = await pool.query<{ key_id: string; check_value: Buffer }>(
    'select key_id, check_value from payload_keys order by since',
  );
  const missing = rows.filter(({ key_id, check_value }) => {
    const held = keys.get(key_id);
    return held === undefined || !checkOf(held).equals(check_value);
  });
  return missing.map(({ key_id }) => key_id);
}

function checkOf(key: KeyObject): Buffer {
  return createHmac('sha256', key).update('countersign/payload-key/1').digest();
}
