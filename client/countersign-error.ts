/** The gateway refused a request, or could not be asked. How an action ends is no error: that is an outcome. */
export class CountersignError extends Error {
  override readonly name = 'CountersignError';

  constructor(
    /** A code of docs/errors.md; `unreachable` when nobody answered. */
    readonly code: string,
    message: string,
    /** HTTP status; 0 when nobody answered. */
    readonly status: number,
    /** Every fault of a document, with its path. */
    readonly problems: readonly { readonly path: string; readonly message: string }[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
