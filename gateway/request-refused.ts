import { type FailureCode, type Problem } from '../domain/failures';

/** Ends a request with a problem of the catalogue. Thrown, so that it also ends the transaction it is thrown in. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';

  constructor(
    readonly code: FailureCode,
    readonly extra: Pick<Problem, 'detail' | 'problems'> = {},
  ) {
    super(code);
  }
}
