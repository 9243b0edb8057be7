/** A person who is asked to countersign, and how the answer reaches the gateway. */
export interface Approver {
  /** As the ledger names the person. */
  readonly name: string;
  /** Waits until this person is asked about the action, and decides on exactly what is shown. Answers with its headline. */
  decide(action: Asked, choice: 'approve' | 'deny', reason: string): Promise<string>;
}

export interface Asked {
  readonly actionId?: string | undefined;
}
