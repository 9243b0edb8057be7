import { ApplicationFailure } from '@temporalio/common';

/** A number of another story than the one that was meant to be measured would be worse than none. */
export function otherwise(kind: string): never {
  throw ApplicationFailure.nonRetryable(`It went otherwise than meant: ${kind}.`);
}
