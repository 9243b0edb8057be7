import { type HttpOperation } from '../../domain/documents';
import { type Json, type JsonObject, ownMember } from '../../domain/json';
import { readPointer } from '../../domain/read-pointer';

export interface FilledOperation {
  readonly method: string;
  /** Path and query, percent-encoded; starts with a slash. */
  readonly path: string;
  /** Empty where the operation has no body. */
  readonly body: Buffer;
}

/** Has no UTF-8 form; `encodeURIComponent` throws at it. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** What a request line can carry; `http.request` throws at anything else, which only a document could hold. */
const REQUEST_TARGET = /^\/[\x21-\x7e]*$/;

const NO_BODY = Buffer.alloc(0);

/**
 * Puts values into an operation's placeholders, query and body. The same values always give the same bytes: a retry must not look like
 * another request under the same idempotency key. `undefined` where a value is missing or does not fit: then nothing may be sent.
 *
 * @param named values for placeholders that the operation does not point anywhere, by name: the arguments of a fact.
 */
export function fillOperation(
  operation: HttpOperation,
  values: JsonObject,
  named: JsonObject = {},
): FilledOperation | undefined {
  let complete = true;
  const need = <T>(value: T | undefined): T | '' => {
    if (value !== undefined) return value;
    complete = false;
    return '';
  };
  const path = operation.path.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const pointer = ownMember(operation.args, name);
    return need(pathSegment(pointer === undefined ? ownMember(named, name) : readPointer(values, pointer)));
  });
  const query = Object.entries(operation.query).map(
    ([name, pointer]) => `${encodeURIComponent(name)}=${need(encoded(readPointer(values, pointer)))}`,
  );
  const body: Record<string, Json> = {};
  for (const [name, source] of Object.entries(operation.body ?? {})) {
    body[name] = need(typeof source === 'string' ? readPointer(values, source) : source.const);
  }
  if (!complete || !REQUEST_TARGET.test(path)) return undefined;
  return {
    method: operation.method,
    path: query.length === 0 ? path : `${path}?${query.join('&')}`,
    body: operation.body === undefined ? NO_BODY : Buffer.from(JSON.stringify(body)),
  };
}

/** A segment made of dots, or of nothing, would name another resource than the one meant. */
function pathSegment(value: Json | undefined): string | undefined {
  const text = encoded(value);
  return text === undefined || /^\.{0,2}$/.test(text) ? undefined : text;
}

function encoded(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return LONE_SURROGATE.test(value) ? undefined : encodeURIComponent(value);
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isSafeInteger(value))) return String(value);
  return undefined;
}
