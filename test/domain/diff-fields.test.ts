import { diffFields } from '../../domain/diff-fields';

it.each([
  [{}, {}, []],
  [{ model: 'a' }, { model: 'b' }, [{ path: '/model', before: 'a', after: 'b' }]],
  [{ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, [{ path: '/a/c', before: 2, after: 3 }]],
  [
    { a: 1 },
    { b: 1 },
    [
      { path: '/a', before: 1 },
      { path: '/b', after: 1 },
    ],
  ],
  [{ tools: ['x', 'y'] }, { tools: ['y', 'x'] }, [{ path: '/tools', before: ['x', 'y'], after: ['y', 'x'] }]],
  [{ a: { b: 1 } }, { a: null }, [{ path: '/a', before: { b: 1 }, after: null }]],
  [{ 'a/b~c': 1 }, {}, [{ path: '/a~1b~0c', before: 1 }]],
])('%j and %j differ in %j', (before, after, differences) => {
  expect(diffFields(before, after)).toEqual(differences);
});
