import fc from 'fast-check';
import { type Finding } from '../../domain/decision';
import { type ActionType, type ApprovalChain } from '../../domain/documents';
import { readDecision } from '../../pdp/read-decision';

const chain = (id: string, ...needs: number[]): ApprovalChain => ({
  id,
  decideWithinMs: 1,
  validForMs: 1,
  stages: needs.map((need) => ({ from: ['group:g'], need, reason: 'optional', remindAfterMs: [] })),
});
const CHAINS = { one: chain('one', 1), other: chain('other', 1), two: chain('two', 2), staged: chain('staged', 1, 1) };

const allow: Finding = { code: 'yes', effect: 'allow' };
const deny: Finding = { code: 'no', effect: 'deny', message: 'No.', remedy: 'Ask.' };
const ask = (id: string): Finding => ({ code: 'big', effect: 'approval', message: 'Big.', chain: id });

const read = (value: unknown, effect: ActionType['effect'] = 'reversible') =>
  readDecision(value, { effect } as ActionType, CHAINS);
const said = (effect: unknown, findings: unknown, chains: unknown = []): unknown => ({ effect, findings, chains });

it.each<[string, unknown, unknown]>([
  ['an allow', said('allow', [allow]), { effect: 'allow', findings: [allow], chains: [] }],
  ['a deny', said('deny', [deny]), { effect: 'deny', findings: [deny], chains: [] }],
  ['nothing found, which is a deny', said('deny', []), { effect: 'deny', findings: [], chains: [] }],
  ['a deny over an allow', said('deny', [deny, allow]), { effect: 'deny', findings: [allow, deny], chains: [] }],
  [
    'an approval with an allow',
    said('require_approval', [allow, ask('two')], ['two']),
    { effect: 'require_approval', findings: [allow, ask('two')], chains: ['two'] },
  ],
  [
    'a deny over an approval: nobody is asked',
    said('deny', [allow, ask('one'), deny], ['one']),
    { effect: 'deny', findings: [allow, ask('one'), deny], chains: [] },
  ],
  [
    'an approval that nothing allows, which is a deny',
    said('deny', [ask('one')], ['one']),
    { effect: 'deny', findings: [ask('one')], chains: [] },
  ],
  [
    'chains and findings in another order, and one chain twice',
    said('require_approval', [ask('two'), allow, ask('one'), { ...ask('one'), code: 'a' }], ['two', 'one']),
    {
      effect: 'require_approval',
      findings: [allow, { ...ask('one'), code: 'a' }, ask('one'), ask('two')],
      chains: ['one', 'two'],
    },
  ],
])('takes %s', (_, value, decision) => {
  expect(read(value)).toEqual(decision);
});

it.each<[string, unknown]>([
  ['no object', null],
  ['a list', []],
  ['a member more', { effect: 'deny', findings: [], chains: [], why: '' }],
  ['a member less', { effect: 'deny', findings: [] }],
  ['a member of another name', { effect: 'deny', findings: [], chain: [] }],
  ['findings that are no list', said('deny', {})],
  ['an effect that is none', said('maybe', [allow])],
  ['an allow that no finding gives', said('allow', [])],
  ['an allow over a deny', said('allow', [allow, deny])],
  ['an allow over an approval', said('allow', [allow, ask('one')], ['one'])],
  ['an approval that nothing allows', said('require_approval', [ask('one')], ['one'])],
  ['an approval that no finding asks for', said('require_approval', [allow], ['one'])],
  ['an approval without its chain', said('require_approval', [allow, ask('one')])],
  ['another chain than the finding names', said('require_approval', [allow, ask('one')], ['two'])],
  ['a chain twice', said('require_approval', [allow, ask('one')], ['one', 'one'])],
  ['chains that are no list', said('allow', [allow], {})],
  ['a finding that is no object', said('deny', ['no'])],
  ['a finding of an effect that is none', said('deny', [{ ...deny, effect: 'block' }])],
  ['a finding with a member more', said('allow', [{ ...allow, message: 'Yes.' }])],
  ['a finding with a member less', said('deny', [{ code: 'no', effect: 'deny', message: 'No.' }])],
  [
    'a deny that names a chain instead of a remedy',
    said('deny', [{ code: 'no', effect: 'deny', message: 'No.', chain: 'one' }]),
  ],
  ['a finding with an empty text', said('deny', [{ ...deny, remedy: '' }])],
  ['a finding whose code is a number', said('allow', [{ ...allow, code: 7 }])],
  ['a finding with a text that is too long', said('deny', [{ ...deny, message: 'x'.repeat(2_001) }])],
  [
    'too many findings',
    said(
      'allow',
      Array.from({ length: 257 }, (_, i) => ({ ...allow, code: String(i) })),
    ),
  ],
])('refuses %s', (_, value) => {
  expect(read(value)).toBe('wrong_shape');
});

it('takes as much as may be said, and not a letter more', () => {
  const findings = Array.from({ length: 256 }, (_, i) => ({ ...allow, code: String(i).padStart(2_000, 'x') }));
  expect(read(said('allow', findings))).toMatchObject({ effect: 'allow' });
});

it('keeps the codes of failed evaluations for itself', () => {
  expect(read(said('allow', [{ ...allow, code: 'policy_error:trap' }]))).toBe('reserved');
  expect(read(said('allow', [{ ...allow, code: 'my.policy_error:' }]))).toMatchObject({ effect: 'allow' });
});

it('asks nobody by a chain that does not exist, in a denial either', () => {
  expect(read(said('require_approval', [allow, ask('three')], ['three']))).toBe('unknown_chain');
  expect(read(said('require_approval', [allow, ask('one'), ask('toString')], ['one', 'toString']))).toBe(
    'unknown_chain',
  );
  expect(read(said('deny', [deny, ask('three')], ['three']))).toBe('unknown_chain');
});

it.each<[string, readonly string[], unknown]>([
  ['nobody', [], 'irreversible_needs_two'],
  ['one person', ['one'], 'irreversible_needs_two'],
  ['two people in one stage', ['two'], expect.objectContaining({ effect: 'require_approval' })],
  ['two people in two stages', ['staged'], expect.objectContaining({ effect: 'require_approval' })],
  ['one person by each of two chains', ['one', 'other'], expect.objectContaining({ effect: 'require_approval' })],
])('what cannot be undone is not let pass by %s alone, unless they are two', (_, ids, expected) => {
  const effect = ids.length === 0 ? 'allow' : 'require_approval';
  expect(read(said(effect, [allow, ...ids.map(ask)], ids), 'irreversible')).toEqual(expected);
});

it('what cannot be undone is denied like anything else', () => {
  expect(read(said('deny', [deny]), 'irreversible')).toMatchObject({ effect: 'deny' });
});

it('gives the same bytes for the same findings in whatever order', () => {
  const finding = fc.oneof(
    fc.record({ code: fc.constantFrom('a', 'b', 'c'), effect: fc.constant('allow' as const) }),
    fc.record({
      code: fc.constantFrom('a', 'b', 'c'),
      effect: fc.constant('deny' as const),
      message: fc.constantFrom('m', 'n'),
      remedy: fc.constantFrom('r', 's'),
    }),
  );
  fc.assert(
    fc.property(
      fc
        .uniqueArray(finding, { selector: (each) => JSON.stringify(each), minLength: 1 })
        .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([one, other]) => {
        const effect = one.some((each) => each.effect === 'deny') ? 'deny' : 'allow';
        const first = read(said(effect, [...one]));
        expect(first).toMatchObject({ effect });
        expect(JSON.stringify(read(said(effect, [...other])))).toBe(JSON.stringify(first));
      },
    ),
  );
});
