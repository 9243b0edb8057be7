import { readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { minorUnits } from './minor-units';
import { type InvoiceProblem, type PrintedInvoice } from './printed-invoice';
import { readJsonInvoice } from './read-json-invoice';
import { readUblInvoice } from './read-ubl-invoice';

/** The parameters of `payments.pay_invoice` or, with an `account`, of `payments.post_and_pay`. Whether they are acceptable is not the reader's business: the gateway judges them. */
export interface InvoiceParams {
  readonly [name: string]: string | number;
  readonly invoiceId: string;
  readonly vendorId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly account?: string;
}

export type InvoiceReading = { readonly kind: 'invoice'; readonly params: InvoiceParams } | InvoiceProblem;

/** An invoice fills a few kilobytes; more is an attack, or another document. */
const MAX_FILE_BYTES = 64 * 1024;

/** Reads an invoice file: UBL 2.1 XML, or JSON. A file that says nothing readable is a value, not an error; a file that is not there is an error. */
export function readInvoice(path: string): InvoiceReading {
  if (statSync(path).size > MAX_FILE_BYTES)
    return { kind: 'problem', code: 'too_large', message: 'The file is too large for an invoice.' };
  return readInvoiceText(readFileSync(path, 'utf8'), extname(path));
}

/** @param extension with its dot */
export function readInvoiceText(text: string, extension: string): InvoiceReading {
  const printed = printedIn(text, extension);
  if ('kind' in printed) return printed;
  const { invoiceId, vendorId, amount, currency, issueDate, dueDate, account, note } = printed;
  const amountMinor = minorUnits(amount, currency);
  if (amountMinor === undefined)
    return {
      kind: 'problem',
      code: 'amount_unreadable',
      message: 'The amount is no plain decimal in a currency we pay in.',
      printed,
    };
  return {
    kind: 'invoice',
    params: {
      invoiceId,
      vendorId,
      amountMinor,
      currency,
      ...(account === undefined ? {} : { account }),
      // What is due on the day it was written cannot wait for the usual way.
      ...(dueDate === issueDate ? { urgency: 'same-day' } : {}),
      ...(note === undefined ? {} : { memo: note }),
    },
  };
}

function printedIn(text: string, extension: string): PrintedInvoice | InvoiceProblem {
  if (extension === '.xml') return readUblInvoice(text);
  if (extension === '.json') return readJsonInvoice(text);
  return { kind: 'problem', code: 'unknown_format', message: 'Only .xml and .json are invoices.' };
}
