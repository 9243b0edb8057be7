import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ActionHandle } from '../client/action-handle';
import { type Countersign } from '../client/countersign';
import { CountersignError } from '../client/countersign-error';
import { packageRoot } from '../config/paths';
import { type Handled, type InvoiceEnding } from './handled';
import { type InvoiceProblem } from './reader/printed-invoice';
import { type InvoiceParams, readInvoice } from './reader/read-invoice';
import { submitVerbatim } from './submit-verbatim';

/** What is asked for: an invoice that names an account is also posted to it. */
const typeOf = ({ account }: { readonly account?: string }): string =>
  account === undefined ? 'payments.pay_invoice' : 'payments.post_and_pay';

/** An invoice on its way: handed in, or refused already. */
export interface Submission {
  readonly actionId?: string;
  readonly invoiceId?: string;
  /** Waits until it has ended. `approvers` are those whose countersignatures it must have had by then. */
  ended(expected: InvoiceEnding, approvers?: readonly string[]): Promise<Handled>;
}

/** Longer than any chapter takes on a slow machine; then the invoice counts as open, and the demo as failed. */
const ENDED_WITHIN_MS = 60_000;
const ASK_MS = 10_000;

/** The agent of the demo: reads invoices and asks to have them paid. It holds no credential of any service. */
export class InvoiceAgent {
  readonly #countersign: Countersign;
  readonly #gateway: { readonly url: string; readonly key: string };

  constructor(countersign: Countersign, gateway: { readonly url: string; readonly key: string }) {
    this.#countersign = countersign;
    this.#gateway = gateway;
  }

  /** Hands a file in and waits until it has ended. */
  async settle(file: string, expected: InvoiceEnding): Promise<Handled> {
    const submission = await this.handIn(file);
    return submission.ended(expected);
  }

  /** Reads a file and asks for its payment. The key is that of the task, so that doing the task again asks for nothing new. */
  async handIn(file: string): Promise<Submission> {
    const reading = readInvoice(join(packageRoot(), 'demo', 'invoices', file));
    const key = `inbox:${file}:pay`;
    if (reading.kind === 'problem') return refused(file, await this.#codeOf(reading, key));
    const { params } = reading;
    try {
      const because = `Invoice ${params.invoiceId} arrived as ${file}`;
      const action = await this.#countersign.submit(typeOf(params), params, { key, because, context: { trace: key } });
      return {
        actionId: action.id,
        invoiceId: params.invoiceId,
        ended: (expected, approvers) => this.#follow(action, { file, params, expected, approvers }),
      };
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      return refused(file, error.code, params);
    }
  }

  /** Asks for a login of its own to the general ledger. */
  askToRead(why: string): Promise<ActionHandle> {
    return this.#countersign.submit('books.read', { why }, { key: 'month-end:read', because: why });
  }

  /** An amount that the reader does not trust is sent as it is printed: a careless agent would do that, and the gateway must stand it. */
  async #codeOf({ code, printed }: InvoiceProblem, key: string): Promise<string> {
    return code === 'amount_unreadable' && printed !== undefined
      ? submitVerbatim(this.#gateway, typeOf(printed), printed, key)
      : code;
  }

  async #follow(
    action: ReturnType<Countersign['action']>,
    about: Pick<Handled, 'file' | 'expected' | 'approvers'> & { params: InvoiceParams },
  ): Promise<Handled> {
    const deadline = performance.now() + ENDED_WITHIN_MS;
    for (;;) {
      const outcome = await action.result({ waitMs: ASK_MS });
      const common = { ...about, actionId: action.id };
      if (outcome.kind === 'executed') return { ...common, ending: 'executed', why: [] };
      if ('reasons' in outcome)
        return { ...common, ending: outcome.kind, why: outcome.reasons.map(({ code }) => code) };
      if (performance.now() > deadline) return { ...common, ending: 'open', why: outcome.waitingOn };
      await sleep(100);
    }
  }
}

function refused(file: string, code: string, params?: InvoiceParams): Submission {
  return {
    ended: (expected) =>
      Promise.resolve({ file, expected, ending: 'invalid', why: [code], ...(params === undefined ? {} : { params }) }),
  };
}
