import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { type InvoiceProblem, type PrintedInvoice } from './printed-invoice';

const UBL = 'urn:oasis:names:specification:ubl:schema:xsd:';

/** The parts of a UBL 2.1 invoice that a payment needs. What occurs twice is an array and does not fit: there is no guessing which one counts. */
const invoiceSchema = z.strictObject({
  '?xml': z.unknown().optional(),
  Invoice: z.object({
    '@xmlns': z.literal(`${UBL}Invoice-2`),
    '@xmlns:cac': z.literal(`${UBL}CommonAggregateComponents-2`),
    '@xmlns:cbc': z.literal(`${UBL}CommonBasicComponents-2`),
    'cbc:ID': z.string(),
    'cbc:IssueDate': z.iso.date(),
    'cbc:DueDate': z.iso.date(),
    'cbc:Note': z.string().optional(),
    'cbc:AccountingCost': z.string().optional(),
    'cac:AccountingSupplierParty': z.object({
      'cac:Party': z.object({ 'cac:PartyIdentification': z.object({ 'cbc:ID': z.string() }) }),
    }),
    'cac:LegalMonetaryTotal': z.object({
      'cbc:PayableAmount': z.object({ '#text': z.string(), '@currencyID': z.string() }),
    }),
  }),
});

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  // Everything stays the text that it is: the parser's numbers are floats.
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  maxNestedTags: 20,
});

/** Reads a UBL 2.1 invoice with the usual prefixes `cac` and `cbc`. */
export function readUblInvoice(text: string): PrintedInvoice | InvoiceProblem {
  // A document type can define entities that unfold without end or fetch files. No invoice needs one.
  if (/<!(DOCTYPE|ENTITY)/i.test(text))
    return { kind: 'problem', code: 'forbidden_markup', message: 'The file defines markup of its own.' };
  let document: unknown;
  try {
    document = parser.parse(text, true);
  } catch {
    // The parser's message quotes the file, which may say anything.
    return { kind: 'problem', code: 'malformed', message: 'The file is not well-formed XML.' };
  }
  const read = invoiceSchema.safeParse(document);
  if (!read.success)
    return { kind: 'problem', code: 'not_an_invoice', message: `Not a UBL 2.1 invoice: ${pathsOf(read.error)}` };
  const { Invoice: invoice } = read.data;
  const total = invoice['cac:LegalMonetaryTotal']['cbc:PayableAmount'];
  return {
    invoiceId: plainText(invoice['cbc:ID']),
    vendorId: plainText(invoice['cac:AccountingSupplierParty']['cac:Party']['cac:PartyIdentification']['cbc:ID']),
    amount: total['#text'],
    currency: total['@currencyID'],
    issueDate: invoice['cbc:IssueDate'],
    dueDate: invoice['cbc:DueDate'],
    ...(invoice['cbc:AccountingCost'] === undefined ? {} : { account: plainText(invoice['cbc:AccountingCost']) }),
    ...(invoice['cbc:Note'] === undefined ? {} : { note: plainText(invoice['cbc:Note']) }),
  };
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Replaces the five entities of XML itself, once; anything else stays as it is written. */
function plainText(text: string): string {
  return text.replace(/&(lt|gt|amp|quot|apos);/g, (whole, name: string) => NAMED[name] ?? whole);
}

function pathsOf(error: z.ZodError): string {
  return error.issues.map(({ path }) => path.join('/')).join(', ');
}
