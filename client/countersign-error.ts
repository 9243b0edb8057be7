/** The gateway refused a request, or could not be asked. How an action ends is no error: that is an outcome. */
export class CountersignError extends Error {
  override readonly name = 'CountersignError';
  /** A code of docs/errors.md, or `unreachable`: nobody answered; `not_countersign`, `http_<status>`: somebody else did; `no_credential`: nobody was asked, for the file of the credential cannot be used. */
  readonly code: string;
  /** HTTP status; 0 when nobody answered, or nobody was asked. */
  readonly status: number;
  /** The same request, sent again unchanged, may succeed; it was sent again until it was time to give up. */
  readonly retryable: boolean;
  /** How long the gateway asks to be left alone; where it named no time, undefined. */
  readonly retryAfterMs: number | undefined;
  /** Every fault of a document, with its path. */
  readonly problems: readonly { readonly path: string; readonly message: string }[];

  constructor(message: string, { code, status, retryable = false, retryAfterMs, problems = [], cause }: Details) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
    this.problems = problems;
  }
}

interface Details extends Pick<CountersignError, 'code' | 'status'> {
  readonly retryable?: boolean;
  readonly retryAfterMs?: number | undefined;
  readonly problems?: CountersignError['problems'];
  readonly cause?: unknown;
}
