import fc from 'fast-check';
import { type Json } from '../../domain/json';
import { readPointer } from '../../domain/read-pointer';

/** The example of RFC 6901, section 5. */
const RFC: Json = {
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

it.each<[string, Json]>([
  ['', RFC],
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
])('reads %j as RFC 6901 says', (pointer, value) => {
  expect(readPointer(RFC, pointer)).toEqual(value);
});

it.each([
  'foo',
  '#/foo',
  '/foo/2',
  '/foo/-',
  '/foo/00',
  '/foo/-1',
  '/foo/1e0',
  '/foo/ 1',
  '/foo/length',
  '/foo/0/0',
  '/foo/0/length',
  '/missing',
  '/missing/deeper',
  '/constructor',
  '/__proto__',
  '/toString',
  '/foo/constructor',
])('X38 finds nothing at %j', (pointer) => {
  expect(readPointer(RFC, pointer)).toBeUndefined();
});

it('finds a null where there is one, and nothing below it', () => {
  expect(readPointer({ a: null }, '/a')).toBeNull();
  expect(readPointer({ a: null }, '/a/b')).toBeUndefined();
});

it('finds what stands at any path, whatever its names are', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 5 }), fc.jsonValue(), (path, value) => {
      const root = path.reduceRight<unknown>((inner, name) => Object.fromEntries([[name, inner]]), value) as Json;
      const pointer = path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
      expect(readPointer(root, pointer)).toEqual(value);
    }),
  );
});
