import { reviewPeriodsOf } from '../../domain/review-periods';

const USUAL = { inactiveDays: 90, reviewDays: { low: 365, medium: 180, high: 90, critical: 30 } };

it.each([
  ['no data of agents', {}],
  ['data that is no object', { agents: 'none' }],
  ['periods that are no numbers', { agents: { inactive_days: '7', review_days: [1] } }],
])('are the usual ones where there is %s', (_, data) => {
  expect(reviewPeriodsOf(data)).toEqual(USUAL);
});

it('are those of the policy, one by one', () => {
  const agents = { inactive_days: 30, review_days: { high: 60, critical: 28 } };
  const reviewDays = { ...USUAL.reviewDays, high: 60, critical: 28 };
  expect(reviewPeriodsOf({ agents })).toEqual({ inactiveDays: 30, reviewDays });
});
