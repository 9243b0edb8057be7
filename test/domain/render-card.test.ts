import { type CardField } from '../../domain/documents';
import { renderCard } from '../../domain/render-card';
import { visibleText } from '../../domain/visible-text';
import { type Json, type JsonObject } from '../../domain/json';

const show = (field: CardField, params: JsonObject, facts: Record<string, Json> = {}): string | undefined =>
  renderCard({ headline: '', fields: { it: field } }, { params, facts }, null).fields[0]?.value;

describe('money', () => {
  const money: CardField = { money: ['/params/a', '/params/c'] };
  test.each([
    [1, 'EUR', '0.01 EUR'],
    [99, 'USD', '0.99 USD'],
    [12_345, 'EUR', '123.45 EUR'],
    [123_456_789, 'EUR', '1,234,567.89 EUR'],
    [100_000, 'EUR', '1,000.00 EUR'],
    [5_000, 'JPY', '5,000 JPY'],
    [1_234, 'KWD', '1.234 KWD'],
    [1_234_500, 'HUF', '12,345.00 HUF'],
    [1_234, 'IQD', '1.234 IQD'],
    [100, 'ABC', '100 minor units of ABC'],
    [-250, 'EUR', '-2.50 EUR'],
    [0, 'EUR', '0.00 EUR'],
    [9_007_199_254_740_991, 'EUR', '90,071,992,547,409.91 EUR'],
    [1.5, 'EUR', '1.5 minor units of EUR'],
    ['100', 'EUR', '100 minor units of EUR'],
    [100, 'euro', '100 minor units of euro'],
    [100, null, '100 minor units of (nothing)'],
  ])('%j %s reads %s', (a, c, text) => {
    expect(show(money, { a, c })).toBe(text);
  });
});

describe('a card', () => {
  test('has its values in the headline, once, and nothing of theirs is taken for a hole', () => {
    const card = {
      headline: 'Pay {amount} to {vendor} {vendor} {nobody}',
      fields: { amount: { text: '/params/a' }, vendor: { text: '/params/v' } },
    };
    expect(renderCard(card, { params: { a: '{vendor}', v: '$&x' }, facts: {} }, null).headline).toBe(
      'Pay {vendor} to $&x $&x {nobody}',
    );
  });

  test('flags what changed since the round before, where the catalogue asks for it', () => {
    const card = {
      headline: '',
      fields: { iban: { text: '/facts/v/iban', flagChanged: true }, name: { text: '/facts/v/name' } },
    };
    const now = { params: {}, facts: { v: { iban: 'B', name: 'new' } } };
    expect(renderCard(card, now, { v: { iban: 'A', name: 'old' } }).fields).toEqual([
      { label: 'iban', value: 'B', before: 'A' },
      { label: 'name', value: 'new' },
    ]);
    expect(renderCard(card, now, { v: { iban: 'B', name: 'old' } }).fields[0]).toEqual({ label: 'iban', value: 'B' });
    expect(renderCard(card, now, null).fields[0]).toEqual({ label: 'iban', value: 'B' });
  });

  test('says what is not there, and cuts visibly what is too long', () => {
    expect(show({ text: '/facts/v/name' }, {}, { v: null })).toBe('(nothing)');
    expect(show({ text: '/params/p' }, { p: 'x'.repeat(1_000) })).toMatch(/^x{200}… \(800 more characters\)$/);
  });
});

test.each([
  ['plain text, with ümlauts 漢字 and €', 'plain text, with ümlauts 漢字 and €'],
  ['line\nbreak', 'line\\u{a}break'],
  ['\u001b[31mred', '\\u{1b}[31mred'],
  ['pay\u202etxt', 'pay\\u{202e}txt'],
  ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
  ['no\u00a0break\u3000', 'no\\u{a0}break\\u{3000}'],
  ['line\u2028separator', 'line\\u{2028}separator'],
  ['tag\u{e0041}', 'tag\\u{e0041}'],
])('%j is shown as %s', (text, shown) => {
  expect(visibleText(text)).toBe(shown);
});
