/** A person who is asked to countersign, and how the answer reaches the gateway. */
export interface Approver {
  /** As the ledger names the person. */
  readonly name: string;
  /** Waits until this person is asked about the action, and decides on exactly what is shown. Answers with its headline. */
  decide(about: Asked, choice: 'approve' | 'deny', reason: string): Promise<string>;
}

/** What somebody is asked about: an action, whatever is asked about it, or one request in particular. */
export interface Asked {
  readonly actionId?: string | undefined;
  readonly request?: string;
  /** What stands in what people are shown. */
  readonly invoiceId?: string;
  readonly digest?: string;
}
