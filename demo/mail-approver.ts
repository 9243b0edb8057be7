import { waitUntil } from '../stack/wait-until';
import { type Approver, type Asked } from './approver';
import { type ArrivedMail, type MailDouble } from './doubles/mail/start-mail-double';

/** Mails go out after the cards in Slack, which take a second each. */
const MAIL_WITHIN_MS = 60_000;
const LINK = /(http:\/\/[^\s/]+)\/approvals\/[\w-]{43}/;
const SUBJECT = 'Decide: ';

/** A person with a mailbox: opens the link of a mail, asks for a code, and types it in. */
export class MailApprover implements Approver {
  readonly name: string;
  readonly #address: string;
  readonly #server: MailDouble;
  /** Codes look alike: one decision after the other. */
  #busy: Promise<unknown> = Promise.resolve();

  constructor(name: string, address: string, server: MailDouble) {
    this.name = name;
    this.#address = address;
    this.#server = server;
  }

  async decide({ invoiceId, digest }: Asked, choice: 'approve' | 'deny', reason: string): Promise<string> {
    const asked = await this.#mail(`about ${invoiceId ?? 'no invoice'}`, 0, ({ subject, text }) => {
      const words = [invoiceId ?? 'no invoice', digest ?? ''];
      return subject?.startsWith(SUBJECT) === true && words.every((word) => text?.includes(word) === true);
    });
    const [link = '', gateway = ''] = LINK.exec(asked.parsed.text ?? '') ?? [];
    const turn = this.#busy.then(() => this.#answer({ link, gateway }, choice, reason));
    this.#busy = turn.catch(() => 'the next one does not mind');
    await turn;
    return asked.parsed.subject?.slice(SUBJECT.length) ?? '';
  }

  async #answer(
    { link, gateway }: { readonly link: string; readonly gateway: string },
    choice: 'approve' | 'deny',
    reason: string,
  ): Promise<void> {
    const send = async (to: string, form: Readonly<Record<string, string>>): Promise<void> => {
      const body = new URLSearchParams(form);
      const response = await fetch(link + to, { method: 'POST', body, headers: { origin: gateway } });
      const page = await response.text();
      if (!response.ok) throw new Error(`The page behind ${this.name}'s mail answered ${response.status}: ${page}`);
    };
    const before = this.#server.mails.length;
    await send('/code', { choice, reason });
    const words = new RegExp(`Code to ${choice}: (\\d{6})`);
    const letter = await this.#mail('with a code', before, ({ text }) => words.test(text ?? ''));
    await send('/votes', { choice, reason, code: words.exec(letter.parsed.text ?? '')?.[1] ?? '' });
  }

  async #mail(what: string, from: number, fits: (mail: ArrivedMail['parsed']) => boolean): Promise<ArrivedMail> {
    const find = (): ArrivedMail | undefined =>
      this.#server.mails.slice(from).find(({ to, parsed }) => to.includes(this.#address) && fits(parsed));
    await waitUntil(() => find() !== undefined, {
      what: `No mail ${what} came to ${this.name}`,
      withinMs: MAIL_WITHIN_MS,
    });
    const mail = find();
    if (mail === undefined) throw new Error('unreachable');
    return mail;
  }
}
