import { type Costs, overBudget } from '../../bench/over-budget';

const cost = (stateTransitions: number, historyBytes = 1_000) => ({ stateTransitions, events: 10, historyBytes });
const within: Costs = {
  bare: cost(7),
  denied: cost(3),
  allowed: cost(7, 2_200),
  approved: cost(10, 9_000),
  naive: cost(46, 9_000),
};

it('says nothing as long as every number is within its budget', () => {
  expect(overBudget(within)).toEqual([]);
});

it.each<[string, Partial<Costs>, RegExp]>([
  ['a denial in four', { denied: cost(4) }, /denied takes 4/],
  ['an allowed action in eight', { allowed: cost(8) }, /allowed takes 8 state transitions, not 7/],
  ['an allowed action that costs more than a bare workflow', { bare: cost(6) }, /bare 6/],
  ['an approved action in eleven', { approved: cost(11) }, /approved takes 11/],
  ['a history that is too long', { allowed: cost(7, 2_201) }, /2.20 times/],
  ['a number that is none', { allowed: cost(NaN, NaN) }, /NaN/],
])('names %s', (_, change, sentence) => {
  expect(overBudget({ ...within, ...change })).toEqual(expect.arrayContaining([expect.stringMatching(sentence)]));
});
