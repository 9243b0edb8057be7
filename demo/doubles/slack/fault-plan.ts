/**
 * How a call goes wrong: refused with a code (`error:token_revoked`), answered 429 or 500, never answered, or cut off
 * before anything was done, or after.
 */
export type Fault = 429 | 500 | 'hang' | 'drop_before' | 'drop_after' | `error:${string}`;

/** What shall go wrong next, in the order in which it was asked for. */
export class FaultPlan {
  readonly #planned: { readonly fault: Fault; left: number; readonly method: string | undefined }[] = [];

  add(fault: Fault, times: number, method?: string): void {
    this.#planned.push({ fault, left: times, method });
  }

  /** Nothing that was planned happens any more. */
  clear(): void {
    this.#planned.length = 0;
  }

  take(method: string): Fault | undefined {
    const next = this.#planned.find((planned) => planned.left > 0 && (planned.method ?? method) === method);
    if (next === undefined) return undefined;
    next.left -= 1;
    return next.fault;
  }
}
