import { generateKeyPairSync, type KeyObject } from 'node:crypto';

/** A fresh key pair for one test file. */
export function newKey(): { readonly privateKeyPem: string; readonly publicKey: KeyObject } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), publicKey };
}
