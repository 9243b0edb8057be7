import { type KeyObject } from 'node:crypto';
import { type PoolClient } from 'pg';
import { isHandover } from '../evidence/handover';
import { fingerprintOf, NoteError } from '../evidence/note';
import { appendWithin } from './ledger';

/** A checkpoint key that signs no more. */
export interface ReplacedKey {
  readonly publicKey: KeyObject;
  /** A note signed by it, which names the key after it (`evidence/handover`); absent where it could not sign any more. */
  readonly handover?: string;
}

/**
 * Writes into the tenant's log that another key signs its checkpoints from now on, with the old key's own word for it. The next checkpoint, the
 * first of the new key, covers the entry. Again is harmless: the entry's key is that of the change.
 */
export async function recordNewKey(
  client: PoolClient,
  tenant: string,
  old: ReplacedKey,
  next: KeyObject,
): Promise<void> {
  const [from, to] = [fingerprintOf(old.publicKey), fingerprintOf(next)];
  const handover = isGenuine(old, next) ? (old.handover ?? null) : null;
  await client.query('begin');
  try {
    await client.query(`select set_config('app.tenant', $1::text, true)`, [tenant]);
    const key = `checkpoint-key/${from.slice(7, 23)}/${to.slice(7, 23)}`;
    await appendWithin(client, tenant, [{ key, event: 'checkpoint_key.replaced', entry: { from, to, handover } }]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

/** A note that does not name this successor says nothing about it; the keys themselves are the operator's word. */
function isGenuine({ publicKey, handover }: ReplacedKey, next: KeyObject): boolean {
  try {
    return handover !== undefined && isHandover(handover, publicKey, next);
  } catch (error) {
    if (error instanceof NoteError) return false;
    throw error;
  }
}
