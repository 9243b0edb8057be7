import fc from 'fast-check';
import { type JsonObject } from '../../domain/json';
import { type ActionDocument, actionDigest, envelopeOf, factsDigest } from '../../evidence/action-digest';

const document: ActionDocument = {
  v: 1,
  tenant: 'acme',
  environment: 'production',
  agent: { id: 'a', generation: 1, version: '1' },
  type: 't.do',
  typeVersion: 1,
  params: { amount: 50, currency: 'EUR', target: 'Alpha', list: [1, 2], none: null },
  envelope: { '/facts/v/iban': 'DE1' },
  factsDigest: factsDigest({ v: { iban: 'DE1' } }),
  salt: '00',
  round: 1,
};

/** Every way to change one leaf of a document. */
function mutations(value: unknown): unknown[] {
  if (typeof value === 'number') return [value + 1, String(value), -value, null];
  if (typeof value === 'string')
    return [
      `${value} `,
      value.toUpperCase() === value ? value.toLowerCase() + '.' : value.toUpperCase(),
      `${value}\u200b`,
      '',
      null,
    ];
  if (value === null) return [0, '', false];
  if (Array.isArray(value))
    return [
      [...value].reverse(),
      [...value, null],
      ...value.flatMap((each, i) => mutations(each).map((other) => value.with(i, other))),
    ];
  const object = value as Record<string, unknown>;
  return [
    { ...object, extra: null },
    ...Object.keys(object).flatMap((name) => [
      ...mutations(object[name]).map((other) => ({ ...object, [name]: other })),
      Object.fromEntries(Object.entries(object).filter(([each]) => each !== name)),
    ]),
  ];
}

test('X13 whatever is changed in a document, the digest is another', () => {
  const all = mutations(document);
  expect(all.length).toBeGreaterThan(60);
  expect(all.filter((other) => actionDigest(other as ActionDocument) === actionDigest(document))).toEqual([]);
});

test('X14 the order of members does not matter, nor a way through the database', () => {
  const turned = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([name, member]) => [name, turned(member)]),
        )
      : value;
  expect(actionDigest(turned(document) as ActionDocument)).toBe(actionDigest(document));
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string().filter((name) => name !== '__proto__' && !/\p{Surrogate}/u.test(name)),
        fc.oneof(fc.integer(), fc.boolean(), fc.constant(null)),
      ),
      (params) => {
        expect(actionDigest({ ...document, params: JSON.parse(JSON.stringify(params)) as JsonObject })).toBe(
          actionDigest({ ...document, params }),
        );
      },
    ),
  );
});

test('the envelope holds what its pointers find; what is absent differs from null', () => {
  const type = { envelope: ['/facts/v/iban', '/params/x', '/facts/none', '/facts/constructor'] };
  expect(envelopeOf(type, { params: { x: 1 }, facts: { v: { iban: null } } })).toEqual({
    '/facts/v/iban': null,
    '/params/x': 1,
  });
  expect(envelopeOf(type, { params: {}, facts: { v: null } })).toEqual({});
});
