import { createPrivateKey, sign } from 'node:crypto';
import { type Json } from '../domain/json';
import { canonicalJson } from '../evidence/canonical-json';
import { digestOf } from '../evidence/digest-of';
import { BUNDLE_FORMAT, type BundleContent, type SignedBundle } from '../pdp/bundle-format';

/**
 * Puts a version and an Ed25519 signature on what was built. The signature is over the manifest, which holds the content's digest.
 *
 * @param version must grow with every bundle of a deployment: an older one is refused later, however well signed.
 */
export function signBundle(content: BundleContent, version: number, privateKeyPem: string): SignedBundle {
  if (!Number.isSafeInteger(version) || version < 1)
    throw new RangeError(`A bundle's version is a positive integer, not ${String(version)}.`);
  const key = createPrivateKey(privateKeyPem);
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Error(`Bundles are signed with Ed25519, and this key is ${String(key.asymmetricKeyType)}.`);
  const manifest = { digest: digestOf('bundle', content as unknown as Json), version };
  const signature = sign(null, Buffer.from(canonicalJson(manifest)), key).toString('base64');
  return { format: BUNDLE_FORMAT, manifest, signature, content };
}
