import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK } from 'jose';
import { type JsonObject } from '../domain/json';
import { keyId } from '../providers/http/key-id';

/** The public halves of the keys that sign our tokens, as JWKs (RFC 8037), from the directory of keys. */
export async function readPublicKeys(keys: string): Promise<JsonObject[]> {
  return await Promise.all(
    (['effects', 'facts'] as const).map(async (purpose) => {
      const key = createPublicKey(await readFile(join(keys, `${purpose}.pub.pem`), 'utf8'));
      return { ...(await exportJWK(key)), alg: 'EdDSA', use: 'sig', kid: keyId(purpose, key) };
    }),
  );
}
