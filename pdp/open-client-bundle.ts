import { type ApprovalChain, type Catalogue } from '../domain/documents';
import { BundleRefused } from './bundle-refused';
import { type ClientContent, clientContentShape, clientEnvelopeShape } from './client-bundle-format';
import { type OpenBundle } from './open-bundle';
import { verifyManifest } from './verify-manifest';

/**
 * Verifies and opens what agents get of a bundle. Its digest is that of the bundle that it was made from, so that the same decision under
 * either is the same value.
 *
 * @param atLeastVersion the version that was in force before: an older one is refused, however well signed.
 * @throws BundleRefused
 */
export function openClientBundle(signed: unknown, publicKeyPem: string, atLeastVersion = 1): OpenBundle {
  const envelope = clientEnvelopeShape.safeParse(signed);
  if (!envelope.success)
    throw new BundleRefused('format', 'it is not a client bundle of a format that we know.', { cause: envelope.error });
  const { manifest, content } = envelope.data;
  verifyManifest('client-bundle', envelope.data, publicKeyPem, atLeastVersion);
  const parsed = clientContentShape.safeParse(content);
  if (!parsed.success)
    throw new BundleRefused('shape', 'its content is not what this version understands.', { cause: parsed.error });
  const { actionTypes, chains, data } = content as ClientContent;
  const catalogue: Catalogue = {
    actionTypes,
    targets: {},
    chains: Object.fromEntries(chains.map((id) => [id, nameOnly(id)])),
    data,
  };
  return {
    digest: manifest.of,
    version: manifest.version,
    wasm: new Uint8Array(Buffer.from(parsed.data.wasm, 'base64')),
    catalogue,
  };
}

/** A decision may ask for a chain, which is known here by name alone: nobody is asked from an agent's process. */
function nameOnly(id: string): ApprovalChain {
  return { id, decideWithinMs: 1, validForMs: 1, stages: [] };
}
