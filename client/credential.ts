import { generateKeyPairSync } from 'node:crypto';

/** A login of an agent's own, for one action. It ends with the action, or at `expiresAt`, with every session that it opened. */
export interface Credential {
  /** Id of the grant that it belongs to. */
  readonly grant: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly sslmode: 'disable' | 'verify-full';
  /** RFC 3339. */
  readonly expiresAt: string;
}

/** What a credential is sealed for. The private half never leaves this process. */
export interface ClaimKey {
  /** As a JWK. */
  readonly publicKey: { readonly kty: 'OKP'; readonly crv: 'X25519'; readonly x: string };
  open(jwe: string): Promise<Credential>;
}

export function createClaimKey(): ClaimKey {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return {
    publicKey: { kty: 'OKP', crv: 'X25519', x },
    open: async (jwe) => {
      // Only whoever claims needs it: an agent that never does loads no package beside this one.
      const { compactDecrypt } = await import('jose');
      const { plaintext } = await compactDecrypt(jwe, privateKey, {
        keyManagementAlgorithms: ['ECDH-ES'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return JSON.parse(Buffer.from(plaintext).toString('utf8')) as Credential;
    },
  };
}
