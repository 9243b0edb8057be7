/**
 * What happens to the next mail: it is turned away for now, or for good, it is taken and the line is cut before the answer, the answer never comes or
 * comes when nobody waits any more. `hang`: the server does not even greet.
 */
export type MailFault = 451 | 550 | 'drop_after' | 'late' | 'hang';

export class MailFaults {
  readonly #planned: MailFault[] = [];

  add(fault: MailFault, times: number): void {
    this.#planned.push(...Array.from({ length: times }, () => fault));
  }

  /** The next fault, if it is one of these. */
  take(...kinds: readonly MailFault[]): MailFault | undefined {
    const [next] = this.#planned;
    return next !== undefined && kinds.includes(next) ? this.#planned.shift() : undefined;
  }
}
