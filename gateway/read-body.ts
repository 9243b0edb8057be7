import { type Json } from '../domain/json';
import { type JsonLimits, JsonRefusedError, parseJsonStrict } from '../evidence/parse-json';
import { RequestRefused } from './request-refused';

/** Parameters are references and amounts: 64 KiB is a generous page of them, read, parsed and hashed in well under a millisecond. */
export const BODY_LIMITS = { maxBytes: 64 * 1024, maxDepth: 32, maxNodes: 10_000 } as const;

const JSON_TYPE = /^application\/json\s*(;\s*charset=("?)utf-8\2\s*)?$/i;

/** Reads a JSON body strictly, from its bytes. Reading ends with the byte that is one too many. */
export async function readBody(request: Request, limits: JsonLimits = BODY_LIMITS): Promise<Json> {
  if (!JSON_TYPE.test(request.headers.get('content-type') ?? '')) throw new RequestRefused('unsupported_media_type');
  if (Number(request.headers.get('content-length') ?? 0) > limits.maxBytes) throw new RequestRefused('body_too_large');
  const bytes = await readBytes(request, limits.maxBytes);
  try {
    return parseJsonStrict(bytes, limits);
  } catch (error) {
    if (!(error instanceof JsonRefusedError)) throw error;
    // The message names the rule and never quotes the body.
    throw new RequestRefused('invalid_json', { detail: `The body was refused: ${error.message}.` });
  }
}

/** The bytes of a body. Reading ends with the one that is one too many. */
export async function readBytes(request: Request, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > maxBytes) throw new RequestRefused('body_too_large');
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof RequestRefused) throw error;
    // Whoever sends it went away: no fault of ours, and none of the database's, which is what such an error reads like.
    throw new RequestRefused('body_cut_off');
  }
  return Buffer.concat(chunks);
}
