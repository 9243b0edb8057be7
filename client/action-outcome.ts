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
    };
