import { type KeyObject, createSecretKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isObject } from '../domain/json';

/** The payload codec's keys: all of them decode, the current one encodes. */
export interface CodecKeys {
  readonly current: string;
  readonly keys: ReadonlyMap<string, KeyObject>;
}

/** The keys cannot be used, so the process must not start: without them it could only write plaintext. The message holds no key. */
export class CodecKeysError extends Error {
  override readonly name = 'CodecKeysError';
}

const KEY_ID = /^[a-z0-9-]{1,32}$/;
const KEY_BYTES = 32;

/** Reads `codec.json`: `{ "current": "k2", "keys": { "k1": "<base64 of 32 bytes>", "k2": … } }`. */
export async function readCodecKeys(path: string): Promise<CodecKeys> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new CodecKeysError(`The payload codec's keys cannot be read from ${path}.`, { cause });
  }
  return parseCodecKeys(text);
}

/** The same from the file's text. */
export function parseCodecKeys(text: string): CodecKeys {
  const { current, keys } = asObject(parseJson(text), 'the file');
  const entries = Object.entries(asObject(keys, 'its member "keys"')).map(([id, key]) => [id, toKey(id, key)] as const);
  const parsed = new Map(entries);
  if (typeof current !== 'string' || !parsed.has(current)) {
    throw new CodecKeysError('In the payload codec\'s keys, "current" must name one of "keys".');
  }
  return { current, keys: parsed };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without a cause: the parser's message quotes the text, and so a key.
    throw new CodecKeysError("The payload codec's keys are not JSON.");
  }
}

function asObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (!isObject(value)) throw new CodecKeysError(`In the payload codec's keys, ${what} must be an object.`);
  return value;
}

function toKey(id: string, value: unknown): KeyObject {
  const bytes = Buffer.from(typeof value === 'string' ? value : '', 'base64');
  if (!KEY_ID.test(id) || bytes.length !== KEY_BYTES) {
    throw new CodecKeysError(
      `In the payload codec's keys, "${id}" must be a short lower-case id with ${String(KEY_BYTES)} bytes in base64.`,
    );
  }
  return createSecretKey(bytes);
}
