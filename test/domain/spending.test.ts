import fc from 'fast-check';
import { type ActionType } from '../../domain/documents';
import { type Json, type JsonObject } from '../../domain/json';
import { type Spending, spendingOf } from '../../domain/spending';

const TYPE: ActionType = {
  ...{ id: 'pay.invoice', version: 1, owner: 'team:finance', risk: 'high', effect: 'compensable', lane: 'brokered' },
  ...{ params: {}, facts: {}, envelope: [], steps: [], grantTtlMs: 1, card: { headline: '', fields: {} } },
  budget: { per: ['team', 'currency'], amount: '/params/amountMinor' },
};
const PARAMS: JsonObject = { amountMinor: 500, currency: 'EUR' };
const RULE: JsonObject = { window: 'P1D', limits: { finance: { EUR: 1_000 } } };
const data = (rule: Json = RULE): JsonObject => ({ budgets: { 'pay.invoice': rule } });
const spend = (params: JsonObject = PARAMS, policy: JsonObject = data(), team = 'finance', type = TYPE): Spending =>
  spendingOf(type, policy, { params, agent: 'payer', team });

describe('what an action would spend', () => {
  it('is nothing where its type has no budget', () => {
    const { budget: _, ...free } = TYPE;
    expect(spend(PARAMS, {}, 'finance', free)).toEqual({ kind: 'none' });
  });

  it('is found with its limit, under a name that says of which budget', () => {
    expect(spend()).toEqual({
      kind: 'spends',
      budget: 'pay.invoice/finance/EUR',
      window: 'day',
      limitMinor: 1_000,
      amountMinor: 500,
    });
  });

  it('counts per agent where the type says so', () => {
    const perAgent: ActionType = { ...TYPE, budget: { per: ['agent'], amount: '/params/amountMinor' } };
    const policy = data({ window: 'P1M', limits: { payer: 7 } });
    expect(spend(PARAMS, policy, 'finance', perAgent)).toMatchObject({
      budget: 'pay.invoice/payer',
      window: 'month',
      limitMinor: 7,
    });
  });

  it.each(Object.entries({ PT1H: 'hour', P1D: 'day', P1W: 'week', P1M: 'month' }))(
    'of the window %s counts by the %s',
    (window, unit) => {
      expect(spend(PARAMS, data({ ...RULE, window }))).toMatchObject({ window: unit });
    },
  );

  it('a limit of nothing is a limit', () => {
    expect(spend(PARAMS, data({ window: 'P1D', limits: { finance: { EUR: 0 } } }))).toMatchObject({ limitMinor: 0 });
  });
});

describe('is unknown, which is a no, when', () => {
  it.each<[string, JsonObject]>([
    ['there are no budgets', {}],
    ['there is none for the type', { budgets: {} }],
    ['the rule is no object', data('1000')],
    ['the rule has no window', data({ limits: RULE['limits'] ?? null })],
    ['the window is not one of ours', data({ ...RULE, window: 'P2D' })],
    ['the window is a list', data({ ...RULE, window: ['P1D'] })],
    ['the window is a name of Object.prototype', data({ ...RULE, window: 'constructor' })],
    ['the team has no limit', data({ window: 'P1D', limits: { sales: { EUR: 1 } } })],
    ['the currency has no limit', data({ window: 'P1D', limits: { finance: { USD: 1 } } })],
    ['the limits stop short of the currency', data({ window: 'P1D', limits: { finance: 1_000 } })],
    ...['1000', null, true, -1, 0.5, 2 ** 53, 1e999, [1_000], {}].map((limit): [string, JsonObject] => [
      `the limit is ${JSON.stringify(limit)}`,
      data({ window: 'P1D', limits: { finance: { EUR: limit } } }),
    ]),
  ])('%s', (_, policy) => {
    expect(spend(PARAMS, policy)).toEqual({ kind: 'unknown' });
  });

  it.each<[string, Json]>(
    ['500', null, true, -1, 0.5, NaN, 2 ** 53, 1e999, [500], {}].map((amount) => [
      String(JSON.stringify(amount)),
      amount,
    ]),
  )('the amount is %s', (_, amountMinor) => {
    expect(spend({ ...PARAMS, amountMinor })).toEqual({ kind: 'unknown' });
  });

  it.each<Json>([null, 1, ['EUR'], 'constructor', '__proto__', 'EUR/..', ''])('the currency is %j', (currency) => {
    expect(spend({ ...PARAMS, currency })).toEqual({ kind: 'unknown' });
  });
});

it('X52 neither team nor currency reaches into another branch of the limits', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (team, currency) => {
      const found = spend(
        { amountMinor: 1, currency },
        data({ window: 'P1D', limits: { a: { b: { c: 5 } }, finance: { EUR: 9 } } }),
        team,
      );
      expect(found.kind).toBe(team === 'finance' && currency === 'EUR' ? 'spends' : 'unknown');
    }),
  );
});

it('never anything but a whole, non-negative amount and limit', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (limit, amount) => {
      const found = spend(
        { amountMinor: amount as Json, currency: 'EUR' },
        data({ window: 'P1D', limits: { finance: { EUR: limit as Json } } }),
      );
      if (found.kind !== 'spends') return;
      for (const value of [found.amountMinor, found.limitMinor])
        expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
    }),
  );
});
