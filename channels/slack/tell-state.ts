import { type Notice } from '../../domain/notice';

/** Where the request stands, as one sentence. */
export function tellState({ state, stages }: Pick<Notice, 'state' | 'stages'>): string {
  const votes = stages.flatMap((stage) => stage.votes);
  const denial = votes.find(({ choice }) => choice === 'deny');
  switch (state) {
    case 'open':
      return 'Waits to be countersigned.';
    case 'approved':
      return `Approved by ${listed(votes.filter(({ choice }) => choice === 'approve').map(({ person }) => person))}.`;
    case 'rejected':
      if (denial === undefined) return 'Denied.';
      return `Denied by ${denial.person}${denial.reason === null ? '.' : `: ${denial.reason}`}`;
    case 'expired':
      return votes.length === 0 ? 'Expired: nobody decided.' : 'Expired: not enough people decided in time.';
    case 'cancelled':
      return 'Cancelled: there is nothing left to decide.';
    case 'superseded':
      return 'Superseded: what would run has changed, and is asked anew.';
    case 'unanswerable':
      return 'Ended: nobody is left who could countersign it.';
  }
}

/** Endings that the votes do not explain: something stopped it although people agreed. */
const UNFORESEEN: ReadonlySet<string> = new Set(['denied', 'undone', 'undo_stuck']);

/** How the action ended, or where it is since the request was closed; nothing while people still decide. */
export function tellEnd({
  state,
  actionState,
  events,
  why,
}: Pick<Notice, 'state' | 'actionState' | 'events' | 'why'>): string {
  if (state === 'open' || state === 'superseded') return '';
  const ended = events.some(({ kind }) => kind === 'ended');
  const said = `${ended ? 'The action ended' : 'The action is now'}: ${actionState.replace('_', ' ')}.`;
  return UNFORESEEN.has(actionState) ? [said, ...why].join(' ') : said;
}

function listed(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  return distinct.length < 2 ? distinct.join('') : `${distinct.slice(0, -1).join(', ')} and ${distinct.at(-1) ?? ''}`;
}
