import { type PoolClient } from 'pg';
import { beginEffect } from '../../db/begin-effect';
import { begin, chain, claimOf, readyAction, type SeededAction, seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';
import { moveFence } from '../helpers/move-fence';

let world: World;
let tenant: string;
beforeAll(async () => {
  world = await createWorld(12);
  tenant = await seedTenant(world);
});
afterAll(() => world.close());

const move = (closed: boolean, scope = 'tenant'): Promise<unknown> => moveFence(world.superuser, tenant, scope, closed);

/** Decided under the fences of now. */
async function decideAnew(actions: readonly SeededAction[]): Promise<void> {
  await world.rows(
    `update decisions set epochs = (select epochs from read_fences($1, 'payer', 'finance', 'pay.invoice'))
     where tenant = $1 and action = any ($2)`,
    [tenant, actions.map(({ actionId }) => actionId)],
  );
}

const later = async <T>(ms: number, work: () => Promise<T>): Promise<T> => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return await work();
};

async function began(action: SeededAction): Promise<string> {
  const beginning = await begin(world, action);
  return 'begun' in beginning ? 'begun' : beginning.refused;
}

it('X15 of fifty workers that begin the same countersigned step at once, one does', async () => {
  const action = await readyAction(world, tenant, { chains: [chain('finance', 2)], voters: ['bob', 'carol'] });
  const results = await Promise.all(Array.from({ length: 50 }, () => began(action)));
  expect(results.filter((result) => result === 'begun')).toHaveLength(1);
  expect(new Set(results)).toEqual(new Set(['begun', 'begun_before']));
  const counts = `select (select count(*)::integer from effects where action = $1) as effects,
    (select count(*)::integer from grants where action = $1) as grants, (select count(*)::integer from ledger where key like 'effect/' || $1 || '/%') as entries`;
  expect(await world.rows(counts, [action.actionId])).toEqual([{ effects: 1, grants: 1, entries: 1 }]);
});

it('X68 in a hundred random races with a kill, no effect begins after the fence closed', async () => {
  await move(false);
  const tally: Record<string, number> = {};
  for (let round = 0; round < 100; round++) {
    const actions = [
      await readyAction(world, tenant),
      await readyAction(world, tenant),
      await readyAction(world, tenant),
    ];
    await decideAnew(actions);
    const [, ...results] = await Promise.all([
      later(Math.random() * 3, () => move(true)),
      ...actions.map((action) => later(Math.random() * 5, () => began(action))),
    ]);
    for (const result of results) tally[String(result)] = (tally[String(result)] ?? 0) + 1;
    expect(
      await world.rows(
        `select e.action from effects e join fences f using (tenant) where tenant = $1 and f.scope = 'tenant' and e.begun_at >= f.moved_at`,
        [tenant],
      ),
    ).toEqual([]);
    expect(
      await Promise.all(
        actions.map(async (action, i) => (results[i] === 'begun' ? 'scope_fenced' : await began(action))),
      ),
    ).toEqual(actions.map(() => 'scope_fenced'));
    await move(false);
  }
  // The races were races: both sides won some.
  expect(Object.keys(tally).sort()).toEqual(['begun', 'scope_fenced']);
});

it('X68 a fence moved and lifted between decision and effect still stops it', async () => {
  const action = await readyAction(world, tenant);
  await move(true);
  await move(false);
  expect(await began(action)).toBe('fence_moved');
});

describe('a kill', () => {
  let running: PoolClient;
  beforeEach(async () => {
    running = await world.worker.connect();
    await running.query('begin');
    await running.query(`select set_config('app.tenant', $1, true)`, [tenant]);
  });
  afterEach(() => running.release(true));

  it('waits for the effects that are beginning, and for no later one', async () => {
    const [first, second] = [await readyAction(world, tenant), await readyAction(world, tenant)];
    const meanwhile = await readyAction(world, tenant);
    expect(await beginEffect(running, tenant, claimOf(first))).toHaveProperty('begun');
    let closed = false;
    const kill = move(true).then(() => (closed = true));
    await later(50, async () => expect(closed).toBe(false));
    // Its transaction is through the gate already.
    expect(await beginEffect(running, tenant, claimOf(meanwhile))).toHaveProperty('begun');
    const late = began(second);
    await later(50, async () => expect(closed).toBe(false));
    await running.query('commit');
    await kill;
    expect(await late).toBe('scope_fenced');
    // What began while it waited began before it.
    const times = `select f.moved_at > e.begun_at as after from fences f join effects e using (tenant) where e.action = $1`;
    expect(await world.rows(times, [meanwhile.actionId])).toEqual([{ after: true }]);
    await move(false);
  });

  it('is held up by a frozen worker no longer than Postgres lets a transaction idle', async () => {
    const action = await readyAction(world, tenant);
    await beginEffect(running, tenant, claimOf(action));
    running.on('error', () => 'its session was ended by Postgres, as it should be');
    const started = performance.now();
    await move(true);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(await world.rows('select from effects where action = $1', [action.actionId])).toEqual([]);
    await move(false);
  });

  it('of the whole deployment stops every tenant', async () => {
    const other = await seedTenant(world);
    const action = await readyAction(world, other);
    await move(true, 'global');
    expect(await began(action)).toBe('scope_fenced');
    await move(false, 'global');
  });
});
