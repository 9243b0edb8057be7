import { createPublicKey, verify } from 'node:crypto';
import { type Json } from '../domain/json';
import { canonicalJson } from '../evidence/canonical-json';
import { digestOf } from '../evidence/digest-of';
import { BundleRefused } from './bundle-refused';

interface Signed {
  readonly manifest: { readonly digest: string; readonly version: number };
  readonly signature: string;
  readonly content: unknown;
}

const PEM = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;

/**
 * Checks that this content was signed by this key, and is not older than what is in force. The digest is of its kind: what agents get never
 * passes for a whole bundle, nor the other way round.
 *
 * @param publicKeyPem one key, or several one after the other, any of which may have signed
 * @throws BundleRefused
 */
export function verifyManifest(
  kind: 'bundle' | 'client-bundle',
  { manifest, signature, content }: Signed,
  publicKeyPem: string,
  atLeastVersion: number,
): void {
  const keys = (publicKeyPem.match(PEM) ?? [publicKeyPem]).map((pem) => createPublicKey(pem));
  if (keys.some(({ asymmetricKeyType }) => asymmetricKeyType !== 'ed25519'))
    throw new BundleRefused('signature', 'the public key is not Ed25519.');
  const said = Buffer.from(canonicalJson(manifest));
  if (!keys.some((key) => verify(null, said, key, Buffer.from(signature, 'base64')))) {
    throw new BundleRefused(
      'signature',
      'it was not signed by the key that this deployment trusts, or was changed since.',
    );
  }
  if (digestOfContent(kind, content) !== manifest.digest)
    throw new BundleRefused('digest', 'its content is not the one that was signed.');
  if (manifest.version < atLeastVersion) {
    throw new BundleRefused(
      'older',
      `it has version ${String(manifest.version)}, and version ${String(atLeastVersion)} is in force already.`,
    );
  }
}

function digestOfContent(kind: 'bundle' | 'client-bundle', content: unknown): string {
  try {
    return digestOf(kind, content as Json);
  } catch (error) {
    throw new BundleRefused('digest', 'its content has no canonical form.', { cause: error });
  }
}
