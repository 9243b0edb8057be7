import { createPublicKey, hash, type KeyObject } from 'node:crypto';

/** Names a signing key in tokens and in the published key set: what it is for, and the start of its public half's SHA-256. */
export function keyId(purpose: 'effects' | 'facts', key: KeyObject): string {
  const publicKey = key.type === 'public' ? key : createPublicKey(key);
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return `${purpose}-${hash('sha256', der).slice(0, 8)}`;
}
