import { type JsonObject } from '../../domain/json';
import { type Pdp } from '../../pdp/create-pdp';
import { INFRA, pdpOf } from '../bundle/policy-directory';

let pdp: Pdp;

beforeAll(async () => {
  pdp = await pdpOf(INFRA);
});

const TYPE = 'infra.restart_service';
const params = { service: 'web', replicas: 3 };

it('passes what the schema describes, unchanged, with the action type', () => {
  const given = { ...params };
  const result = pdp.validateParams(TYPE, given);
  expect(result).toMatchObject({ ok: true, params, actionType: { id: TYPE } });
  if (result.ok) expect(result.params).toBe(given);
});

describe('X35 X38 refuses, and says where', () => {
  const cases: readonly (readonly [name: string, params: unknown, path: string])[] = [
    ['a number as text', { ...params, replicas: '3' }, '/replicas'],
    ['null', { ...params, replicas: null }, '/replicas'],
    ['a boolean', { ...params, replicas: true }, '/replicas'],
    ['a list', { ...params, replicas: [3] }, '/replicas'],
    ['a fraction', { ...params, replicas: 0.1 + 0.2 }, '/replicas'],
    ['less than the least', { ...params, replicas: 0 }, '/replicas'],
    ['more than the most', { ...params, replicas: 2 ** 53 + 1 }, '/replicas'],
    ['1e999', JSON.parse('{"service":"web","replicas":1e999}'), '/replicas'],
    ['NaN', { ...params, replicas: Number.NaN }, '/replicas'],
    ['a member more', { ...params, 'a/b': 1 }, '/a~1b'],
    ['a member less', { service: 'web' }, '/replicas'],
    ['a trailing newline', { ...params, service: 'web\n' }, '/service'],
    ['a zero-width space', { ...params, service: 'web\u200b' }, '/service'],
    ['full-width letters', { ...params, service: 'ｗｅｂ' }, '/service'],
    ['NUL', { ...params, service: 'web\0' }, '/service'],
    ['half of a surrogate pair', { ...params, service: '\ud800' }, '/service'],
    ['__proto__', JSON.parse('{"service":"web","replicas":3,"__proto__":{"admin":true}}'), '/__proto__'],
    ['constructor', { ...params, constructor: { prototype: {} } }, '/constructor'],
    ['no object', 'web', ''],
    ['a list of parameters', [params], ''],
    ['nothing', undefined, ''],
  ];
  it.each(cases)('%s', (_, given, path) => {
    const result = pdp.validateParams(TYPE, given);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.problems.map((problem) => problem.path)).toContain(path);
    expect(({} as JsonObject)['admin']).toBeUndefined();
  });
});

it('inherited members satisfy no demand', () => {
  expect(pdp.validateParams(TYPE, Object.create(params)).ok).toBe(false);
});

it('X36 deep nesting is refused without being walked to its end', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  const started = performance.now();
  expect(pdp.validateParams(TYPE, { ...params, replicas: deep }).ok).toBe(false);
  expect(performance.now() - started).toBeLessThan(500);
});

it('names all that is wrong, within reason', () => {
  const result = pdp.validateParams(TYPE, {
    service: 'WEB',
    replicas: 99,
    ...Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`x${String(i)}`, i])),
  });
  expect(result.ok ? 0 : result.problems.length).toBe(20);
});

it.each(['infra.restart', 'INFRA.RESTART_SERVICE', 'infra.restart_service\n', '__proto__', 'toString', ''])(
  'X34 %j is no action type',
  (type) => {
    expect(pdp.validateParams(type, params)).toMatchObject({ ok: false, problems: [{ path: '' }] });
  },
);
