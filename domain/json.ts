/** A JSON value as RFC 8259 has it; what every contract of Countersign is made of. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. Values are never `undefined`: an absent member is absent. */
export interface JsonObject {
  readonly [member: string]: Json;
}
