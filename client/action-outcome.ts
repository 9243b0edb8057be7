import { type ActionOutcome as RecordedOutcome, type Reason } from '../domain/action';

/**
 * What came of asking. `kind` is the discriminator, `say` a sentence for the model. Only `executed` means that it was done; `pending` and `unknown`
 * mean that it is not over.
 */
export type ActionOutcome =
  | RecordedOutcome
  /** Too much at once: nothing was recorded. The same call, with the same key, may be made after `retryAfterMs`. */
  | {
      readonly kind: 'throttled';
      readonly say: string;
      readonly reasons: readonly Reason[];
      readonly retryAfterMs: number;
    }
  /** A later request took its place. No policy can say that yet; it is here so that what is written today need not change. */
  | { readonly kind: 'superseded'; readonly say: string; readonly reasons: readonly Reason[] };
