/** Why the stack does not start, where whoever starts it can mend that. The message says how; a stack trace would only hide it. */
export class CannotStart extends Error {
  override readonly name: string = 'CannotStart';
}
