import { waitUntil } from '../stack/wait-until';
import { type Approver, type Asked } from './approver';
import { cardsOf, type ShownCard } from './doubles/slack/cards-of';
import { type SlackBook } from './doubles/slack/slack-book';
import { type Delivered, type SlackPerson } from './doubles/slack/slack-person';

/** Slack takes one message a second for each channel, and others are asked at the same time. */
const CARD_WITHIN_MS = 60_000;

/** A person who sees cards in Slack, presses their buttons, and fills in the form where one opens. */
export class SlackApprover implements Approver {
  readonly name: string;
  readonly #person: SlackPerson;
  readonly #book: SlackBook;
  /** Requests that were decided here; their cards may still show buttons for a moment. */
  readonly #decided = new Set<string>();
  /** A person has two hands and one pair of eyes. */
  #busy: Promise<unknown> = Promise.resolve();

  constructor(name: string, person: SlackPerson, book: SlackBook) {
    this.name = name;
    this.#person = person;
    this.#book = book;
  }

  async decide(about: Asked, choice: 'approve' | 'deny', reason: string): Promise<string> {
    const card = await this.#asked(about, choice);
    this.#decided.add(card.request);
    const told = await this.#alone(() => this.#press(card, choice, reason));
    if (told.length > 0) throw new Error(`Slack told ${this.name}: ${told.join(' ')}`);
    return card.headline;
  }

  async #asked(about: Asked, choice: 'approve' | 'deny'): Promise<ShownCard> {
    let card: ShownCard | undefined;
    const find = (): boolean => {
      card = cardsOf(this.#book).findLast(
        ({ action, request, buttons }) =>
          action === about.actionId &&
          (about.request ?? request) === request &&
          !this.#decided.has(request) &&
          buttons.has(LABELS[choice]),
      );
      return card !== undefined;
    };
    await waitUntil(find, {
      what: `No card asked ${this.name} about ${about.actionId ?? 'no action'}`,
      withinMs: CARD_WITHIN_MS,
    });
    if (card === undefined) throw new Error('unreachable');
    return card;
  }

  /** Presses the button as the card shows it, and says why where Slack asks. Answers with what only this person was told. */
  async #press(
    { message, buttons }: ShownCard,
    choice: 'approve' | 'deny',
    reason: string,
  ): Promise<readonly string[]> {
    const told = this.#person.told().length;
    const forms = this.#book.views.length;
    accepted(await this.#person.press(message, buttons.get(LABELS[choice]) ?? ''));
    const form = this.#book.views.slice(forms).find(({ user, open }) => open && user === this.#person.user);
    if (form !== undefined) accepted(await this.#person.submit(form, { [REASON]: reason }));
    return this.#person.told().slice(told);
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#busy.then(work);
    this.#busy = turn.catch(() => 'the next one does not mind');
    return turn;
  }
}

/** What the buttons say. */
const LABELS = { approve: 'Approve', deny: 'Deny' } as const;
const REASON = 'reason';

/** Slack warns a person whose press was not answered, and keeps a form open that was refused. */
function accepted({ status, body, warned }: Delivered): void {
  if (warned || body.includes('errors')) throw new Error(`The gateway answered Slack ${status}: ${body}`);
}
