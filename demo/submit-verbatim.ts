import { z } from 'zod';
import { type PrintedInvoice } from './reader/printed-invoice';

const problemSchema = z.object({ code: z.string() });

/** What JSON takes for a number; only that can be put into a body without changing the rest of it. */
const JSON_NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/;

/**
 * Asks for a payment with the amount exactly as printed, which no serialiser would write: `1e999` is a number in JSON and none anywhere else.
 * Answers with the code of the refusal; that it is taken would be a fault of the gateway, and is an error here.
 */
export async function submitVerbatim(
  gateway: { readonly url: string; readonly key: string },
  type: string,
  { invoiceId, vendorId, amount, currency }: PrintedInvoice,
  key: string,
): Promise<string> {
  if (!JSON_NUMBER.test(amount)) return 'amount_unreadable';
  const params = `{"invoiceId":${JSON.stringify(invoiceId)},"vendorId":${JSON.stringify(vendorId)},"amountMinor":${amount},"currency":${JSON.stringify(currency)}}`;
  const response = await fetch(`${gateway.url}/v1/actions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json', 'idempotency-key': key },
    body: `{"type":${JSON.stringify(type)},"params":${params}}`,
  });
  if (response.status >= 500 || response.ok)
    throw new Error(`The gateway answered ${response.status} to an amount of ${amount}.`);
  return problemSchema.parse(await response.json()).code;
}
