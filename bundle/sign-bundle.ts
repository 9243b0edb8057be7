import { createPrivateKey, sign } from 'node:crypto';
import { type Json } from '../domain/json';
import { canonicalJson } from '../evidence/canonical-json';
import { digestOf } from '../evidence/digest-of';
import { BUNDLE_FORMAT, type BundleContent, type SignedBundle } from '../pdp/bundle-format';
import { clientContent } from '../pdp/client-content';

/**
 * Puts a version and an Ed25519 signature on what was built, and on what agents get of it. A signature is over a manifest, which holds the
 * content's digest.
 *
 * @param version must grow with every bundle of a deployment: an older one is refused later, however well signed.
 */
export function signBundle(content: BundleContent, version: number, privateKeyPem: string): SignedBundle {
  if (!Number.isSafeInteger(version) || version < 1)
    throw new RangeError(`A bundle's version is a positive integer, not ${String(version)}.`);
  const key = createPrivateKey(privateKeyPem);
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Error(`Bundles are signed with Ed25519, and this key is ${String(key.asymmetricKeyType)}.`);
  const signed = <T extends Json>(manifest: T): { readonly manifest: T; readonly signature: string } => ({
    manifest,
    signature: sign(null, Buffer.from(canonicalJson(manifest)), key).toString('base64'),
  });
  const digest = digestOf('bundle', content as unknown as Json);
  const part = clientContent(content);
  return {
    format: BUNDLE_FORMAT,
    ...signed({ digest, version }),
    content,
    ...(part !== undefined && {
      client: signed({ digest: digestOf('client-bundle', part as unknown as Json), version, of: digest }),
    }),
  };
}
