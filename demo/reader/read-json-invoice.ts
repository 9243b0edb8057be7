import { z } from 'zod';
import { JsonRefusedError, parseJsonStrict } from '../../evidence/parse-json';
import { type InvoiceProblem, type PrintedInvoice } from './printed-invoice';

/** Amounts are strings: a JSON number is a float to whoever reads it. */
const invoiceSchema = z.strictObject({
  invoiceId: z.string(),
  issueDate: z.iso.date(),
  dueDate: z.iso.date(),
  vendor: z.strictObject({ id: z.string(), name: z.string() }),
  total: z.strictObject({ amount: z.string(), currency: z.string() }),
  account: z.string().optional(),
  note: z.string().optional(),
});

/** Reads an invoice in the JSON form that the company agreed on with its vendors. */
export function readJsonInvoice(text: string): PrintedInvoice | InvoiceProblem {
  let document: unknown;
  try {
    document = parseJsonStrict(text);
  } catch (error) {
    if (!(error instanceof JsonRefusedError)) throw error;
    return {
      kind: 'problem',
      code: 'malformed',
      message: `The file is not JSON that can be trusted: ${error.message}.`,
    };
  }
  const read = invoiceSchema.safeParse(document);
  if (!read.success) {
    return {
      kind: 'problem',
      code: 'not_an_invoice',
      message: `Not an invoice: ${read.error.issues.map(({ path }) => path.join('/')).join(', ')}`,
    };
  }
  const { invoiceId, issueDate, dueDate, vendor, total, account, note } = read.data;
  return {
    invoiceId,
    vendorId: vendor.id,
    amount: total.amount,
    currency: total.currency,
    issueDate,
    dueDate,
    ...(account === undefined ? {} : { account }),
    ...(note === undefined ? {} : { note }),
  };
}
