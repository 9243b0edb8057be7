import { Countersign } from '../../client/countersign';
import { type ActionHandle } from '../../client/action-handle';
import { CountersignError } from '../../client/countersign-error';
import { issueKey, revokeKey } from './commands';

/** What came of one request: how it ended, or the code with which it was refused at the door. */
export type Ended = { readonly id?: string; readonly kind: string };

/** One agent with its key, which pays small invoices, and asks for larger ones. */
export class FleetAgent {
  readonly id: string;
  readonly #home: string;
  readonly #url: string;
  #key: { readonly id: string; readonly secret: string } | undefined;
  #asked = 0;

  constructor(id: string, home: string, url: string) {
    this.id = id;
    this.#home = home;
    this.#url = url;
  }

  /** Takes a new key, goes on with it, and has the old one ended. */
  async rotate(): Promise<void> {
    const old = this.#key;
    this.#key = await issueKey(this.#home, this.id);
    if (old !== undefined) await revokeKey(this.#home, old.id);
  }

  /** Asks for a payment. @param amountMinor above 1,000.00 a person is asked */
  async ask(amountMinor = 100, invoiceId = this.#nextInvoice()): Promise<ActionHandle> {
    const client = new Countersign({ url: this.#url, key: this.#key?.secret ?? '' });
    const params = { invoiceId, vendorId: 'globex', amountMinor, currency: 'EUR' };
    return await client.submit('payments.pay_invoice', params, { key: invoiceId });
  }

  /** Pays, and waits for the end. */
  async pay(): Promise<Ended> {
    try {
      const handle = await this.ask();
      return { id: handle.id, kind: (await handle.result({ waitMs: 60_000 })).kind };
    } catch (error) {
      if (error instanceof CountersignError) return { kind: error.code };
      throw error;
    }
  }

  #nextInvoice(): string {
    this.#asked += 1;
    return `${this.id.toUpperCase()}-${String(this.#asked)}`;
  }
}
