import * as fc from 'fast-check';
import { type HttpOperation } from '../../../domain/documents';
import { fillOperation } from '../../../providers/http/fill-operation';

const operation: HttpOperation = {
  method: 'POST',
  path: '/a/{first}/b/{second}',
  args: { first: '/params/x', second: '/params/x' },
  query: { q: '/params/x' },
  body: { x: '/params/x', always: { const: null } },
};

test('X52 no text leaves its place in the path, the query or the body', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('../..', '%2e%2e', '?a=b', '#', '\r\nHost: x', '//x', '\u202e'),
      ),
      (x) => {
        const filled = fillOperation(operation, { params: { x } });
        if (filled === undefined) return ['', '.', '..'].includes(x) || /\p{Surrogate}/u.test(x);
        const match = /^\/a\/([^/?#\s]+)\/b\/([^/?#\s]+)\?q=([^&?#\s]*)$/.exec(filled.path);
        return (
          match !== null &&
          match.slice(1).every((part) => decodeURIComponent(part) === x) &&
          JSON.stringify(JSON.parse(filled.body.toString())) === JSON.stringify({ x, always: null })
        );
      },
    ),
    { numRuns: 2_000 },
  );
});

test.each([
  [12, '/a/12/b/12?q=12'],
  [true, '/a/true/b/true?q=true'],
  [1.5, undefined],
  [2 ** 53, undefined],
  [null, undefined],
  [{}, undefined],
  [['x'], undefined],
])('%j in a path', (x, path) => {
  expect(fillOperation(operation, { params: { x } })?.path).toBe(path);
});

test('a value that is missing leaves nothing to send', () => {
  expect(fillOperation(operation, { params: {} })).toBeUndefined();
  expect(fillOperation({ ...operation, path: '/', args: {}, query: {} }, { params: {} })).toBeUndefined();
  expect(fillOperation({ ...operation, args: { first: '/params/x' } }, { params: { x: 1 } })).toBeUndefined();
});

test.each(['relative', '/with space', '/with\r\nHost: x', '/ünencoded', ''])('the path %j is not sent', (path) => {
  expect(fillOperation({ ...operation, path, args: {} }, { params: { x: 1 } })).toBeUndefined();
});

test('the same values give the same bytes', () => {
  const twice = [1, 2].map(() => fillOperation(operation, { params: { x: 'é' } }));
  expect(twice[0]).toEqual(twice[1]);
});
