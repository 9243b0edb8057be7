import { readPointer } from '../../domain/read-pointer';

/** The document and the table of RFC 6901, section 5. */
const document = {
  foo: ['bar', 'baz'],
  '': 0,
  'a/b': 1,
  'c%d': 2,
  'e^f': 3,
  'g|h': 4,
  'i\\j': 5,
  'k"l': 6,
  ' ': 7,
  'm~n': 8,
};

test.each([
  ['', document],
  ['/foo', ['bar', 'baz']],
  ['/foo/0', 'bar'],
  ['/', 0],
  ['/a~1b', 1],
  ['/c%d', 2],
  ['/e^f', 3],
  ['/g|h', 4],
  ['/i\\j', 5],
  ['/k"l', 6],
  ['/ ', 7],
  ['/m~0n', 8],
])('RFC 6901: %j', (pointer, value) => {
  expect(readPointer(document, pointer)).toEqual(value);
});

test.each([
  '/foo/2',
  '/foo/-',
  '/foo/01',
  '/foo/1e0',
  '/foo/ 0',
  '/foo/length',
  '/foo/0/x',
  '/bar',
  'foo',
  '/constructor',
  '/__proto__',
  '/foo/constructor',
  '/a~01b',
])('%j names nothing', (pointer) => {
  expect(readPointer(document, pointer)).toBeUndefined();
});
