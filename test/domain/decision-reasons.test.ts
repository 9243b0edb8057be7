import { decisionReasons } from '../../domain/decision-reasons';
import { type Decision, type Finding } from '../../domain/decision';
import { failure } from '../../domain/failures';

const of = (effect: Decision['effect'], ...findings: Finding[]) =>
  decisionReasons({ effect, findings, chains: [], bundleDigest: 'b' });

const allow: Finding = { code: 'yes', effect: 'allow' };

it('tells what stands in the way, with its words and its remedy, and not what allows', () => {
  expect(
    of('deny', allow, { code: 'no', effect: 'deny', message: 'No.', remedy: 'Ask.' }, { code: 'own', effect: 'deny' }),
  ).toEqual([
    { code: 'no', message: 'No.', remedy: 'Ask.' },
    { code: 'own', message: failure('policy_denied').sentence },
  ]);
  expect(of('require_approval', allow, { code: 'big', effect: 'approval', message: 'Big.', chain: 'c' })).toEqual([
    { code: 'big', message: 'Big.' },
  ]);
});

it('a denial is never without a reason, and an allow needs none', () => {
  const nothing = [{ code: 'policy_denied', message: failure('policy_denied').sentence }];
  expect(of('deny')).toEqual(nothing);
  expect(of('deny', allow)).toEqual(nothing);
  expect(of('allow', allow)).toEqual([]);
});
