import fc from 'fast-check';
import { checkPattern } from '../../bundle/documents/check-pattern';

describe('bounds the length of what it matches', () => {
  it.each([
    ['^[A-Z0-9-]{1,32}$', 32],
    ['^abc$', 3],
    ['^INV-[0-9]{4}$', 8],
    ['^[0-9]{3}-?[0-9]{2}$', 6],
    ['^\\p{L}{2}\\u{1F600}$', 3],
  ])('%s: %i', (pattern, length) => {
    expect(checkPattern(pattern, undefined)).toEqual({ maxLength: length });
  });

  it.each(['[a-z]{1,3}', '^[a-z]{1,3}', '[a-z]{1,3}$', '^a|b$', '^a{1,3}\\$', '^[0-9]{2,}$', '^(ab){2}$'])(
    '%s: not',
    (pattern) => {
      expect(checkPattern(pattern, undefined).maxLength).toBeUndefined();
    },
  );
});

describe('refuses what may take for ever', () => {
  it.each([
    '^(a+)+$',
    '^(a|a)*$',
    '^(a?){30}$',
    '^(.*,)*$',
    '^(?:[a-z]{1,9}x){2,9}$',
    '^((a+)b)+$',
    '(?=a)b',
    '(?<=a)b',
    '^(a)\\1$',
    '(',
    '^[a-z',
    '^a*a*a*a*b$',
  ])('%s', (pattern) => {
    expect(checkPattern(pattern, 1_000).refusal).toBeDefined();
  });

  it.each(['^[a-z]+@[a-z]+\\.[a-z]+$', '^([0-9]{4}-){3}[0-9]{4}$', '^(foo|bar)$', '^[^/\\]]{1,64}$', '^\\d{1,9}$'])(
    'not %s',
    (pattern) => {
      expect(checkPattern(pattern, 200).refusal).toBeUndefined();
    },
  );
});

it('what it accepts matches within milliseconds', () => {
  const part = fc.tuple(
    fc.constantFrom('a', '[ab]', '.', '\\w', '(ab)', '(a|b)'),
    fc.constantFrom('', '*', '+', '?', '{1,20}', '{3}'),
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
      const pattern = `^${parts.map((pair) => pair.join('')).join('')}$`;
      if (checkPattern(pattern, 60).refusal !== undefined) return;
      const started = performance.now();
      new RegExp(pattern, 'u').test(`${'a'.repeat(59)}!`);
      expect(performance.now() - started).toBeLessThan(500);
    }),
    { numRuns: 300 },
  );
});
