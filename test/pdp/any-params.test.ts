import { type Catalogue } from '../../domain/documents';
import { createParamsValidator, type ValidatedParams } from '../../pdp/params-validator';

/** A type that takes anything: what is refused here no schema could have let pass. */
const params = {
  type: 'object',
  properties: {
    date: { type: 'string', format: 'date' },
    time: { type: 'string', format: 'date-time' },
    id: { type: 'string', format: 'uuid' },
    kind: { enum: ['one', 2] },
    many: { type: 'array', items: { type: 'integer' } },
    odd: { not: {} },
  },
};
const validate = createParamsValidator({ actionTypes: { 'any.thing': { params } } } as unknown as Catalogue);
const judge = (given: unknown): ValidatedParams => validate('any.thing', given);
const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

it('what is JSON passes, as it was sent', () => {
  const given = { text: 'é\u{1f600}', no: null, yes: true, number: -1.5, list: [{ a: [] }], deep: nested(31) };
  expect(judge(given)).toMatchObject({ ok: true, params: given });
});

it.each<[string, unknown, string, string | RegExp]>([
  ['an infinite number', { a: [1, { b: Infinity }] }, '/a/1/b', 'is not a finite number'],
  ['NUL', { a: 'x\0' }, '/a', /NUL/],
  ['half of a surrogate pair', { a: '\ud800' }, '/a', /surrogate/],
  ['NUL in a name', { a: { 'x\0': 1 } }, '/a', /has a name/],
  ['half of a surrogate pair in a name', { '\udfff': 1 }, '', /has a name/],
  ['a function', { a: () => 1 }, '/a', 'is not JSON'],
  ['nothing', { a: undefined }, '/a', 'is not JSON'],
  ['__proto__', JSON.parse('{"a":{"__proto__":1}}'), '/a/__proto__', /not a name/],
  ['prototype', { prototype: 1 }, '/prototype', /not a name/],
  ['constructor', { constructor: 1 }, '/constructor', /not a name/],
  ['a level too deep', { a: nested(32) }, `/a${'/a'.repeat(32)}`, 'is nested deeper than 32 levels'],
])('%s is refused, whatever the schema takes', (_, given, path, message) => {
  expect(judge(given)).toEqual({
    ok: false,
    problems: [{ path, message: typeof message === 'string' ? message : (expect.stringMatching(message) as string) }],
  });
});

it.each<[string, unknown, string, string]>([
  ['date', '2026-02-30', '/date', 'must match format "date"'],
  ['time', '2026-02-03', '/time', 'must match format "date-time"'],
  ['id', '7', '/id', 'must match format "uuid"'],
  ['kind', 'three', '/kind', 'must be one of one, 2'],
  ['odd', 1, '/odd', 'must NOT be valid'],
])('a %s that is none is told as what it should be', (name, value, path, message) => {
  expect(judge({ [name]: value })).toEqual({ ok: false, problems: [{ path, message }] });
});

it('converts nothing, and tells of every fault up to twenty', () => {
  const many = judge({ many: Array.from({ length: 30 }, () => '1'), kind: 'three' });
  expect(many.ok ? [] : many.problems).toHaveLength(20);
  expect(judge({ many: ['1', 2, '3'] })).toMatchObject({ problems: [{ path: '/many/0' }, { path: '/many/2' }] });
});

it.each(['any.things', 'ANY.THING', 'toString', ''])(
  '%j is no action type, and no parameters are right for it',
  (type) => {
    expect(validate(type, {})).toEqual({
      ok: false,
      problems: [{ path: '', message: 'there is no action type of that name' }],
    });
  },
);

it('what was inherited satisfies no demand, and adds nothing', () => {
  const required = createParamsValidator({
    actionTypes: {
      a: { params: { type: 'object', required: ['x'], additionalProperties: false, properties: { x: {} } } },
    },
  } as unknown as Catalogue);
  expect(required('a', Object.create({ x: 1 }))).toEqual({
    ok: false,
    problems: [{ path: '/x', message: 'is missing' }],
  });
  expect(required('a', { x: 1, 'b/c': 1 })).toEqual({
    ok: false,
    problems: [{ path: '/b~1c', message: 'is not a parameter of this action' }],
  });
  expect(required('a', { x: 1 }).ok).toBe(true);
});
