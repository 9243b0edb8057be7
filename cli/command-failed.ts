/** A command cannot go on, for a reason that a person can mend. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';

  constructor(
    readonly exitCode: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
