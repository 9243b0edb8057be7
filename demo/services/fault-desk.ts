/** How a service misbehaves, once: says no; breaks before doing anything; does it and hangs up; does it and never answers. */
export type FaultKind = 'refuse' | 'error-500' | 'drop-reply' | 'hang';

export interface PlannedFault {
  readonly operation: string;
  readonly invoiceId: string;
  readonly how: FaultKind;
}

/** Where the demo orders the mishaps of real services. The service looks here for every change; an empty desk means good weather. */
export class FaultDesk {
  /** Closed for maintenance: every call is answered with 503, and nothing is done. */
  closed = false;
  readonly #planned: { readonly fault: PlannedFault; readonly happened: () => void }[] = [];

  /** Resolves when the fault has happened; for `drop-reply` and `hang` that is after the effect. */
  failNext(fault: PlannedFault): Promise<void> {
    return new Promise((happened) => this.#planned.push({ fault, happened }));
  }

  /** Takes the fault planned for this call off the desk, if there is one. */
  take(
    operation: string,
    invoiceId: string | undefined,
  ): { readonly how: FaultKind; readonly happened: () => void } | undefined {
    const index = this.#planned.findIndex(
      ({ fault }) => fault.operation === operation && fault.invoiceId === invoiceId,
    );
    if (index < 0) return undefined;
    const [taken] = this.#planned.splice(index, 1);
    return taken && { how: taken.fault.how, happened: taken.happened };
  }
}
