import { createHash, createPublicKey, verify } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { type NewAgentKey } from '../db/agent-credentials';
import { proofOfKey } from '../domain/proof-of-key';

/** A public key as an agent registers it, with the proof that it holds the private half. */
export const newKey = {
  publicKey: z.strictObject({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be 32 bytes in base64url'),
  }),
  proof: z
    .string()
    .regex(/^[A-Za-z0-9_-]{86}$/, 'must be an Ed25519 signature in base64url')
    .describe(
      'Over `countersign/enrol/v1`, or `countersign/rotate/v1`, a line break, the SHA-256 of the secret in hex, or the thumbprint of the key before it, a line break, and `x`.',
    ),
};

export const EXAMPLE_NEW_KEY = {
  publicKey: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
  proof: `${'A'.repeat(85)}Q`,
} as const;

export const credentialShape = z.object({
  kid: z.string().describe('Thumbprint of the key (RFC 7638).'),
  tenant: z.string(),
  agent: z.string(),
  generation: z.int(),
  registeredAt: z.string(),
  notAfter: z.string(),
  audience: z.string().describe('What assertions are addressed to.'),
});

export const EXAMPLE_CREDENTIAL = {
  kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  tenant: 'acme',
  agent: 'payer',
  generation: 1,
  registeredAt: '2026-08-21T09:00:00.000Z',
  notAfter: '2026-08-22T09:00:00.000Z',
  audience: 'https://countersign.example.org',
};

/** The key and its thumbprint, where the proof holds; `undefined` where whoever sent it does not hold the private half. */
export function provenKey(
  { publicKey: { x }, proof }: { readonly publicKey: { readonly x: string }; readonly proof: string },
  how: 'enrol' | 'rotate',
  by: string,
): NewAgentKey | undefined {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x };
  // Another spelling of the same bytes would be the same key under another thumbprint.
  if (Buffer.from(x, 'base64url').toString('base64url') !== x) return undefined;
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  if (!verify(null, Buffer.from(proofOfKey(how, by, x)), key, Buffer.from(proof, 'base64url'))) return undefined;
  const canonical = JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x });
  return { kid: createHash('sha256').update(canonical).digest('base64url'), x };
}
