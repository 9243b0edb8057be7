import serialize from 'canonicalize';
import { type Json } from '../domain/json';

/**
 * No document of Countersign nests deeper than 12; whoever reads it (Rego, Postgres, a verifier in another language)
 * may recurse.
 */
export const MAX_DEPTH = 64;

/** In a pattern with the flag u, a surrogate that is half of a pair never matches. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The one text of a JSON value that is ever hashed or signed: RFC 8785 (JSON Canonicalization Scheme). The value is
 * copied, member by member, before it is written, so an accessor cannot show one value to the check and another to the
 * hash.
 *
 * @throws TypeError for whatever has no single JSON text: NaN, infinities, lone surrogates, `undefined`, functions,
 *   symbols, bigints, holes, class instances, a member named `__proto__`, nesting deeper than {@link MAX_DEPTH}.
 */
export function canonicalJson(value: Json): string {
  const text = serialize(plainCopy(value, 0));
  if (text === undefined) throw new TypeError('canonical JSON: the value has no JSON text');
  return text;
}

function plainCopy(value: unknown, depth: number): Json {
  if (depth > MAX_DEPTH) throw new TypeError(`canonical JSON: nested deeper than ${MAX_DEPTH}`);
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return wellFormed(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`canonical JSON: ${value} is not a JSON number`);
      return value;
    case 'object':
      if (value === null) return null;
      return Array.isArray(value) ? copyArray(value, depth) : copyObject(value, depth);
    default:
      throw new TypeError(`canonical JSON: ${typeof value} is not a JSON type`);
  }
}

function copyArray(items: readonly unknown[], depth: number): Json {
  // Array.from visits holes, which map() would skip.
  return Array.from(items, (item) => plainCopy(item, depth + 1));
}

function copyObject(object: object, depth: number): Json {
  if (!isPlain(object)) throw new TypeError('canonical JSON: only plain objects and arrays have JSON text');
  const copy: Record<string, Json> = {};
  for (const [name, member] of Object.entries(object)) {
    if (name === '__proto__') throw new TypeError('canonical JSON: a member may not be named __proto__');
    copy[wellFormed(name)] = plainCopy(member, depth + 1);
  }
  return copy;
}

/**
 * Object literals and null-prototype objects, from this realm or another; never symbol members, which JSON would drop
 * in silence.
 */
function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return false;
  return Object.getOwnPropertySymbols(object).length === 0;
}

function wellFormed(text: string): string {
  if (LONE_SURROGATE.test(text)) throw new TypeError('canonical JSON: a string holds a lone surrogate');
  return text;
}
