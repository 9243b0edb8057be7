/**
 * Where a target and the table of grants differ. `alien`: a credential of our naming that no grant knows. `foreign`: the same, but not made by our
 * minter, so that it is not ours to end. `missing`: lent and not over, and not there. `found_alive`: thought dead, and there. `unverified`: it may
 * be alive, and nobody could ask.
 */
export interface Finding {
  readonly kind: 'alien' | 'foreign' | 'missing' | 'found_alive' | 'unverified';
  readonly target: string;
  /** The login role at the target. */
  readonly role?: string;
  readonly grant?: string;
  /** Of an alien: until when it can log in; null for ever. */
  readonly validUntil?: string | null;
  /** Of an alien: how many are logged in. */
  readonly sessions?: number;
  /** What was done about it. `locked`: nobody logs in any more, and as it owns something, it was not dropped. `alive`: it could not be ended. */
  readonly done?: 'ended' | 'locked' | 'alive';
}

/** How one target was looked at. `unverified`: a target of its kind cannot be asked. */
export interface Look {
  readonly target: string;
  readonly state: 'asked' | 'unanswered' | 'unverified';
}

export interface Reconciliation {
  readonly id: string;
  readonly askedBy: string;
  readonly askedAt: string;
  readonly endsAliensOf: string | null;
  /** Null until somebody has looked. */
  readonly finishedAt: string | null;
  readonly targets: readonly Look[] | null;
  readonly findings: readonly Finding[] | null;
  readonly digest: string | null;
}

/** As many of one kind as anybody reads, and a row holds; what is left out is found by the next look. */
export const MAX_FINDINGS = 1_000;
