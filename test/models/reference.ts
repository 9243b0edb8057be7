import { type BallotResult } from '../../db/cast-vote';

export type Choice = 'approve' | 'deny';

/** Two of these three must countersign. Of the others, alice and oscar answer for the agent, and erin and frank are asked nothing. */
export const ASKED = ['bob', 'carol', 'dora'];
const CONFLICTED = ['alice', 'oscar'];
const NEED = 2;

/**
 * What must become of one action that has to be countersigned, in as few words as it can be said: sets of people, and what has happened. It shares
 * no line with what it is compared with.
 */
export class Reference {
  readonly approved = new Set<string>();
  readonly denied = new Set<string>();
  request: 'open' | 'approved' | 'rejected' | 'expired' | 'cancelled' = 'open';
  late = false;
  cancelled = false;
  fence: 'never moved' | 'closed' | 'opened again' = 'never moved';
  begun = false;

  vote(person: string, choice: Choice): BallotResult {
    const refused = this.#refuses(person, choice);
    if (refused === undefined) this[choice === 'approve' ? 'approved' : 'denied'].add(person);
    return refused ?? 'recorded';
  }

  #refuses(person: string, choice: Choice): BallotResult | undefined {
    if (CONFLICTED.includes(person)) return 'self_approval';
    if (this.denied.has(person) || (choice === 'approve' && this.approved.has(person))) return 'already_voted';
    const stillHeard = choice === 'deny' && this.request === 'approved' && !this.begun;
    if (this.request === 'expired') return 'approval_expired';
    if (this.request !== 'open' && !stillHeard) return 'approval_closed';
    if (this.request === 'open' && this.late) return 'approval_expired';
    if (!ASKED.includes(person)) return 'not_entitled';
    // Nobody is needed any more.
    return choice === 'approve' && this.approved.size >= NEED ? 'not_entitled' : undefined;
  }

  /** A worker looks. */
  read(): Reference['request'] {
    if (this.request === 'open') {
      if (this.cancelled) this.request = 'cancelled';
      else if (this.denied.size > 0) this.request = 'rejected';
      else if (this.approved.size >= NEED) this.request = 'approved';
      else if (this.late) this.request = 'expired';
    }
    return this.request;
  }

  begin(): string {
    const refused = this.#holds();
    if (refused === undefined) this.begun = true;
    return refused ?? 'begun';
  }

  #holds(): string | undefined {
    if (this.begun) return 'begun_before';
    if (this.cancelled) return 'cancelled';
    if (this.fence === 'closed') return 'scope_fenced';
    if (this.fence === 'opened again') return 'fence_moved';
    if (this.request !== 'approved') return 'not_approved';
    return this.denied.size > 0 ? 'denied_late' : undefined;
  }
}
