import { type StoredAction } from '../db/find-action';
import { type ActionOutcome, type ActionState } from '../domain/action';

type OpenState = 'received' | 'waiting' | 'executing' | 'unknown' | 'undoing';

const SENTENCES: Readonly<Record<Exclude<OpenState, 'waiting'>, string>> = {
  received: 'It is recorded and being decided. Nothing has happened yet.',
  executing: 'It is allowed and being carried out.',
  unknown: 'It is not known yet whether this happened. Do not try it again; it is being found out.',
  undoing: 'It did not succeed; what was done for it is being taken back.',
};

/** Only an agent that has to act itself is waited for while something is carried out. */
const LENT = 'It is allowed. Claim the access, do what it is for, and report it before its time is over.';

/** What an agent is told about an action now: how it ended, or that it has not. */
export function currentOutcome({
  outcome,
  state,
  waitingOn,
  settledAt,
}: Pick<StoredAction, 'outcome' | 'state' | 'waitingOn' | 'settledAt'>): ActionOutcome {
  if (settledAt !== null && outcome !== null) return outcome;
  const open = openState(state);
  const lent = open === 'executing' && waitingOn.length > 0;
  const say = lent ? LENT : open === 'waiting' ? waitingSentence(waitingOn) : SENTENCES[open];
  return { kind: open === 'unknown' ? 'unknown' : 'pending', say, waitingOn };
}

/** A row that has an ending as its state but no outcome is in the middle of being settled. */
function openState(state: ActionState): OpenState {
  return state === 'received' || state === 'waiting' || state === 'unknown' || state === 'undoing'
    ? state
    : 'executing';
}

function waitingSentence(waitingOn: readonly string[]): string {
  const whom = waitingOn.length === 0 ? 'a decision' : waitingOn.join(', ');
  return `It waits for ${whom}. Nothing has happened yet.`;
}
