import { createPublicKey } from 'node:crypto';
import { exportJWK } from 'jose';
import { publicKeysOf } from '../config/public-keys-of';
import { type JsonObject } from '../domain/json';
import { keyId } from '../providers/http/key-id';

/**
 * The public halves of the keys that sign our tokens, as JWKs (RFC 8037), from the directory of keys. Those that were replaced are among them until
 * somebody takes them away: a worker that was not yet restarted signs with the old one.
 */
export async function readPublicKeys(keys: string): Promise<JsonObject[]> {
  const all = (['effects', 'facts'] as const).flatMap((purpose) => {
    const { current, retired } = publicKeysOf(keys, purpose);
    return [current, ...retired.map(({ pem }) => pem).toReversed()].map((pem) => ({
      purpose,
      key: createPublicKey(pem),
    }));
  });
  return await Promise.all(
    all.map(async ({ purpose, key }) => ({
      ...(await exportJWK(key)),
      ...{ alg: 'EdDSA', use: 'sig', kid: keyId(purpose, key) },
    })),
  );
}
