/** The one member of the value that a payload becomes which was not written by us for this workflow. */
export const REFUSED = 'countersign/refused';

/**
 * Why a payload was refused.
 * - `not_encrypted`: plaintext, as somebody's tool sends it
 * - `unknown_key`: encrypted under a key that this process does not hold
 * - `other_workflow`: written for another workflow, or for none
 * - `tampered`: the bytes, or what they are bound to, are not those that were written
 */
export type RefusedBecause = 'not_encrypted' | 'unknown_key' | 'other_workflow' | 'tampered';

/**
 * Takes the place of a payload that cannot be trusted. A value and no error, because an error while decoding would leave the workflow failing
 * its task for ever; so whoever reads a contract value asks `isRefused` first, and treats it as a message that never came.
 */
export interface Refused {
  readonly [REFUSED]: RefusedBecause;
}

export function isRefused(value: unknown): value is Refused {
  return typeof value === 'object' && value !== null && REFUSED in value;
}
