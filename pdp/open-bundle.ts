import { type Catalogue } from '../domain/documents';
import { contentShape, envelopeShape } from './bundle-format';
import { BundleRefused } from './bundle-refused';
import { parseBundle } from './parse-bundle';
import { verifyManifest } from './verify-manifest';

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
  verifyManifest('bundle', { manifest, signature, content }, publicKeyPem, atLeastVersion);
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
  const envelope = envelopeShape.safeParse(parseBundle(file));
  if (!envelope.success)
    throw new BundleRefused('format', 'it is not a bundle of a format that we know.', { cause: envelope.error });
  return envelope.data;
}
