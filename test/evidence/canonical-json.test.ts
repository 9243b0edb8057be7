import fc from 'fast-check';
import { type Json } from '../../domain/json';
import { canonicalJson } from '../../evidence/canonical-json';
import { digestOf } from '../../evidence/digest-of';

const bits = (hex: string): number => Buffer.from(hex, 'hex').readDoubleBE();

describe('X14 canonicalJson', () => {
  test('the example of RFC 8785, section 3.2.2', () => {
    const input = String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
      "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`;
    const expected = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`;
    expect(canonicalJson(JSON.parse(input) as Json)).toBe(expected);
  });

  test('members are sorted by UTF-16 code units (section 3.2.3)', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    const text = canonicalJson(Object.fromEntries(names.map((name) => [name, 0])));
    expect(text).toBe('{"\\r":0,"1":0,"\u0080":0,"\u00f6":0,"\u20ac":0,"\ud83d\ude00":0,"\ufb33":0}');
  });

  test.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('the number %s of appendix B is %s', (hex, text) => expect(canonicalJson(bits(hex))).toBe(text));

  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  test.each<[string, unknown]>([
    ['NaN', bits('7fffffffffffffff')],
    ['infinity', bits('7ff0000000000000')],
    ['undefined', undefined],
    ['an undefined member', { a: undefined }],
    ['an undefined item', [undefined]],
    ['a hole', [1, , 2]],
    ['a function', () => 1],
    ['a toJSON method', { toJSON: () => 'other' }],
    ['a symbol', Symbol('a')],
    ['a symbol member', { [Symbol('a')]: 1 }],
    ['a bigint', 1n],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a boxed number', Object(1)],
    ['a lone surrogate', 'a\ud800b'],
    ['a lone surrogate in a name', { '\udc00': 1 }],
    ['a member named __proto__', JSON.parse('{"__proto__":{"a":1}}')],
    ['a cycle', cyclic],
  ])('%s has no canonical text', (_, value) => expect(() => canonicalJson(value as Json)).toThrow(TypeError));

  test('64 levels are the limit', () => {
    const nested = (depth: number): Json => (depth === 0 ? 1 : [nested(depth - 1)]);
    expect(canonicalJson(nested(64))).toContain('1');
    expect(() => canonicalJson(nested(65))).toThrow(/deeper than 64/);
  });

  test('an accessor is read once', () => {
    let reads = 0;
    const shifty = {
      get amount(): number {
        reads += 1;
        return reads;
      },
    };
    expect(canonicalJson(shifty as unknown as Json)).toBe('{"amount":1}');
    expect(reads).toBe(1);
  });

  test('objects from another realm and without a prototype are plain', () => {
    expect(canonicalJson(structuredClone({ b: [1], a: null }))).toBe('{"a":null,"b":[1]}');
    expect(canonicalJson(Object.assign(Object.create(null) as Record<string, Json>, { a: 1 }))).toBe('{"a":1}');
  });
});

/** JSON values without what canonicalJson refuses. */
const json = fc
  .jsonValue({ maxDepth: 4 })
  .filter((value) => !JSON.stringify(value).includes('__proto__')) as fc.Arbitrary<Json>;

const shuffled = (value: Json): Json => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map(shuffled);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, shuffled(member)]),
  );
};

describe('X13 X14 digestOf', () => {
  test('the order of members does not matter, and canonical text is a fixed point', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(digestOf('action', shuffled(value))).toBe(digestOf('action', value));
        expect(canonicalJson(JSON.parse(canonicalJson(value)) as Json)).toBe(canonicalJson(value));
      }),
      { numRuns: 300 },
    );
  });

  test('two values have the same digest only when they are the same JSON', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(digestOf('action', a) === digestOf('action', b)).toBe(canonicalJson(a) === canonicalJson(b));
      }),
      { numRuns: 300 },
    );
  });

  test('any change of one leaf changes the digest', () => {
    const leaf = fc
      .oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))
      .filter((value) => typeof value !== 'string' || /^\P{Surrogate}*$/u.test(value));
    const names = fc.stringMatching(/^[a-z]{1,6}$/);
    fc.assert(
      fc.property(fc.dictionary(names, leaf, { minKeys: 1 }), leaf, fc.nat(), (object, other, pick) => {
        const name = Object.keys(object)[pick % Object.keys(object).length] ?? '';
        fc.pre(canonicalJson(object[name] ?? null) !== canonicalJson(other));
        expect(digestOf('action', { deep: [{ ...object, [name]: other }] })).not.toBe(
          digestOf('action', { deep: [object] }),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('the kind separates digests of the same value', () => {
    const kinds = ['action', 'request', 'facts', 'bundle', 'decision', 'chain', 'card', 'body'] as const;
    expect(new Set(kinds.map((kind) => digestOf(kind, { a: 1 }))).size).toBe(kinds.length);
  });

  test('composed and decomposed letters stay different, numbers in any spelling are one', () => {
    expect(digestOf('action', '\u00e9')).not.toBe(digestOf('action', 'e\u0301'));
    expect(digestOf('action', JSON.parse('[1.0,1e0,-0]') as Json)).toBe(digestOf('action', [1, 1, 0]));
  });

  test('is what anyone can compute from the description', () => {
    // printf 'countersign/action/v1\0{"a":1}' | sha256sum
    expect(digestOf('action', { a: 1 })).toBe(
      'sha256:05039235c053ad71f5165b40d3317157f197813041439bbff21ce1e18fbd9493',
    );
  });
});
