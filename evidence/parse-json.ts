import { isUtf8 } from 'node:buffer';
import { type Json } from '../domain/json';

/** What a document may cost. Every limit is enforced before anything is built from the text. */
export interface JsonLimits {
  readonly maxBytes: number;
  /** Nested arrays and objects. */
  readonly maxDepth: number;
  /** Values and members together, roughly: the signs `,` `:` `[` `{` of the text. */
  readonly maxNodes: number;
}

/** A page of parameters is 4 KiB; 256 KiB leaves room for a document, and 10,000 nodes are walked in a millisecond. */
export const DEFAULT_LIMITS: JsonLimits = { maxBytes: 256 * 1024, maxDepth: 32, maxNodes: 10_000 };

export type JsonRefusal =
  | 'too_large'
  | 'too_deep'
  | 'too_many_nodes'
  | 'not_utf8'
  | 'not_json'
  | 'duplicate_name'
  | 'forbidden_name'
  | 'number_out_of_range'
  | 'unsafe_integer'
  | 'lone_surrogate'
  | 'nul_character';

/** The text is no JSON that two readers would read alike. The message never quotes the text: it may hold secrets. */
export class JsonRefusedError extends Error {
  override readonly name = 'JsonRefusedError';
  constructor(
    readonly code: JsonRefusal,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Strict JSON: RFC 8259 as V8 reads it, less everything that readers disagree about (RFC 7493, I-JSON) or that Postgres
 * cannot store. Grammar and building are `JSON.parse`; this adds the limits before it and the refusals after it.
 *
 * @throws JsonRefusedError
 */
export function parseJsonStrict(input: string | Buffer, limits: JsonLimits = DEFAULT_LIMITS): Json {
  const text = textOf(input, limits.maxBytes);
  const members = countMembers(text, limits);
  const value = parse(text);
  // An object keeps one member per name: whatever the text has more of was written twice.
  if (membersOf(value) !== members) throw new JsonRefusedError('duplicate_name', 'an object has the same name twice');
  return value;
}

function textOf(input: string | Buffer, maxBytes: number): string {
  // A string has at least as many bytes as UTF-16 units: one that is far too long is refused without being counted.
  const bytes = typeof input === 'string' ? input.length : input.byteLength;
  if (bytes > maxBytes || (typeof input === 'string' && Buffer.byteLength(input) > maxBytes)) {
    throw new JsonRefusedError('too_large', `larger than ${maxBytes} bytes`);
  }
  if (typeof input === 'string') return input;
  if (!isUtf8(input)) throw new JsonRefusedError('not_utf8', 'not UTF-8');
  return input.toString('utf8');
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // V8's message quotes the text around the error, so it goes no further, not even as a cause.
    throw new JsonRefusedError('not_json', 'not JSON as RFC 8259 defines it');
  }
}

/**
 * One pass over the text, outside its strings: enforces depth and size and counts the members. Assumes no grammar
 * beyond strings.
 */
function countMembers(text: string, { maxDepth, maxNodes }: JsonLimits): number {
  let depth = 0;
  let nodes = 0;
  let members = 0;
  for (let i = 0; i < text.length; i += 1) {
    switch (text[i]) {
      case '"':
        i = endOfString(text, i);
        break;
      case '{':
      case '[':
        depth += 1;
        nodes += 1;
        if (depth > maxDepth) throw new JsonRefusedError('too_deep', `nested deeper than ${maxDepth}`);
        break;
      case '}':
      case ']':
        depth -= 1;
        break;
      case ':':
        members += 1;
        nodes += 1;
        break;
      case ',':
        nodes += 1;
        break;
      default:
    }
    if (nodes > maxNodes) throw new JsonRefusedError('too_many_nodes', `more than ${maxNodes} values`);
  }
  return members;
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === '"') return i;
  }
  return text.length;
}

/** Refuses what the grammar allows and we do not, and counts the members on the way. The depth is known to be small. */
function membersOf(value: Json): number {
  if (typeof value === 'string') checkText(value);
  if (typeof value === 'number') checkNumber(value);
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return (value as readonly Json[]).reduce<number>((sum, item) => sum + membersOf(item), 0);
  let members = 0;
  for (const [name, member] of Object.entries(value)) {
    checkText(name);
    if (name === '__proto__') throw new JsonRefusedError('forbidden_name', 'a member may not be named __proto__');
    members += 1 + membersOf(member);
  }
  return members;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

function checkText(text: string): void {
  if (text.includes('\0')) throw new JsonRefusedError('nul_character', 'a string holds U+0000');
  if (LONE_SURROGATE.test(text))
    throw new JsonRefusedError('lone_surrogate', 'a string holds half of a surrogate pair');
}

function checkNumber(number: number): void {
  if (!Number.isFinite(number))
    throw new JsonRefusedError('number_out_of_range', 'a number is too large for any reader');
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) {
    throw new JsonRefusedError('unsafe_integer', 'an integer beyond 2^53 - 1 loses digits: send it as a string');
  }
}
