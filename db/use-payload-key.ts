import { createHmac, type KeyObject } from 'node:crypto';
import { type Pool, type PoolClient } from 'pg';

/** As the codec has them. */
export interface PayloadKeys {
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

/** The key to encrypt with is not one that the database knows. A process must not start with it: the others could not read what it writes. */
export class PayloadKeyUnregistered extends Error {
  override readonly name = 'PayloadKeyUnregistered';

  constructor(id: string) {
    super(`codec.json encrypts with ${id}, which is not registered. Run: countersign keys codec use ${id}`);
  }
}

/**
 * Says that payloads are encrypted with the current key from now on, provided that every key that ever was used is here, and is that one. The first
 * key of a deployment is registered by whoever comes first, every other one by `registerPayloadKey`.
 *
 * @throws PayloadKeysMissing, PayloadKeyUnregistered
 */
export async function usePayloadKey(pool: Pick<Pool, 'query'>, { current, keys }: PayloadKeys): Promise<void> {
  const key = keys.get(current);
  const missing = await missingPayloadKeys(pool, keys);
  if (key === undefined || missing.length > 0) throw new PayloadKeysMissing(key === undefined ? [current] : missing);
  const { rows } = await pool.query<{ known: boolean }>('select use_payload_key($1::text, $2::bytea) as known', [
    current,
    checkOf(key),
  ]);
  if (rows[0]?.known !== true) throw new PayloadKeyUnregistered(current);
}

/** Lets processes encrypt with a key, for whoever owns the database. @returns false: another one has that id */
export async function registerPayloadKey(
  client: Pick<PoolClient, 'query'>,
  id: string,
  key: KeyObject,
): Promise<boolean> {
  await client.query(
    'insert into payload_keys (key_id, check_value) values ($1::text, $2::bytea) on conflict do nothing',
    [id, checkOf(key)],
  );
  const missing = await missingPayloadKeys(client, new Map([[id, key]]));
  return !missing.includes(id);
}

/**
 * What the database says of the key that encrypts. `first`: it knows of none, and whoever starts first registers this one. `unknown`: a process with it
 * does not start.
 */
export async function payloadKeyStanding(
  client: Pick<PoolClient, 'query'>,
  { current, keys }: PayloadKeys,
): Promise<'known' | 'first' | 'unknown'> {
  const { rows } = await client.query<{ key_id: string }>('select key_id from payload_keys');
  if (rows.length === 0) return 'first';
  const registered = rows.some(({ key_id }) => key_id === current);
  return registered && !(await missingPayloadKeys(client, keys)).includes(current) ? 'known' : 'unknown';
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
