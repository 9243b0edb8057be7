/** A JSON value as RFC 8259 has it; what every contract of Countersign is made of. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. Values are never `undefined`: an absent member is absent. */
export interface JsonObject {
  readonly [member: string]: Json;
}

/** Whether a value is an object as JSON means it: neither null nor an array. */
export function isObject(value: Json | undefined): value is JsonObject;
export function isObject(value: unknown): value is Readonly<Record<string, unknown>>;
export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member of that name, if it is the object's own: names that others choose must not find `constructor`. */
export function ownMember<T>(members: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}
