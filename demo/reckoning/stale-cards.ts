import { type ShownCard } from '../doubles/slack/cards-of';
import { type LedgerEntry } from './ledger-entry';

/** What a card says at last, by how its request was closed. */
const CLOSED: Readonly<Record<string, string>> = {
  approved: 'Approved by',
  rejected: 'Denied by',
  expired: 'Expired:',
  cancelled: 'Cancelled:',
  superseded: 'Superseded:',
};

/**
 * Cards that do not say how it ended, or still have something to press. What they show is what the workspace holds; how it ended is what the
 * ledger proves.
 */
export function staleCards(cards: readonly ShownCard[], ledger: readonly LedgerEntry[]): readonly ShownCard[] {
  return cards.filter(
    (card) => card.buttons.size > 0 || !wordsFor(card, ledger).every((words) => card.text.includes(words)),
  );
}

function wordsFor({ request, action }: ShownCard, ledger: readonly LedgerEntry[]): readonly string[] {
  const superseded = ledger.some(({ event, entry }) => event === 'approval.superseded' && entry['request'] === request);
  const closed = ledger.findLast(({ event, entry }) => event === 'approval.closed' && entry['request'] === request);
  const state = superseded ? 'superseded' : String(closed?.entry['state']);
  const settled = ledger.findLast(({ event, entry }) => event === 'action.settled' && entry['action'] === action);
  const ended = `The action ended: ${String(settled?.entry['ending']).replace('_', ' ')}.`;
  return [CLOSED[state] ?? `no such state: ${state}`, ...(superseded ? [] : [ended])];
}
