import { type KeyObject } from 'node:crypto';
import { type Pool } from 'pg';
import { isHandover } from '../evidence/handover';
import { fingerprintOf, NoteError } from '../evidence/note';
import { inTransaction } from './in-transaction';
import { appendWithin, type LedgerEntry } from './ledger';

/** A checkpoint key that signs no more. */
export interface ReplacedKey {
  readonly publicKey: KeyObject;
  /** A note signed by it, which names the key after it (`evidence/handover`); absent where it could not sign any more. */
  readonly handover?: string;
}

/**
 * Writes into the tenant's log that other keys sign its checkpoints from now on: each that was replaced by the next of them, and the last by `current`,
 * every time with the old key's own word for it. More than one where a key was replaced again before it signed anything. The next checkpoint covers
 * the entries, so they are committed here. Again is harmless: an entry's key is that of its change.
 */
export async function recordNewKeys(
  pool: Pool,
  tenant: string,
  replaced: readonly ReplacedKey[],
  current: KeyObject,
): Promise<void> {
  const changes = replaced
    .map((old, i): [ReplacedKey, KeyObject] => [old, replaced[i + 1]?.publicKey ?? current])
    // A change that was killed between two files left a number for nothing.
    .filter(([old, next]) => !old.publicKey.equals(next));
  if (changes.length === 0) return;
  await inTransaction(pool, async (client) => {
    await client.query(`select set_config('app.tenant', $1::text, true)`, [tenant]);
    await appendWithin(
      client,
      tenant,
      changes.map(([old, next]) => entryOf(old, next)),
    );
  });
}

function entryOf(old: ReplacedKey, next: KeyObject): LedgerEntry {
  const [from, to] = [fingerprintOf(old.publicKey), fingerprintOf(next)];
  const handover = isGenuine(old, next) ? (old.handover ?? null) : null;
  const key = `checkpoint-key/${from.slice(7, 23)}/${to.slice(7, 23)}`;
  return { key, event: 'checkpoint_key.replaced', entry: { from, to, handover } };
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
