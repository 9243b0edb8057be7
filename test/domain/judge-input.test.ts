import { type ActionType } from '../../domain/documents';
import { actionTypeOf, type Circumstances, denial, judgeInput } from '../../domain/judge-input';
import { type DecisionInput } from '../../domain/decision';
import { failure } from '../../domain/failures';

const point = {
  bundle: { digest: 'b' },
  catalogue: { actionTypes: {}, chains: {}, data: {} },
  decide: jest.fn(() => ({ effect: 'allow' as const, findings: [], chains: [], bundleDigest: 'b' })),
};
beforeEach(() => {
  point.decide.mockClear();
});

const FACTS = { vendor: { missing: 'deny' }, history: { missing: 'null' } };
const typeOf = (more: object): ActionType => ({ lane: 'brokered', facts: FACTS, ...more }) as unknown as ActionType;
const input = (more: object = {}): DecisionInput =>
  ({ agent: { state: 'active' }, facts: { vendor: { id: 1 }, history: null }, ...more }) as unknown as DecisionInput;
const circumstances = (more: Partial<Circumstances> = {}): Circumstances => ({
  actionType: typeOf({}),
  fenced: false,
  ...more,
});

test('policy is asked where nothing stands above it', () => {
  expect(judgeInput(point, input(), circumstances()).effect).toBe('allow');
  expect(point.decide).toHaveBeenCalledWith(input());
});

test.each<[string, DecisionInput, Circumstances, string]>([
  ['an action type that is gone', input(), circumstances({ actionType: undefined }), 'policy_changed'],
  [
    'what agents carry out themselves',
    input(),
    circumstances({ actionType: typeOf({ lane: 'cooperative' }) }),
    'policy_changed',
  ],
  ['a stopped scope', input(), circumstances({ fenced: true }), 'scope_fenced'],
  ['an agent that is not active', input({ agent: { state: 'quarantined' } }), circumstances(), 'agent_not_active'],
  [
    'a fact that the system of record does not have',
    input({ facts: { vendor: null } }),
    circumstances(),
    'fact_missing',
  ],
  ['a fact that was not read', input({ facts: {} }), circumstances(), 'fact_missing'],
])('%s is denied, whatever policy says', (_, asked, how, code) => {
  expect(judgeInput(point, asked, how)).toEqual({
    effect: 'deny',
    findings: [{ code, effect: 'deny', message: failure(code as 'fact_missing').sentence }],
    chains: [],
    bundleDigest: 'b',
  });
  expect(point.decide).not.toHaveBeenCalled();
});

describe('an agent for which everything is asked', () => {
  const asked = input({ agent: { state: 'ask_always' } });
  const among = (chains: object, data: object) =>
    judgeInput({ ...point, catalogue: { actionTypes: {}, chains, data } as never }, asked, circumstances());

  test('needs the chain that the data names, beside what policy allows', () => {
    expect(among({ two: {} }, { agents: { ask_always: 'two' } })).toMatchObject({
      effect: 'require_approval',
      chains: ['two'],
      findings: [{ code: 'agent.ask_always', effect: 'approval', chain: 'two' }],
    });
  });

  test.each([
    ['none is named', {}, {}],
    ['it is in no catalogue', {}, { agents: { ask_always: 'two' } }],
    ['it is a name that every object has', {}, { agents: { ask_always: 'constructor' } }],
  ])('is denied where %s', (_, chains, data) => {
    expect(among(chains, data)).toMatchObject({ effect: 'deny', findings: [{ code: 'agent_restricted' }] });
  });
});

test('a denial of ours names the bundle that it stands under', () => {
  expect(denial(point, 'scope_fenced')).toMatchObject({ effect: 'deny', chains: [], bundleDigest: 'b' });
});

test('an action type counts in the very version that was asked for', () => {
  const pay = typeOf({ id: 'pay', version: 3 });
  expect(actionTypeOf({ pay }, { type: 'pay', version: 3 })).toBe(pay);
  expect(actionTypeOf({ pay }, { type: 'pay', version: 2 })).toBeUndefined();
  expect(actionTypeOf({ pay }, { type: 'repay', version: 3 })).toBeUndefined();
  // Everything has a constructor; its «version» is nobody's action type.
  expect(actionTypeOf({ pay }, { type: 'constructor', version: undefined as unknown as number })).toBeUndefined();
});
