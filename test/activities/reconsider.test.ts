import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { type StepResult } from '../../activities/results';
import { createReadVerdict } from '../../activities/read-verdict';
import { createUndoStep } from '../../activities/undo-step';
import { type Workshop, ask, TWO_STEPS } from '../helpers/workshop';
import { LIMITS } from '../../domain/limits';
import { requestIdOf } from '../../db/open-approval';
import { seedAction, type SeededAction, vote } from '../helpers/seed';
import { tenant, workshop, world } from '../helpers/own-workshop';

beforeAll(async () => {
  // Longer than anything here takes on a slow machine: whoever deadlocks is seen to.
  await world.rows(
    `do $$ begin execute format('alter database %I set deadlock_timeout = %L', current_database(), '20s'); end $$`,
  );
});

const run = ({ actionId }: SeededAction, deps = workshop.deps): Promise<StepResult> =>
  createPerformStep(deps)({ tenant, actionId, stepId: 'pay' });
const decide = ({ actionId }: SeededAction): Promise<object> => createDecide(workshop.deps)({ tenant, actionId });
const verdict = ({ actionId }: SeededAction): Promise<object> => createReadVerdict(workshop.deps)({ tenant, actionId });
const rounds = (): Promise<{ digest: string; why: string }[]> =>
  world.rows('select digest, why from action_rounds where tenant = $1 order by round', [tenant]);
const requests = (): Promise<object[]> =>
  world.rows('select state from approval_requests where tenant = $1 order by round', [tenant]);

async function countersigned(): Promise<SeededAction> {
  workshop.policy.decision = ask('finance-1');
  const action = await seedAction(world, tenant);
  await decide(action);
  await vote(world, action, 'bob');
  expect(await verdict(action)).toEqual({ kind: 'approved' });
  return action;
}

const changeIban = (): void =>
  void (workshop.target.facts['vendorById'] = { kind: 'found', fact: { iban: 'DE02', status: 'active' } });

describe('X13 an action is decided anew, with a new digest and without its old votes, when', () => {
  const changes: readonly [string, string, () => unknown][] = [
    ['the vendor’s account changed', 'envelope_changed', changeIban],
    ['the vendor is gone', 'envelope_changed', () => (workshop.target.facts['vendorById'] = { kind: 'missing' })],
    [
      'policy now asks others too',
      'policy_changed',
      () => (workshop.policy.decision = ask('finance-1', 'directors-1')),
    ],
    [
      'one who countersigned left',
      'votes_void',
      () => world.rows(`update people set state = 'left' where tenant = $1 and person = 'bob'`, [tenant]),
    ],
    [
      'the approval is too old',
      'approval_lapsed',
      () => world.rows(`update votes set cast_at = cast_at - interval '1 h' where tenant = $1`, [tenant]),
    ],
    [
      'its agent was stopped and started again',
      'fence_moved',
      () =>
        world.rows(
          `insert into fences (tenant, scope, epoch, closed, reason, actor) values ($1, 'agent:payer', 2, false, 'r', 'bob')`,
          [tenant],
        ),
    ],
  ];

  it.each(changes)('%s (%s)', async (_, why, change) => {
    const action = await countersigned();
    await change();
    expect(await run(action)).toEqual({ kind: 'reconsider' });
    expect(workshop.target.calls).toEqual([]);
    expect(await requests()).toEqual([{ state: 'superseded' }]);
    const [first, second] = await rounds();
    expect(second?.why).toBe(why);
    expect(second?.digest).not.toBe(first?.digest);
    expect(
      await world.rows(
        `select leaf::jsonb -> 'entry' as entry from ledger where tenant = $1 and key like 'action/%/reconsidered/2'`,
        [tenant],
      ),
    ).toMatchObject([{ entry: { event: 'action.reconsidered', why, digest: second?.digest } }]);
    expect(await world.rows('select from effects where tenant = $1', [tenant])).toEqual([]);
  });

  it('and runs once it was countersigned again, as it is now', async () => {
    const action = await countersigned();
    changeIban();
    await run(action);
    expect(await decide(action)).toMatchObject({ kind: 'asked', waiting: { people: ['bob', 'carol', 'dora'] } });
    expect(await run(action)).toEqual({ kind: 'stopped', stopped: 'denied', code: 'action_closed' });
    const second = { ...action, request: requestIdOf(action.actionId, 2) };
    expect(await vote(world, second, 'carol')).toBe('digest_mismatch');
    const digest = (await rounds())[1]?.digest ?? '';
    expect(await vote(world, { ...second, digest }, 'carol')).toBe('recorded');
    expect(await verdict(action)).toEqual({ kind: 'approved' });
    expect(await run(action)).toMatchObject({ kind: 'done' });
    expect(workshop.target.calls).toMatchObject([{ digest, values: { facts: { vendor: { iban: 'DE02' } } } }]);
    expect(await world.rows('select held_minor::integer as held from budgets where tenant = $1', [tenant])).toEqual([
      { held: 500 },
    ]);
  });
});

