/** What one code means, to whoever sent the request and to whoever runs the system. */
export interface Failure {
  /** One sentence for a stranger: no internals, no values of the request, nothing that teaches the way round. */
  readonly sentence: string;
  /** Whether the same request, sent again unchanged, may succeed. */
  readonly retryable: boolean;
  /** HTTP status where it is answered as a problem. As a reason inside an outcome it travels in a 200. */
  readonly status: number;
  /** What the operator does next. */
  readonly operator: string;
}
