import { type Notice } from '../../domain/notice';
import { type Recipient, type Shown, type Surfaces } from '../channel';
import { buildCard } from './build-card';
import { buildEvent } from './build-event';
import { buildOwnerEnd, buildOwnerNote } from './build-owner-note';
import { type ShowingDeps, showSurface, type SlackSurface, type SurfaceResult } from './show-surface';
import { type SlackFault } from './slack-fault';

const CARD = 'slack/card';
/** A card that an earlier try may have sent besides; known by the same mark. */
const TWIN = 'slack/card/2';
const OWNER = 'slack/owner';

/** What arrives later than this after it was sent is not awaited any more. */
const TWIN_MS = 900_000;
/**
 * After this nothing more is begun. What was begun takes another 18 seconds at most (two pages and a message, each at its time-out); more only where
 * others forged our mark, by one time-out for each message that is not ours.
 */
const ROUND_MS = 8_000;

/** One notice, brought up to date once. What fails is noted, and what does not depend on it goes on. */
export class ShowNotice {
  readonly #faults: SlackFault[] = [];
  readonly #until: number;

  constructor(
    private readonly deps: ShowingDeps,
    private readonly channel: string,
    private readonly notice: Notice,
    private readonly surfaces: Surfaces,
    private readonly recipients: readonly Recipient[],
  ) {
    this.#until = deps.clock.now() + ROUND_MS;
  }

  async show(): Promise<Shown> {
    const card = await this.#showCard();
    if (card.kind === 'shown') await this.#showThread(card.ts);
    await this.#showOwner();
    const [fault] = this.#faults;
    if (fault === undefined) return { kind: 'shown' };
    const waits = this.#faults.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
    return {
      ...{ kind: 'failed', code: fault.code, asked: card.kind === 'shown' },
      ...(waits.length > 0 && { retryAfterMs: Math.max(...waits) }),
    };
  }

  async #showCard(): Promise<SurfaceResult> {
    const open = this.notice.state === 'open';
    const message = buildCard(this.notice, this.recipients);
    const lasting = { place: { channel: this.channel }, message, lasting: true };
    const card = await this.#bring(CARD, { ...lasting, postable: open, needed: true });
    // Whoever removed the card took the question from its readers: they are to hear of it in other ways.
    if (card.kind === 'absent' && open) return this.#failed({ kind: 'gone', code: 'slack.card_gone' });
    if (card.kind !== 'shown') return card;

    const twin = this.#known(TWIN);
    if (card.sought && twin === undefined) await this.surfaces.intend(TWIN, 'slack', this.channel);
    if (twin === undefined) return card;
    const found = await this.#bring(TWIN, { ...lasting, postable: false, others: [card.ts] }, CARD);
    if (found.kind === 'absent' && twin.state === 'intended' && twin.ageMs > TWIN_MS)
      await this.surfaces.gone(TWIN, 'slack.no_twin');
    return card;
  }

  async #showThread(ts: string): Promise<void> {
    const place = { channel: this.channel, thread: ts };
    for (const event of this.notice.events) {
      const message = buildEvent(this.notice, event, this.recipients);
      if (message === undefined) continue;
      const told = await this.#bring(`slack/event/${event.key}`, { place, message, postable: true });
      // A thread is read from top to bottom: what comes later waits for what comes first.
      if (told.kind === 'failed') return;
    }
  }

  /** The owner of the agent, in a conversation of their own; never asked there, only told. */
  async #showOwner(): Promise<void> {
    const { notice, recipients } = this;
    const owner = recipients.find(({ person }) => person === notice.owner);
    const known = this.#known(OWNER);
    if (owner === undefined || (known === undefined && notice.state !== 'open') || known?.state === 'gone') return;
    const channel = known?.place ?? (await this.#conversationWith(owner.address));
    if (channel === undefined) return;
    const place = { channel };
    const told = await this.#bring(OWNER, { place, message: buildOwnerNote(notice), postable: true, lasting: true });
    const ended = notice.events.some(({ kind }) => kind === 'ended') && notice.state !== 'superseded';
    if (told.kind === 'shown' && ended)
      await this.#bring(`${OWNER}/end`, { place, message: buildOwnerEnd(notice), postable: true });
  }

  async #conversationWith(user: string): Promise<string | undefined> {
    if (this.#broken()) return undefined;
    const opened = await this.deps.client.openConversation(user);
    if (opened.ok) return opened.value;
    // Somebody who left, or takes no messages from apps, hears of it elsewhere.
    if (opened.fault.kind !== 'gone') this.#failed(opened.fault);
    return undefined;
  }

  async #bring(
    name: string,
    surface: Pick<SlackSurface, 'place' | 'message' | 'postable'> & Partial<SlackSurface>,
    markedAs = name,
  ): Promise<SurfaceResult> {
    const { request, action, version, sinceOpenedMs } = this.notice;
    if (this.#broken()) return { kind: 'absent' };
    if (this.deps.clock.now() > this.#until) return this.#failed({ kind: 'retry', code: 'slack.out_of_time' });
    const mark = { request, action, surface: markedAs };
    const usual = { name, mark, version, sinceOpenedMs, lasting: false, needed: false };
    const result = await showSurface(this.deps, this.surfaces, { ...usual, ...surface });
    return result.kind === 'failed' ? this.#failed(result.fault) : result;
  }

  #known(name: string): Surfaces['all'][number] | undefined {
    return this.surfaces.all.find(({ surface }) => surface === name);
  }

  /** Nothing works until somebody mends it: no use to ask on. */
  #broken(): boolean {
    return this.#faults.some(({ kind }) => kind === 'broken');
  }

  #failed(fault: SlackFault): Extract<SurfaceResult, { kind: 'failed' }> {
    this.#faults.push(fault);
    return { kind: 'failed', fault };
  }
}
