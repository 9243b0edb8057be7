import { z } from 'zod';
import { type ActionType } from '../domain/documents';
import { type JsonObject } from '../domain/json';
import { actionTypeShape } from './catalogue-shape';

/** What agents get of a bundle: enough to decide on cooperative actions in their own process, and nothing else. */
export const CLIENT_BUNDLE_FORMAT = 'countersign-client-bundle/1';

export interface ClientContent {
  /** The whole compiled policy, base64: rules cannot be taken out of it. What is written into rules is therefore known to agents. */
  readonly wasm: string;
  /** The cooperative ones. */
  readonly actionTypes: Readonly<Record<string, ActionType>>;
  /** Names of the chains, which the rules hold anyway; not what a chain asks of whom. */
  readonly chains: readonly string[];
  /** The members of the data that the cooperative action types name. */
  readonly data: JsonObject;
}

export interface SignedManifest {
  /** `of`: digest of the bundle that it was made from, by which decisions under it go. */
  readonly manifest: { readonly digest: string; readonly version: number; readonly of: string };
  /** Ed25519 over the manifest's canonical JSON, base64. */
  readonly signature: string;
}

export interface SignedClientBundle extends SignedManifest {
  readonly format: typeof CLIENT_BUNDLE_FORMAT;
  readonly content: ClientContent;
}

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

export const clientManifestShape = z.strictObject({ digest, version: z.int().min(1), of: digest });

export const clientEnvelopeShape = z.strictObject({
  format: z.literal(CLIENT_BUNDLE_FORMAT),
  manifest: clientManifestShape,
  signature: z.base64(),
  content: z.unknown(),
});

export const clientContentShape = z.strictObject({
  wasm: z.base64(),
  actionTypes: z.record(z.string(), actionTypeShape),
  chains: z.array(z.string()),
  data: z.record(z.string(), z.unknown()),
});
