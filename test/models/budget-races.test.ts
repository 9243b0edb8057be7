import fc from 'fast-check';
import { type PoolClient } from 'pg';
import { finishBudget } from '../../db/finish-budget';
import { holdBudget } from '../../db/hold-budget';
import { seedAction, seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

const RUNS = Number(process.env['MODEL_RUNS'] ?? 100) / 4;
const LIMIT = 100;

let world: World;
// A session for each that may wait for another's lock, and for whoever looks on.
beforeAll(async () => (world = await createWorld(24)));
afterAll(() => world.close());

interface Reach {
  readonly amount: number;
  /** By each of the workers that believe to settle it, at the same time. */
  readonly finishes: readonly ('spent' | 'released')[];
}

const reaches = fc.array(
  fc.record<Reach>({
    amount: fc.integer({ min: 0, max: 60 }),
    finishes: fc.array(fc.constantFrom('spent', 'released'), { minLength: 1, maxLength: 2 }),
  }),
  { minLength: 2, maxLength: 6 },
);

interface Totals {
  readonly held: number;
  readonly spent: number;
  readonly reserved: number;
  readonly paid: number;
}

/** The budget's own sums, and those over what each action holds. */
const totalsOf = async (tenant: string): Promise<Totals> => {
  const [totals = { held: 0, spent: 0, reserved: 0, paid: 0 }] = await world.rows<Totals>(
    `select held_minor::integer as held, spent_minor::integer as spent,
       (select coalesce(sum(amount_minor), 0)::integer from reservations where tenant = $1 and state = 'held') as reserved,
       (select coalesce(sum(amount_minor), 0)::integer from reservations where tenant = $1 and state = 'spent') as paid
     from budgets where tenant = $1`,
    [tenant],
  );
  return totals;
};

it('X65 X66 I8 however the transactions of several actions cut into each other, the limit holds at every moment and nothing is lost of it', async () => {
  const seen = { refused: 0, spent: 0, released: 0 };
  await fc.assert(
    fc.asyncProperty(reaches, fc.scheduler(), async (all, scheduler) => {
      const tenant = await seedTenant(world);
      const ids = await Promise.all(all.map(async () => (await seedAction(world, tenant)).actionId));
      // Each transaction begins when the scheduler says, and is held open before its commit until the scheduler says.
      const transaction = async <T>(what: string, work: (client: PoolClient) => Promise<T>): Promise<T> => {
        await scheduler.schedule(Promise.resolve(), `${what} begins`);
        const result = await world.as('worker', tenant, async (client) => {
          const done = await work(client);
          await scheduler.schedule(Promise.resolve(), `${what} commits`);
          return done;
        });
        const { held, spent, reserved, paid } = await totalsOf(tenant);
        expect(held + spent).toBeLessThanOrEqual(LIMIT);
        expect([held, spent]).toEqual([reserved, paid]);
        return result;
      };
      const held = await scheduler.waitFor(
        Promise.all(
          all.map(async ({ amount, finishes }, index) => {
            const id = ids[index] ?? '';
            const fits = await transaction(`${String(index)} holds`, (client) =>
              holdBudget(client, tenant, id, {
                ...{ kind: 'spends', budget: 'pay/finance/EUR', window: 'month' },
                ...{ amountMinor: amount, limitMinor: LIMIT },
              }),
            );
            await Promise.all(
              finishes.map((how) =>
                transaction(`${String(index)} is ${how}`, (client) => finishBudget(client, tenant, id, how)),
              ),
            );
            return fits;
          }),
        ),
      );
      // Where all of it fits, nobody is refused.
      if (all.reduce((sum, { amount }) => sum + amount, 0) <= LIMIT) expect(held).not.toContain(false);
      const rows = await world.rows<{ action: string; amount: number; state: 'spent' | 'released' }>(
        'select action, amount_minor::integer as amount, state from reservations where tenant = $1',
        [tenant],
      );
      expect(rows.map(({ action }) => action).sort()).toEqual(ids.filter((_, index) => held[index]).sort());
      for (const { action, amount, state } of rows) {
        const reach = all[ids.indexOf(action)];
        expect(reach?.amount).toBe(amount);
        // One of those that settled it, and neither both nor none.
        expect(reach?.finishes).toContain(state);
        seen[state] += 1;
      }
      seen.refused += held.filter((fits) => !fits).length;
      expect(await totalsOf(tenant)).toMatchObject({ held: 0, reserved: 0 });
    }),
    { numRuns: RUNS },
  );
  for (const [what, times] of Object.entries(seen)) expect([what, times]).not.toEqual([what, 0]);
}, 300_000);
