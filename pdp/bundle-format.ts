import { z } from 'zod';
import { type Catalogue } from '../domain/documents';
import { catalogueShape } from './catalogue-shape';
import { clientManifestShape, type SignedManifest } from './client-bundle-format';

/** What a bundle is: one JSON file, made by `bundle/build-bundle`, opened by `open-bundle`. */
export const BUNDLE_FORMAT = 'countersign-bundle/1';

export interface BundleContent {
  /** The compiled policy, base64. */
  readonly wasm: string;
  readonly catalogue: Catalogue;
  /** SHA-256 of each Rego file that the policy was compiled from. */
  readonly rego: Readonly<Record<string, string>>;
}

export interface SignedBundle {
  readonly format: typeof BUNDLE_FORMAT;
  readonly manifest: { readonly digest: string; readonly version: number };
  /** Ed25519 over the manifest's canonical JSON, base64. */
  readonly signature: string;
  readonly content: BundleContent;
  /** The signed outside of what agents get of it (`client-bundle-format`); absent where no action type is cooperative. */
  readonly client?: SignedManifest;
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** The outside, looked at before anything is trusted. */
export const envelopeShape = z.strictObject({
  format: z.literal(BUNDLE_FORMAT),
  manifest: z.strictObject({ digest: z.string().regex(DIGEST), version: z.int().min(1) }),
  signature: z.base64(),
  content: z.unknown(),
  client: z.strictObject({ manifest: clientManifestShape, signature: z.base64() }).optional(),
});

/** The inside, looked at once the signature holds. */
export const contentShape = z.strictObject({
  wasm: z.base64(),
  catalogue: catalogueShape,
  rego: z.record(z.string(), z.string().regex(DIGEST)),
});
