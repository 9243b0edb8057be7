/**
 * What is known after an attempt to talk to a target. The three differ in what may have happened over there:
 * `not_sent` nothing at all, `lost` anything, `answered` what the answer says.
 */
export type Exchange =
  | { readonly kind: 'answered'; readonly status: number; readonly contentType: string; readonly body: Buffer }
  | { readonly kind: 'not_sent'; readonly code: string }
  | { readonly kind: 'lost'; readonly code: string };
