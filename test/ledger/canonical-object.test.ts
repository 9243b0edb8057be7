import fc from 'fast-check';
import { type JsonObject } from '../../domain/json';
import { canonicalJson } from '../../evidence/canonical-json';
import { createTestLog, type TestLog } from './log';

let log: TestLog;
beforeAll(async () => void (log = await createTestLog()));
afterAll(() => log.close());

const inPostgres = async (objects: readonly JsonObject[]): Promise<string[]> => {
  const texts = objects.map((object) => JSON.stringify(object));
  const { rows } = await log.worker.query<{ text: string }>(
    'select canonical_object(o::jsonb) as text from unnest($1::text[]) with ordinality as g (o, i) order by i',
    [texts],
  );
  return rows.map((row) => row.text);
};

describe('canonical_object', () => {
  test('escapes every control character, and everything around them, as canonicalJson does', async () => {
    const text = Array.from({ length: 0x2ff }, (_, i) => String.fromCodePoint(i + 1)).join('');
    const objects = [{ a: text }, { a: '\u2028\u2029\ufeff\ufffe\uffff\u{10ffff}\u{1f600}"\\/\u007f' }];
    expect(await inPostgres(objects)).toEqual(objects.map(canonicalJson));
  });

  test('agrees with canonicalJson on flat objects', async () => {
    // Postgres stores no NUL, and nobody has a canonical text for lone surrogates.
    const control = fc.integer({ min: 1, max: 0x1f }).map((code) => String.fromCodePoint(code));
    const anything = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 1 })
      .filter((character) => character !== '\0');
    const text = fc.string({ unit: fc.oneof(control, anything) });
    const value = fc.oneof(text, fc.maxSafeInteger(), fc.boolean(), fc.constant(null));
    const name = fc.string({ unit: 'grapheme-ascii', maxLength: 12 }).filter((s) => s !== '__proto__');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(name, value, { maxKeys: 8 }), { minLength: 20, maxLength: 20 }),
        async (objects) => {
          const plain = objects.map((object) => ({ ...object }) satisfies JsonObject);
          expect(await inPostgres(plain)).toEqual(plain.map(canonicalJson));
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([
    '[1]',
    '"a"',
    'null',
    '{"a":{}}',
    '{"a":[]}',
    '{"a":1.5}',
    '{"a":1.0}',
    '{"a":1e30}',
    '{"a":9007199254740992}',
    '{"a":-9007199254740992}',
    '{"é":1}',
    '{"a\\u0001":1}',
  ])('refuses %s', async (text) => {
    await expect(log.worker.query('select canonical_object($1::jsonb)', [text])).rejects.toThrow(/canonical_object/);
  });

  test('canonical_text is the text of a string', async () => {
    const { rows } = await log.worker.query<{ text: string }>('select canonical_text($1) as text', [
      'a"\n\u0001\u2028',
    ]);
    expect(rows[0]?.text).toBe(canonicalJson('a"\n\u0001\u2028'));
  });
});
