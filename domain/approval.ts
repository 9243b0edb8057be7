/** A human casts a vote. Votes are rows that only `cast_vote` writes; these are the ones that count. */
export interface Vote {
  readonly person: string;
  /** Every account of the human who voted; absent where it is this one alone. */
  readonly accounts?: readonly string[];
  readonly stage: number;
  readonly choice: 'approve' | 'deny';
}

/** One stage of an open request: who may vote was settled when it opened. */
export interface OpenStage {
  readonly need: number;
  readonly from: readonly string[];
  readonly eligible: readonly string[];
  readonly reason: 'optional' | 'required';
  readonly escalation?: {
    readonly afterMs: number;
    readonly to: readonly string[];
    readonly eligible: readonly string[];
  };
  readonly remindAfterMs: readonly number[];
}
