import { isObject, type Json, type JsonObject } from '../domain/json';
import { canonicalJson } from './canonical-json';

/** What a leaf says: version 1. */
export interface Leaf {
  readonly at: string;
  readonly body: string | null;
  readonly entry: JsonObject;
  readonly key: string;
  readonly seq: number;
  readonly tenant: string;
}

const NAMES = 'at,body,entry,key,seq,tenant,v';
const AT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * Nothing unless the text is exactly the canonical text of a leaf; a name written twice, or a space, is enough to
 * refuse.
 */
export function parseLeaf(text: string): Leaf | undefined {
  const leaf = parseCanonical(text);
  if (!isObject(leaf) || Object.keys(leaf).join() !== NAMES || leaf['v'] !== 1) return undefined;
  const { at, body, entry, key, seq, tenant } = leaf;
  if (typeof at !== 'string' || !AT.test(at)) return undefined;
  if (body !== null && (typeof body !== 'string' || !DIGEST.test(body))) return undefined;
  if (!isObject(entry) || typeof entry['event'] !== 'string') return undefined;
  if (typeof key !== 'string' || typeof tenant !== 'string') return undefined;
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 0) return undefined;
  return { at, body, entry, key, seq, tenant };
}

function parseCanonical(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return canonicalJson(value) === text ? value : undefined;
  } catch {
    return undefined; // no JSON, or none with a canonical text: the caller reports it, without quoting it
  }
}
