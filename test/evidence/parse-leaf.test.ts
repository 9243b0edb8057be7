import { parseLeaf } from '../../evidence/parse-leaf';

const GOOD =
  '{"at":"2026-01-31T12:00:00.000Z","body":null,"entry":{"event":"a.b","n":1},"key":"k","seq":0,"tenant":"demo","v":1}';

describe('parseLeaf', () => {
  test('reads a leaf', () => {
    expect(parseLeaf(GOOD)).toEqual({
      at: '2026-01-31T12:00:00.000Z',
      body: null,
      entry: { event: 'a.b', n: 1 },
      key: 'k',
      seq: 0,
      tenant: 'demo',
    });
  });

  test.each([
    ['a space', '"n":1', '"n": 1'],
    ['a name twice', '"n":1', '"n":2,"n":1'],
    ['another order', '"event":"a.b","n":1', '"n":1,"event":"a.b"'],
    ['another spelling of a number', '"n":1', '"n":1.0'],
    ['a needless escape', '"a.b"', '"a\\u002eb"'],
    ['a lone surrogate', '"a.b"', '"\\ud800"'],
    ['an overflow', '"n":1', '"n":1e999'],
    ['a member more', '"v":1', '"v":1,"w":1'],
    ['a member less', '"key":"k",', ''],
    ['another version', '"v":1', '"v":2'],
    ['no event', '"event":"a.b",', ''],
    ['an event that is no string', '"a.b"', '7'],
    ['an entry that is no object', '{"event":"a.b","n":1}', '["a.b"]'],
    ['a body that is no digest', '"body":null', '"body":"sha256:00"'],
    ['a time of another shape', '12:00:00.000Z', '12:00:00Z'],
    ['words before a time', '"at":"', '"at":"x '],
    ['words after a time', '00.000Z', '00.000Z x'],
    ['words before a digest', '"body":null', `"body":"x sha256:${'0'.repeat(64)}"`],
    ['words after a digest', '"body":null', `"body":"sha256:${'0'.repeat(64)} x"`],
    ['a body that is a number', '"body":null', '"body":7'],
    ['a key that is no text', '"key":"k"', '"key":7'],
    ['a tenant that is no text', '"tenant":"demo"', '"tenant":null'],
    ['a negative number', '"seq":0', '"seq":-1'],
    ['half a number', '"seq":0', '"seq":0.5'],
    ['__proto__', '"n":1', '"__proto__":1'],
  ])('refuses %s', (_, from, to) => {
    expect(GOOD).toContain(from);
    expect(parseLeaf(GOOD.replace(from, to))).toBeUndefined();
  });
});
