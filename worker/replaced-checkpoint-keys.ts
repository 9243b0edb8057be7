import { createPublicKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { retiredKeysOf } from '../config/public-keys-of';
import { type ReplacedKey } from '../db/record-new-key';

/** The checkpoint keys that were replaced, oldest first, each with what it said of its successor (`countersign keys rotate checkpoint`). */
export function replacedCheckpointKeys(keys: string): ReplacedKey[] {
  return retiredKeysOf(keys, 'checkpoint').map(({ number, pem }) => {
    const handover = join(keys, 'retired', `checkpoint-${String(number)}.handover`);
    return {
      publicKey: createPublicKey(pem),
      ...(existsSync(handover) && { handover: readFileSync(handover, 'utf8') }),
    };
  });
}
