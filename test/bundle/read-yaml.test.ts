import { readYaml } from '../../bundle/files/read-yaml';

const BOMB = `a: &a [1, 1, 1, 1, 1, 1, 1, 1]\n${Array.from('bcdefgh', (name, index) => `${name}: &${name} [${Array.from({ length: 8 }, () => `*${'abcdefg'[index] ?? ''}`).join(', ')}]`).join('\n')}\n`;

it('reads YAML 1.2 and JSON', () => {
  expect(readYaml('f', 'a: { b: [1, x, true, null] }').value).toEqual({ a: { b: [1, 'x', true, null] } });
  expect(readYaml('f', '{"a": {"b": "no"}}').value).toEqual({ a: { b: 'no' } });
  expect(readYaml('f', 'country: no\nversion: "1.20"\nday: 2026-01-01').value).toEqual({
    country: 'no',
    version: '1.20',
    day: '2026-01-01',
  });
});

it.each([
  ['a name twice', 'a: 1\na: 2', 'line 2'],
  ['a name twice in JSON', '{"a": 1, "a": 2}', 'line 1'],
  ['an alias', 'a: &x 1\nb: *x', ''],
  ['a bomb of aliases', BOMB, ''],
  ['two documents', 'a: 1\n---\nb: 2', ''],
  ['nothing', '', ''],
  ['a tag', 'a: !!js/function "x"', 'line 1'],
  ['a name that is a list', '? [a]\n: 1', 'line 1'],
  ['__proto__', '__proto__: { admin: true }', '/__proto__'],
  ['constructor', 'a: { constructor: 1 }', '/a/constructor'],
  ['a number without end', 'a: 1e999', '/a'],
  ['infinity', 'a: .inf', '/a'],
  ['a number that is rounded', 'a: 9007199254740993', '/a'],
  ['broken text', 'a: [1', 'line 1'],
])('X38 refuses %s', (_, text, path) => {
  const { value, problems } = readYaml('f.yaml', text);
  expect(value).toBeUndefined();
  expect(problems[0]).toMatchObject({ file: 'f.yaml', path });
  expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
});

it('refuses depth', () => {
  expect(readYaml('f', `${'['.repeat(40)}${']'.repeat(40)}`).problems[0]?.message).toContain('nested deeper');
});
