import { createPublicKey, verify } from 'node:crypto';
import { type Catalogue } from '../domain/documents';
import { type Json } from '../domain/json';
import { canonicalJson } from '../evidence/canonical-json';
import { digestOf } from '../evidence/digest-of';
import { contentShape, envelopeShape } from './bundle-format';
import { BundleRefused } from './bundle-refused';

/** Data may be 16 MB (`bundle/files/list-files`); with escapes and the policy itself a bundle stays far below this. */
const MAX_BYTES = 67_108_864;

/** A bundle whose signature, digest and shape hold. */
export interface OpenBundle {
  readonly digest: string;
  readonly version: number;
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly catalogue: Catalogue;
}

/**
 * Verifies and opens a signed bundle. The signature is checked before anything inside is looked at.
 *
 * @param atLeastVersion the version in force: an older bundle is refused, however well signed, or a leaked one could undo a tightening.
 * @throws BundleRefused
 */
export function openBundle(
  file: Uint8Array | string,
  publicKeyPem: string,
  { atLeastVersion = 1 }: { readonly atLeastVersion?: number } = {},
): OpenBundle {
  const { manifest, signature, content } = readEnvelope(file);
  const key = createPublicKey(publicKeyPem);
  if (key.asymmetricKeyType !== 'ed25519') throw new BundleRefused('signature', 'the public key is not Ed25519.');
  if (!verify(null, Buffer.from(canonicalJson(manifest)), key, Buffer.from(signature, 'base64'))) {
    throw new BundleRefused(
      'signature',
      'it was not signed by the key that this deployment trusts, or was changed since.',
    );
  }
  if (digestOfContent(content) !== manifest.digest)
    throw new BundleRefused('digest', 'its content is not the one that was signed.');
  if (manifest.version < atLeastVersion) {
    throw new BundleRefused(
      'older',
      `it has version ${String(manifest.version)}, and version ${String(atLeastVersion)} is in force already.`,
    );
  }
  const parsed = contentShape.safeParse(content);
  if (!parsed.success)
    throw new BundleRefused('shape', 'its content is not what this version understands; build it again.', {
      cause: parsed.error,
    });
  // zod writes an absent member as `undefined`; the digest has shown that the JSON holds none.
  const catalogue = (content as { readonly catalogue: Catalogue }).catalogue;
  return {
    digest: manifest.digest,
    version: manifest.version,
    wasm: new Uint8Array(Buffer.from(parsed.data.wasm, 'base64')),
    catalogue,
  };
}

function readEnvelope(file: Uint8Array | string): ReturnType<typeof envelopeShape.parse> {
  if (file.length > MAX_BYTES) throw new BundleRefused('unreadable', `it is larger than ${String(MAX_BYTES)} bytes.`);
  let value: unknown;
  try {
    value = JSON.parse(typeof file === 'string' ? file : new TextDecoder('utf-8', { fatal: true }).decode(file));
  } catch (error) {
    throw new BundleRefused('unreadable', 'it is not JSON.', { cause: error });
  }
  const envelope = envelopeShape.safeParse(value);
  if (!envelope.success)
    throw new BundleRefused('format', 'it is not a bundle of a format that we know.', { cause: envelope.error });
  return envelope.data;
}

function digestOfContent(content: unknown): string {
  try {
    return digestOf('bundle', content as Json);
  } catch (error) {
    throw new BundleRefused('digest', 'its content has no canonical form.', { cause: error });
  }
}
