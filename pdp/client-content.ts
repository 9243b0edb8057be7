import { type ActionType, type Pointer } from '../domain/documents';
import { isObject, type Json, type JsonObject, ownMember } from '../domain/json';
import { type BundleContent } from './bundle-format';
import { type ClientContent } from './client-bundle-format';

/**
 * What agents get of a bundle's content, the same from the same content: the build signs its digest, and the gateway makes it again.
 * `undefined` where no action type is cooperative: then agents get nothing, and learn nothing.
 */
export function clientContent({ wasm, catalogue }: BundleContent): ClientContent | undefined {
  const cooperative = Object.entries(catalogue.actionTypes).filter(([, { lane }]) => lane === 'cooperative');
  if (cooperative.length === 0) return undefined;
  return {
    wasm,
    actionTypes: Object.fromEntries(cooperative),
    chains: Object.keys(catalogue.chains).sort(),
    data: published(
      catalogue.data,
      cooperative.map(([, actionType]) => actionType),
    ),
  };
}

/** The named members of the data, each where it was. */
function published(data: JsonObject, actionTypes: readonly ActionType[]): JsonObject {
  const result: Record<string, Json> = {};
  // The shorter first, so that a member of what is there already adds nothing.
  for (const pointer of actionTypes.flatMap((actionType) => actionType.data ?? []).sort()) {
    const value = memberOf(data, pointer);
    if (value !== undefined) place(result, pointer.slice(1).split('/'), value);
  }
  return result;
}

/** Through objects alone: an element taken out of a list would stand at another place. */
export function memberOf(data: JsonObject, pointer: Pointer): Json | undefined {
  let value: Json | undefined = data;
  for (const name of pointer.slice(1).split('/')) value = isObject(value) ? ownMember(value, name) : undefined;
  return value;
}

function place(root: Record<string, Json>, [name = '', ...rest]: readonly string[], value: Json): void {
  if (rest.length === 0) {
    if (!Object.hasOwn(root, name)) root[name] = structuredClone(value);
    return;
  }
  if (!Object.hasOwn(root, name)) root[name] = {};
  place(root[name] as Record<string, Json>, rest, value);
}
