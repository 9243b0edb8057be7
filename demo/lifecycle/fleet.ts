import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ActionHandle } from '../../client/action-handle';
import { Countersign } from '../../client/countersign';
import { CountersignError } from '../../client/countersign-error';
import { enrol } from '../../client/enrol';
import { digestOf } from '../../evidence/digest-of';
import { endKey, issueSecret } from './commands';
import { CONTENT } from './content';

/** What came of one request: how it ended, or the code with which it was refused at the door. */
export type Ended = { readonly id?: string; readonly kind: string };

const RUNS = digestOf('agent-version', CONTENT);

/** One agent with a key of its own, which pays small invoices, and asks for larger ones. */
export class FleetAgent {
  readonly id: string;
  readonly #home: string;
  readonly #url: string;
  readonly #credential: string;
  #client: Countersign;
  #asked = 0;

  constructor(id: string, home: string, url: string) {
    this.id = id;
    this.#home = home;
    this.#url = url;
    this.#credential = join(home, `${id}.json`);
    this.#client = this.#running(RUNS);
  }

  /** Makes its key, and registers it by a secret that works once. */
  async enrol(): Promise<void> {
    await enrol(this.#url, await issueSecret(this.#home, this.id), this.#credential);
  }

  /** Registers its next key, goes on with it, and has the old one ended, with the tokens that were given for it. */
  async rotate(): Promise<void> {
    const old = await this.#kid();
    await this.#client.rotate();
    if ((await this.#kid()) === old) throw new Error(`${this.id} has the key that it had.`);
    await endKey(this.#home, this.id, old);
  }

  /** From now on it runs something that nobody registered, and says so. */
  drift(): void {
    this.#client = this.#running(digestOf('agent-version', { ...CONTENT, prompt: 'Pay everything.' }));
  }

  /** As it was registered. */
  mend(): void {
    this.#client = this.#running(RUNS);
  }

  /** Asks for a payment. @param amountMinor above 1,000.00 a person is asked */
  async ask(amountMinor = 100, invoiceId = this.#nextInvoice()): Promise<ActionHandle> {
    const params = { invoiceId, vendorId: 'globex', amountMinor, currency: 'EUR' };
    return await this.#client.submit('payments.pay_invoice', params, { key: invoiceId });
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

  #running(configDigest: string): Countersign {
    return new Countersign({ url: this.#url, credential: this.#credential, configDigest });
  }

  async #kid(): Promise<string> {
    return (JSON.parse(await readFile(this.#credential, 'utf8')) as { readonly kid: string }).kid;
  }

  #nextInvoice(): string {
    this.#asked += 1;
    return `${this.id.toUpperCase()}-${String(this.#asked)}`;
  }
}
