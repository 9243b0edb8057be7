import { isObject, type Json } from './json';

/** One member that differs: `before` or `after` is absent where only one of the two has it. */
export interface FieldDifference {
  /** JSON Pointer (RFC 6901). */
  readonly path: string;
  readonly before?: Json;
  readonly after?: Json;
}

/** Two documents, member by member through objects; a list is one value, for its elements have no names. */
export function diffFields(before: Json, after: Json, path = ''): FieldDifference[] {
  if (!isObject(before) || !isObject(after))
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    const at = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const [had, has] = [before[name], after[name]];
    if (had === undefined) return has === undefined ? [] : [{ path: at, after: has }];
    return has === undefined ? [{ path: at, before: had }] : diffFields(had, has, at);
  });
}
