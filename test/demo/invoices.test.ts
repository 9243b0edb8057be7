import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { minorUnits } from '../../demo/reader/minor-units';
import { readInvoice, readInvoiceText } from '../../demo/reader/read-invoice';

const folder = join(__dirname, '../../demo/invoices');
const good = readFileSync(join(folder, '01-small.xml'), 'utf8');

describe('the sample invoices', () => {
  const table: Readonly<Record<string, object>> = {
    '01-small.xml': { params: { invoiceId: 'INV-2041', vendorId: 'globex', amountMinor: 64_000, currency: 'EUR' } },
    '02-small-dollars.json': {
      params: {
        invoiceId: 'INV-2042',
        vendorId: 'initech',
        amountMinor: 12_990,
        currency: 'USD',
        memo: 'Printer maintenance, October',
      },
    },
    '03-large.xml': { params: { amountMinor: 1_248_000 } },
    '04-unverified-vendor.json': { params: { vendorId: 'hooli' } },
    '05-malformed.xml': { code: 'malformed' },
    '06-malformed.json': { code: 'malformed' },
    '07-duplicate.json': { params: { invoiceId: 'INV-2041', amountMinor: 64_000 } },
    '08-unknown-vendor.xml': { params: { vendorId: 'mallory' } },
    '09-inactive-vendor.json': { params: { vendorId: 'umbrella' } },
    '10-beyond-numbers.json': { code: 'amount_unreadable', printed: { amount: '1e999' } },
    '11-negative.xml': { params: { amountMinor: -12_500 } },
    '12-injected-memo.xml': { params: { amountMinor: 980_000, memo: expect.stringContaining('<!channel>') as string } },
    '13-wrong-price.xml': { params: { amountMinor: 745_000 } },
    '14-due-today.json': { params: { urgency: 'same-day' } },
    '15-bank-refuses.xml': { params: { invoiceId: 'INV-2055' } },
    '16-reply-lost.json': { params: { invoiceId: 'INV-2056' } },
    '17-worker-killed.xml': { params: { invoiceId: 'INV-2057' } },
    '18-entity-bomb.xml': { code: 'forbidden_markup' },
    '19-stationery.json': { params: { vendorId: 'vandelay', amountMinor: 8_420 } },
    '20-catering.xml': { params: { vendorId: 'tyrell', amountMinor: 35_640 } },
    '21-hosting.json': { params: { amountMinor: 24_900, currency: 'USD' } },
    '22-posted-freight.xml': { params: { account: '6520', amountMinor: 41_876 } },
    '23-posted-software.json': { params: { account: '6400', amountMinor: 99_000, currency: 'USD' } },
    '24-posted-seals.xml': { params: { invoiceId: 'GLX-33010', account: '6000', amountMinor: 71_230 } },
    '25-posted-parts.xml': { params: { account: '6000', amountMinor: 431_000 } },
    '26-consulting.json': { params: { amountMinor: 620_000 } },
    '27-posted-wrong-account.json': { params: { account: '0700' } },
    '28-posted-worker-killed.json': { params: { invoiceId: 'INI-77230', account: '6400' } },
    '29-press-line.xml': { params: { account: '0700', amountMinor: 4_890_000 } },
    '30-half-signed.json': { params: { urgency: 'same-day', amountMinor: 420_000 } },
    '31-second-one-says-no.xml': { params: { amountMinor: 2_750_000 } },
    '32-signed-twice.json': { params: { amountMinor: 3_100_000 } },
    '33-needs-three-people.json': { params: { vendorId: 'hooli', amountMinor: 2_200_000 } },
    '34-over-budget.xml': { params: { amountMinor: 24_000_000 } },
    '35-account-moved.json': { params: { vendorId: 'vulcan' } },
    '36-amount-is-a-number.json': { code: 'not_an_invoice' },
    '37-three-decimals.xml': { code: 'amount_unreadable', printed: { amount: '119.995' } },
    '38-francs.json': { code: 'amount_unreadable', printed: { currency: 'CHF' } },
    '39-credit-note.xml': { code: 'not_an_invoice' },
    '40-two-totals.xml': { code: 'not_an_invoice' },
    '41-nothing-to-pay.json': { params: { amountMinor: 0 } },
    '42-posted-duplicate.xml': { params: { invoiceId: 'GLX-33010', account: '6000', amountMinor: 71_230 } },
    '43-posted-inactive-vendor.json': { params: { vendorId: 'soylent' } },
    '44-unknown-account.json': { params: { account: '9999' } },
    '45-bank-refuses-posted.xml': { params: { invoiceId: 'TYR-0115', account: '6000' } },
    '46-account-held.json': { params: { account: '6815' } },
    '47-posted-reply-lost.xml': { params: { invoiceId: 'VAN-10925', account: '6520' } },
  };

  test('are all read here', () => {
    expect(
      readdirSync(folder)
        .filter((name) => !name.endsWith('.md'))
        .sort(),
    ).toEqual(Object.keys(table));
  });

  test.each(Object.entries(table))('%s', (name, expected) => {
    expect(readInvoice(join(folder, name))).toMatchObject(expected);
  });

  test('a missing file is an error, not an unreadable invoice', () => {
    expect(() => readInvoice(join(folder, 'none.xml'))).toThrow('ENOENT');
  });
});

