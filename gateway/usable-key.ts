import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';

/** Whether something can be sealed for this X25519 key. A point of low order is one that everybody could open (RFC 7748, section 6.1). */
export function usableKey(x: string): boolean {
  try {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
    diffieHellman({ privateKey: generateKeyPairSync('x25519').privateKey, publicKey });
    return true;
  } catch {
    return false; // what OpenSSL says is about a key that we then do not take
  }
}
