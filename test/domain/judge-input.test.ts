import { type ActionType } from '../../domain/documents';
import { judgeInput } from '../../domain/judge-input';
import { type DecisionInput } from '../../domain/decision';

const point = {
  bundle: { digest: 'b' },
  decide: jest.fn(() => ({ effect: 'allow' as const, findings: [], chains: [], bundleDigest: 'b' })),
};
const input = { agent: { state: 'active' }, facts: {} } as unknown as DecisionInput;
const of = (lane: ActionType['lane']) => ({ actionType: { lane, facts: {} } as unknown as ActionType, fenced: false });

test('what agents carry out themselves is not carried out here, whatever policy says', () => {
  expect(judgeInput(point, input, of('brokered')).effect).toBe('allow');
  expect(judgeInput(point, input, of('cooperative'))).toMatchObject({
    effect: 'deny',
    findings: [{ code: 'policy_changed' }],
  });
  expect(point.decide).toHaveBeenCalledTimes(1);
});
