import { INFRA, problemsOf } from './policy-directory';

it.each([
  ['all of them', 'inactive_days: 30\nreview_days: { low: 365, medium: 180, high: 90, critical: 28 }'],
  ['one, the others being the usual ones', 'review_days: { critical: 60 }'],
  ['none', 'other: 1'],
])('takes periods for reviews: %s', async (_, text) => {
  expect(await problemsOf({ ...INFRA, 'data/agents.yaml': text })).toEqual([]);
});

it.each([
  ['a time that is over before a warning is', 'inactive_days: 6', '/inactive_days'],
  ['a time that is never over', 'inactive_days: 4000', '/inactive_days'],
  ['a time that is none', 'inactive_days: never', '/inactive_days'],
  ['half a day', 'inactive_days: 90.5', '/inactive_days'],
  ['a review that is due before it can be answered', 'review_days: { high: 14 }', '/review_days/high'],
  ['a tier that is none', 'review_days: { highest: 90 }', '/review_days/highest'],
])('refuses %s', async (_, text, path) => {
  const [problem, ...others] = await problemsOf({ ...INFRA, 'data/agents.yaml': text });
  expect([problem, others]).toMatchObject([{ file: 'data/agents.yaml', path }, []]);
});
