import { createControlActivities, createDecidingActivities, createEffectActivities } from '../../activities';
import { type StepRef } from '../../activities/deps';
import { askPeople, decideOn, seedAction, type SeededAction, seedTenant, vote } from '../helpers/seed';
import { createWorkshop } from '../helpers/workshop';
import { createWorld, type World } from '../helpers/world';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());

const TABLES = [
  'actions',
  'action_rounds',
  'decisions',
  'approval_requests',
  'votes',
  'reservations',
  'effects',
  'grants',
  'tasks',
  'outbox',
  'ledger',
];

/** Every row of a tenant in every table in which an action leaves some. */
async function rowsOf(tenant: string): Promise<Record<string, object[]>> {
  const rows: Record<string, object[]> = {};
  for (const table of TABLES)
    rows[table] = await world.rows(`select to_jsonb(t) as row from ${table} t where tenant = $1 order by 1`, [tenant]);
  return rows;
}

/** All that a worker can do with one action, by the name of each. */
function activities(): {
  readonly touched: () => readonly string[];
  readonly all: readonly (readonly [string, (ref: StepRef) => Promise<unknown>])[];
} {
  const { deps, target } = createWorkshop(world);
  const all = { ...createDecidingActivities(deps), ...createEffectActivities(deps), ...createControlActivities(deps) };
  // Each reads of its input what it needs; a grant of the action's own is named besides.
  const called = Object.entries(all) as unknown as [string, (ref: object) => Promise<unknown>][];
  return {
    touched: () => target.log,
    all: called.map(([name, call]) => [
      name,
      (ref) => call({ ...ref, grantId: `${ref.actionId}.${ref.stepId}.do.1`, done: [], begun: [ref.stepId] }),
    ]),
  };
}

const STATES: readonly (readonly [string, (action: SeededAction) => Promise<void>])[] = [
  ['not decided yet', () => Promise.resolve()],
  ['waiting', (action) => askPeople(world, action)],
  [
    'countersigned',
    async (action) => {
      await askPeople(world, action);
      await decideOn(world, action, { stage: 'preflight/pay' });
      expect(await vote(world, action, 'bob')).toBe('recorded');
    },
  ],
  [
    'begun',
    async (action) => {
      await decideOn(world, action);
      await activities().all.find(([name]) => name === 'performStep')?.[1]({ ...action, stepId: 'pay' });
    },
  ],
];

it.each(STATES)('X47 an action of one tenant that is %s is nothing in the name of another', async (_, bring) => {
  const [tenant, other] = [await seedTenant(world), await seedTenant(world)];
  const action = await seedAction(world, tenant);
  await bring(action);
  const before = [await rowsOf(tenant), await rowsOf(other)];
  const { all, touched } = activities();
  expect(all.length).toBeGreaterThan(10);
  for (const [name, call] of all) {
    // Most answer that there is nothing to do, some that there is no such thing.
    await call({ tenant: other, actionId: action.actionId, stepId: 'pay' }).catch((error: unknown) => error);
    expect([name, await rowsOf(tenant), await rowsOf(other), touched()]).toEqual([name, ...before, []]);
  }
  // In its own tenant's name the same calls do a lot.
  for (const [, call] of all)
    await call({ tenant, actionId: action.actionId, stepId: 'pay' }).catch((error: unknown) => error);
  expect(await rowsOf(tenant)).not.toEqual(before[0]);
  expect(await rowsOf(other)).toEqual(before[1]);
});
