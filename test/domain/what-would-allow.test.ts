import { showDecision } from '../../cli/show-decision';
import { type Decision } from '../../domain/decision';
import { failure } from '../../domain/failures';
import { whatWouldAllow } from '../../domain/what-would-allow';

const DENY: Decision = {
  effect: 'deny',
  findings: [
    { code: 'ok', effect: 'allow' },
    { code: 'vendor.inactive', effect: 'deny', message: 'The vendor is not active.', remedy: 'Ask procurement.' },
    { code: 'budget_exhausted', effect: 'deny', message: 'It would exceed the limit.' },
    { code: 'odd', effect: 'deny', message: 'Odd.\u202e' },
  ],
  chains: [],
  bundleDigest: 'sha256:bb',
};

it('is each remedy of a denial; for denials of ours what the catalogue of failures says', () => {
  expect(whatWouldAllow(DENY)).toEqual([
    'Ask procurement.',
    failure('budget_exhausted').operator,
    'The rule odd names no remedy.',
  ]);
});

it.each<[Partial<Decision>, string]>([
  [{ effect: 'allow' }, 'It is allowed as it is.'],
  [{ effect: 'deny', findings: [] }, 'A rule of the organisation would have to allow it; none does.'],
  [
    { effect: 'require_approval', chains: ['one', 'two'] },
    'It is allowed once people have countersigned it: one, two.',
  ],
])('of %j is: %s', (change, words) => {
  expect(whatWouldAllow({ ...DENY, ...change })).toEqual([words]);
});

it('is printed with the decision, its reasons and what differs, with nothing hidden', () => {
  const text = showDecision({
    ...DENY,
    ...{
      round: 2,
      stage: 'initial',
      inputDigest: 'sha256:dd',
      decidedAt: new Date(0),
      input: {} as never,
      again: null,
    },
    differences: ['the bundle is not stored'],
  });
  for (const words of [
    'vendor.inactive: The vendor is not active.',
    'remedy: Ask procurement.',
    'NOT the same',
    '\\u{202e}',
  ])
    expect(text).toContain(words);
  expect(text).not.toContain('\u202e');
});
