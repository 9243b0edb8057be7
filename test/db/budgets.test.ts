import fc from 'fast-check';
import { finishBudget } from '../../db/finish-budget';
import { holdBudget } from '../../db/hold-budget';
import { type Spending } from '../../domain/spending';
import { seedAction, seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

let world: World;
let tenant: string;
beforeAll(async () => (world = await createWorld(12)));
beforeEach(async () => (tenant = await seedTenant(world)));
afterAll(() => world.close());

type Spends = Extract<Spending, { kind: 'spends' }>;
const spends = (amountMinor: number, limitMinor: number, more: Partial<Spends> = {}): Spends => ({
  kind: 'spends',
  budget: 'pay/finance/EUR',
  window: 'month',
  amountMinor,
  limitMinor,
  ...more,
});

const hold = (actionId: string, spending: Spends): Promise<boolean> =>
  world.as('worker', tenant, (client) => holdBudget(client, tenant, actionId, spending));
const finish = (actionId: string, how: 'spent' | 'released'): Promise<void> =>
  world.as('worker', tenant, (client) => finishBudget(client, tenant, actionId, how));
const actions = (count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, async () => (await seedAction(world, tenant)).actionId));

/** Held and spent, of the one budget of the tenant. */
async function totals(): Promise<{ held: number; spent: number } | undefined> {
  const [row] = await world.rows<{ held: number; spent: number }>(
    'select held_minor::integer as held, spent_minor::integer as spent from budgets where tenant = $1',
    [tenant],
  );
  return row;
}

it('X65 of two hundred actions that reach for the last of a budget at once, as many get it as fit, and not one more', async () => {
  const ids = await actions(200);
  const held = await Promise.all(ids.map((id, i) => hold(id, spends(70 + (i % 7), 1_000))));
  const total = held.reduce((sum, fits, i) => (fits ? sum + 70 + (i % 7) : sum), 0);
  expect(total).toBeLessThanOrEqual(1_000);
  expect(total).toBeGreaterThan(1_000 - 77);
  expect(await totals()).toEqual({ held: total, spent: 0 });
  expect(await world.rows('select from reservations where tenant = $1', [tenant])).toHaveLength(
    held.filter(Boolean).length,
  );
});

it('X65 the last unit fits, the one after it does not', async () => {
  const [first, second, third] = await actions(3);
  expect(await hold(first ?? '', spends(99, 100))).toBe(true);
  expect(await hold(second ?? '', spends(2, 100))).toBe(false);
  expect(await hold(third ?? '', spends(1, 100))).toBe(true);
});

it('X66 an amount is held once for an action, spent or given back once, and never both', async () => {
  const [id = ''] = await actions(1);
  await Promise.all([hold(id, spends(40, 100)), finish('act-none', 'spent')]);
  expect(await hold(id, spends(40, 100))).toBe(true);
  expect(await totals()).toEqual({ held: 40, spent: 0 });
  await Promise.all(Array.from({ length: 10 }, () => finish(id, 'spent')));
  await finish(id, 'released');
  expect(await totals()).toEqual({ held: 0, spent: 40 });
});

it('X66 an amount that was refused holds nothing', async () => {
  const [id = ''] = await actions(1);
  expect(await hold(id, spends(101, 100))).toBe(false);
  await finish(id, 'released');
  expect(await totals()).toEqual({ held: 0, spent: 0 });
});

it('a limit that policy lowered holds from the next action on, and what is held stays held', async () => {
  const [first = '', second = '', third = ''] = await actions(3);
  expect(await hold(first, spends(60, 100))).toBe(true);
  expect(await hold(second, spends(1, 50))).toBe(false);
  await finish(first, 'released');
  expect(await hold(third, spends(50, 50))).toBe(true);
});

it('each budget and each tenant counts for itself', async () => {
  const [first = '', second = ''] = await actions(2);
  expect(await hold(first, spends(100, 100))).toBe(true);
  expect(await hold(second, spends(100, 100, { budget: 'pay/finance/USD' }))).toBe(true);
  tenant = await seedTenant(world);
  const [third = ''] = await actions(1);
  expect(await hold(third, spends(100, 100))).toBe(true);
});

it('a window that is over leaves the next one whole', async () => {
  const [first = '', second = ''] = await actions(2);
  await world.rows(
    `insert into budgets (tenant, budget, window_start, limit_minor, spent_minor)
     values ($1, 'pay/finance/EUR', date_trunc('month', now(), 'UTC') - interval '1 month', 100, 100)`,
    [tenant],
  );
  expect(await hold(first, spends(100, 100))).toBe(true);
  expect(await hold(second, spends(1, 100))).toBe(false);
});

interface Step {
  readonly action: number;
  readonly does: 'hold' | 'spent' | 'released';
  readonly amount: number;
}

/** What a budget is, without a database. */
function simulate(steps: readonly Step[], limit: number): { held: number; spent: number; answers: boolean[] } {
  const reservations = new Map<number, { amount: number; state: string }>();
  const sum = (state: string): number =>
    [...reservations.values()].reduce((total, each) => total + (each.state === state ? each.amount : 0), 0);
  const answers = steps.flatMap(({ action, does, amount }) => {
    const known = reservations.get(action);
    if (does !== 'hold') {
      if (known?.state === 'held') known.state = does;
      return [];
    }
    if (known !== undefined) return [true];
    const fits = sum('held') + sum('spent') + amount <= limit;
    if (fits) reservations.set(action, { amount, state: 'held' });
    return [fits];
  });
  return { held: sum('held'), spent: sum('spent'), answers };
}

it('X66 I8 whatever is held, spent and given back, in whatever order, the sums are those of a simple model', async () => {
  const step = fc.record<Step>({
    action: fc.integer({ min: 0, max: 4 }),
    does: fc.constantFrom('hold', 'hold', 'spent', 'released'),
    amount: fc.integer({ min: 0, max: 60 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), async (steps) => {
      tenant = await seedTenant(world);
      const ids = await actions(5);
      const answers: boolean[] = [];
      for (const { action, does, amount } of steps) {
        const id = ids[action] ?? '';
        if (does === 'hold') answers.push(await hold(id, spends(amount, 100)));
        else await finish(id, does);
      }
      const expected = simulate(steps, 100);
      expect(answers).toEqual(expected.answers);
      expect((await totals()) ?? { held: 0, spent: 0 }).toEqual({ held: expected.held, spent: expected.spent });
    }),
    { numRuns: 30 },
  );
}, 20_000);