it('what is no part of the envelope may change without anybody being asked again', async () => {
  const action = await countersigned();
  workshop.target.facts['vendorById'] = { kind: 'found', fact: { iban: 'DE01', status: 'renamed' } };
  expect(await run(action)).toMatchObject({ kind: 'done' });
});

it('a world that changes faster than people can countersign ends in a denial', async () => {
  const action = await countersigned();
  for (let round = 1; round < LIMITS.rounds; round++) {
    workshop.target.facts['vendorById'] = { kind: 'found', fact: { iban: `DE9${String(round)}` } };
    expect(await run(action)).toEqual({ kind: 'reconsider' });
  }
  changeIban();
  expect(await run(action)).toEqual({ kind: 'stopped', stopped: 'denied', code: 'policy_changed' });
  expect(await rounds()).toHaveLength(LIMITS.rounds);
});

it('a worker that dies after it opened a round is followed by one that has it decided, not by a denial', async () => {
  workshop.policy.decision = { effect: 'allow', findings: [], chains: [] };
  const action = await seedAction(world, tenant);
  await decide(action);
  changeIban();
  await run(action);
  expect([await run(action), await run(action)]).toEqual([{ kind: 'reconsider' }, { kind: 'reconsider' }]);
  expect(await rounds()).toHaveLength(2);
  expect(await decide(action)).toMatchObject({ kind: 'allowed' });
  expect(await run(action)).toMatchObject({ kind: 'done' });
});

it('two workers that find the same change open one round', async () => {
  const action = await countersigned();
  changeIban();
  const results = await Promise.all(Array.from({ length: 6 }, () => run(action)));
  expect(results.filter(({ kind }) => kind === 'reconsider').length).toBeGreaterThan(0);
  expect(await rounds()).toHaveLength(2);
});

it('a vote that arrives while a round is opened neither blocks it nor counts for it', async () => {
  const action = await countersigned();
  changeIban();
  const { db } = workshop.deps;
  let late: Promise<string> | undefined;
  const interrupted: Workshop['deps'] = {
    ...workshop.deps,
    db: {
      ...db,
      openRound: async (...args) => {
        late = vote(world, action, 'carol', { choice: 'deny' });
        await new Promise((resolve) => setTimeout(resolve, 50));
        await db.openRound(...args);
      },
    },
  };
  const started = performance.now();
  expect(await run(action, interrupted)).toEqual({ kind: 'reconsider' });
  expect(await late).toBe('approval_closed');
  // Postgres would notice a deadlock after twenty seconds.
  expect(performance.now() - started).toBeLessThan(15_000);
});

it('a worker that was frozen finds the step done by a twin, and has nothing decided anew', async () => {
  const action = await countersigned();
  // It has looked at the step, and is stopped before it reads the facts.
  const frozen: Workshop['deps'] = {
    ...workshop.deps,
    facts: {
      read: async (query) => {
        expect(await run(action)).toMatchObject({ kind: 'done' });
        changeIban();
        return await workshop.deps.facts.read(query);
      },
    },
  };
  await run(action, frozen);
  expect(await rounds()).toHaveLength(1);
  expect(await requests()).toEqual([{ state: 'approved' }]);
});

it('X64 nor where a twin began to undo the action, and is told the next time it looks', async () => {
  const type = { ...TWO_STEPS, effect: 'compensable', lane: 'brokered' } as const;
  const action = await seedAction(world, tenant, { type });
  const ref = { tenant, actionId: action.actionId };
  await decide(action);
  expect(await createPerformStep(workshop.deps)({ ...ref, stepId: 'book' })).toMatchObject({ kind: 'done' });
  const frozen: Workshop['deps'] = {
    ...workshop.deps,
    facts: {
      read: async (query) => {
        await createUndoStep(workshop.deps)({ ...ref, stepId: 'book' });
        changeIban();
        return await workshop.deps.facts.read(query);
      },
    },
  };
  expect(await run(action, frozen)).toEqual({ kind: 'reconsider' });
  expect(await rounds()).toHaveLength(1);
  expect(await decide(action)).toMatchObject({ kind: 'undoing', begun: ['book'] });
  expect(await run(action)).toEqual({ kind: 'stopped', stopped: 'denied', code: 'action_closed' });
});