describe('what is no invoice', () => {
  test.each([
    [
      'two totals',
      good.replace(
        '<cbc:PayableAmount',
        '<cbc:PayableAmount currencyID="EUR">1.00</cbc:PayableAmount><cbc:PayableAmount',
      ),
      'not_an_invoice',
    ],
    ['another document', good.replace('Invoice-2"', 'CreditNote-2"'), 'not_an_invoice'],
    ['prefixes that mean something else', good.replace('CommonBasicComponents-2', 'Other-2'), 'not_an_invoice'],
    [
      'a total without currency',
      good.replace(/<cbc:PayableAmount currencyID="EUR"/, '<cbc:PayableAmount'),
      'not_an_invoice',
    ],
    ['a date that does not exist', good.replace('2026-11-02', '2026-02-30'), 'not_an_invoice'],
    ['two roots', `${good}<a/>`, 'not_an_invoice'],
    [
      'an entity that fetches a file',
      good.replace('?>', '?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'),
      'forbidden_markup',
    ],
    ['a parameter entity in lower case', good.replace('?>', '?><!doctype x [<!entity % f "x">]>'), 'forbidden_markup'],
    [
      'deep nesting',
      good.replace('<cac:InvoiceLine>', `${'<a>'.repeat(30)}${'</a>'.repeat(30)}<cac:InvoiceLine>`),
      'malformed',
    ],
    [
      'a member of every object',
      good.replace('<cac:InvoiceLine>', '<__proto__>1</__proto__><cac:InvoiceLine>'),
      'malformed',
    ],
    ['nothing', '', 'malformed'],
  ])('XML with %s', (_, text, code) => {
    expect(readInvoiceText(text, '.xml')).toMatchObject({ kind: 'problem', code });
  });

  test.each([
    ['a number for an amount', '{"total":{"amount":1e999,"currency":"EUR"}}', 'malformed'],
    ['a name twice', '{"a":1,"a":2}', 'malformed'],
    ['unknown members', '{"pay":"now"}', 'not_an_invoice'],
    ['an array', '[]', 'not_an_invoice'],
  ])('JSON with %s', (_, text, code) => {
    expect(readInvoiceText(text, '.json')).toMatchObject({ kind: 'problem', code });
  });

  test('an entity that is not one of XML stays what it is', () => {
    const text = good.replace(
      '<cbc:DocumentCurrencyCode>',
      '<cbc:Note>&amp;lt; &bomb; &lt;b&gt;</cbc:Note><cbc:DocumentCurrencyCode>',
    );
    expect(readInvoiceText(text, '.xml')).toMatchObject({ params: { memo: '&lt; &bomb; <b>' } });
  });
});

describe('amounts', () => {
  test.each([
    ['12.30', 1230],
    ['12.3', 1230],
    ['12', 1200],
    ['+12.00', 1200],
    ['-0.01', -1],
    ['-0.00', 0],
    ['0.10', 10],
    ['640.0000', 64_000],
    ['999999999999.99', 99_999_999_999_999],
    ['007', 700],
    ['12.345', undefined],
    ['1e3', undefined],
    ['1e999', undefined],
    ['NaN', undefined],
    ['Infinity', undefined],
    ['0x10', undefined],
    ['1,000.00', undefined],
    ['1 000', undefined],
    ['.5', undefined],
    ['5.', undefined],
    ['', undefined],
    ['--1', undefined],
    ['١٢', undefined],
    ['12\n', undefined],
    ['1'.repeat(13), undefined],
    ['1'.repeat(100_000), undefined],
  ])('%j', (printed, minor) => {
    expect(minorUnits(printed, 'EUR')).toBe(minor);
  });

  test.each(['GBP', 'JPY', 'eur', '', 'toString'])('in %j are not guessed', (currency) => {
    expect(minorUnits('1.00', currency)).toBeUndefined();
  });

  test('every whole number of cents survives printing and reading', () => {
    fc.assert(
      fc.property(fc.integer({ min: -99_999_999_999, max: 99_999_999_999 }), (minor) => {
        const digits = String(Math.abs(minor)).padStart(3, '0');
        const printed = `${minor < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
        return minorUnits(printed, 'EUR') === minor;
      }),
      { numRuns: 2_000 },
    );
  });

  test('no text makes an amount that is not a safe whole number', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.stringMatching(/^[-+0-9.eE]{0,40}$/)), (text) => {
        const minor = minorUnits(text, 'USD');
        return minor === undefined || (Number.isSafeInteger(minor) && !Object.is(minor, -0));
      }),
      { numRuns: 5_000 },
    );
  });

  test('no file makes the reader throw', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('.xml', '.json'),
        fc.nat(good.length),
        fc.nat(40),
        fc.string({ unit: 'binary' }),
        (extension, start, length, noise) => {
          readInvoiceText(good.slice(0, start) + noise + good.slice(start + length), extension);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
