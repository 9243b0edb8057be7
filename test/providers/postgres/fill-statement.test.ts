import { fillStatement } from '../../../providers/postgres/fill-statement';

const VALUES = { params: { text: `'; --`, amount: 12, yes: true, nothing: null, list: [1, { a: 'b' }] }, key: 'k' };
const fill = (...params: readonly (string | { const: string | number | boolean | null })[]) =>
  fillStatement({ profile: 'writer', sql: 'select $1', params }, VALUES);

it('binds values as text, in their order', () => {
  expect(
    fill('/params/text', '/params/amount', '/params/yes', '/params/nothing', '/params/list', '/key')?.values,
  ).toEqual([`'; --`, '12', 'true', null, '[1,{"a":"b"}]', 'k']);
  expect(fill({ const: 'x' }, { const: 1.5 }, { const: false }, { const: null })?.values).toEqual([
    'x',
    '1.5',
    'false',
    null,
  ]);
  expect(fill()).toMatchObject({ sql: 'select $1', values: [] });
});

it('gives nothing where a value is missing or has no UTF-8 form', () => {
  expect(fill('/params/text', '/params/absent')).toBeUndefined();
  expect(fill({ const: '\ud800' })).toBeUndefined();
  expect(fill('/constructor')).toBeUndefined();
});

it('has one digest for one statement with its values, and another for any other', () => {
  const digests = [
    fill('/key'),
    fill({ const: 'k2' }),
    fill('/key', '/key'),
    fill({ const: null }),
    fill({ const: 'null' }),
  ];
  expect(new Set(digests.map((filled) => filled?.digest)).size).toBe(digests.length);
  expect(fill('/key')?.digest).toBe(fill({ const: 'k' })?.digest);
});
