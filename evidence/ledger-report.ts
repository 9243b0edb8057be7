/** What can be wrong with a log. `docs/ledger-format.md` explains each code. */
export type FindingCode =
  | 'malformed_line'
  | 'sequence'
  | 'malformed_leaf'
  | 'entry_moved'
  | 'wrong_tenant'
  | 'leaf_edited'
  | 'column_mismatch'
  | 'body_mismatch'
  | 'checkpoint_signature'
  | 'checkpoint_chain'
  | 'root_mismatch'
  | 'truncated'
  | 'restored'
  | 'not_anchored';

export interface Finding {
  readonly code: FindingCode;
  /** The first entry that it concerns. */
  readonly seq?: number;
  /** The end (exclusive) of the entries among which it is, where no single one can be named. */
  readonly before?: number;
  readonly message: string;
}

/** Worth a look, and no proof of anything: clocks are corrected, new logs are short, and of a restored backup the verifier knew. */
export interface Warning {
  readonly code: 'time_backwards' | 'unanchored_tail' | 'empty' | 'restored';
  readonly seq?: number;
  readonly message: string;
}

export interface LedgerReport {
  readonly ok: boolean;
  readonly tenant: string;
  readonly size: number;
  /** Root of all `size` entries, base64. */
  readonly root: string;
  /** Entries `from` to `to` (exclusive) that a signed checkpoint covers. */
  readonly anchored: { readonly from: number; readonly to: number };
  /** Entries after the last checkpoint: whoever writes the database could still have changed them. */
  readonly unanchored: { readonly from: number; readonly to: number };
  readonly checkpoints: number;
  readonly erasedBodies: number;
  /** The first entry that is not as it was written, where it can be named. */
  readonly firstBad?: number;
  readonly findings: readonly Finding[];
  readonly warnings: readonly Warning[];
}
