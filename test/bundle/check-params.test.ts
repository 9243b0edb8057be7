import { changed, problemsOf } from './policy-directory';

const RESTART = 'action-types/restart.yaml';

describe('parameters are closed and bounded', () => {
  const cases: readonly (readonly [name: string, from: string, to: string, path: string])[] = [
    ['an open object', '  additionalProperties: false\n', '', '/params'],
    ['an unbounded string', "type: string, pattern: '^[a-z-]{1,40}$'", 'type: string', '/params/properties/service'],
    ['a pattern without an end', '{1,40}$', '{1,40}', '/params/properties/service'],
    ['a pattern without a bound', '{1,40}$', '+$', '/params/properties/service'],
    ['a pattern that explodes', '^[a-z-]{1,40}$', '^([a-z]+)+$', '/params/properties/service/pattern'],
    ['a pattern that is none', '^[a-z-]{1,40}$', '^[a-z', '/params/properties/service/pattern'],
    ['an unbounded integer', 'minimum: 1, maximum: 50', 'minimum: 1', '/params/properties/replicas'],
    ['a number with fractions', 'type: integer', 'type: number', '/params/properties/replicas/type'],
    ['two types', 'type: integer', 'type: [integer, string]', '/params/properties/replicas/type'],
    [
      'an unbounded list',
      'type: integer, minimum: 1, maximum: 50',
      'type: array, items: { type: boolean }',
      '/params/properties/replicas',
    ],
    [
      'a list of anything',
      'type: integer, minimum: 1, maximum: 50',
      'type: array, maxItems: 3',
      '/params/properties/replicas/items',
    ],
    [
      'an open object further in',
      'type: integer, minimum: 1, maximum: 50',
      'type: object, properties: {}',
      '/params/properties/replicas',
    ],
    [
      'a reference',
      'type: integer, minimum: 1, maximum: 50',
      "type: integer, minimum: 1, maximum: 50, $ref: '#'",
      '/params/properties/replicas/$ref',
    ],
    [
      'a default, which nobody would have countersigned',
      'maximum: 50',
      'maximum: 50, default: 3',
      '/params/properties/replicas/default',
    ],
    [
      'a name that JavaScript keeps',
      '    service: { type',
      '    constructor: { enum: [a] }\n    service: { type',
      '/params/properties/constructor',
    ],
    ['a demand for what is not described', '[service, replicas]', '[service, replicas, host]', '/params/required'],
    ['a keyword of another type', 'maximum: 50', 'maximum: 50, maxLength: 3', '/params/properties/replicas/maxLength'],
    ['a bound that is text', 'maximum: 50', "maximum: '50'", '/params/properties/replicas'],
    ['a schema that is none', 'minimum: 1, maximum: 50', 'minimum: 1, maximum: 50, multipleOf: -1', '/params'],
  ];
  it.each(cases)('%s', async (_, from, to, path) => {
    const problems = await problemsOf(changed(RESTART, from, to));
    expect(problems.map((problem) => problem.path)).toContain(path);
  });
});
