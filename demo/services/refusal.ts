/** A service says no: HTTP status and a code of its own. Thrown before anything has changed. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, options?: ErrorOptions) {
    super(`${status} ${code}`, options);
    this.status = status;
    this.code = code;
  }
}
