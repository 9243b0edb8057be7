import { setTimeout as sleep } from 'node:timers/promises';
import { cardsOf, type ShownCard } from '../doubles/slack/cards-of';
import { type SlackBook } from '../doubles/slack/slack-book';

/** Slack takes a message a second: what happened at once is told one after the other. What is not told after this long will not be. */
const TOLD_WITHIN_MS = 60_000;

/** Waits until every card says that it is over, or long enough. Whether it says the right thing is judged by the ledger. */
export async function cardsSettled(book: SlackBook): Promise<void> {
  const deadline = performance.now() + TOLD_WITHIN_MS;
  while (!cardsOf(book).every(isOver) && performance.now() < deadline) await sleep(200);
}

function isOver({ text, buttons }: ShownCard): boolean {
  return buttons.size === 0 && (text.includes('The action ended:') || text.includes('Superseded:'));
}
