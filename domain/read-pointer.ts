import { type Json } from './json';

const ARRAY_INDEX = /^(0|[1-9][0-9]{0,8})$/;

/** Reads the value that a JSON Pointer (RFC 6901) names; `undefined` where there is none. Only own members count: `/constructor` finds nothing. */
export function readPointer(root: Json, pointer: string): Json | undefined {
  if (pointer === '') return root;
  if (!pointer.startsWith('/')) return undefined;
  let value: Json | undefined = root;
  for (const part of pointer.slice(1).split('/')) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    value = member(value, name);
    if (value === undefined) return undefined;
  }
  return value;
}

function member(value: Json, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (isArray(value)) return ARRAY_INDEX.test(name) ? value[Number(name)] : undefined;
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

/** `Array.isArray` does not narrow read-only arrays. */
function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
