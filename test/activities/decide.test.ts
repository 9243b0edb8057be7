import { createDecide } from '../../activities/decide';
import { requestCancel } from '../../db/request-cancel';
import { settleAction } from '../../db/settle-action';
import { outcomeOf } from '../../domain/words';
import { digest, PARAMS, seedAction, type SeededAction, seedTenant, TYPE, vote } from '../helpers/seed';
import { ask, DENY } from '../helpers/workshop';
import { tenant, workshop, world } from '../helpers/own-workshop';

const decide = (action: Pick<SeededAction, 'actionId'>): ReturnType<ReturnType<typeof createDecide>> =>
  createDecide(workshop.deps)({ tenant, actionId: action.actionId });
const STEPS = [{ id: 'pay', summary: 'payIt at bank' }];

async function findings(): Promise<string[]> {
  const rows = await world.rows<{ code: string }>(
    `select f ->> 'code' as code from decisions, jsonb_array_elements(findings) f where tenant = $1 order by decided_at`,
    [tenant],
  );
  return rows.map(({ code }) => code);
}

/** All that deciding writes. */
async function written(): Promise<object> {
  const [counts] = await world.rows(
    `select (select count(*)::integer from decisions where tenant = $1) as decisions,
            (select count(*)::integer from approval_requests where tenant = $1) as requests,
            (select coalesce(sum(held_minor), 0)::integer from budgets where tenant = $1) as held,
            (select array_agg(split_part(key, '/', 1) || '/' || split_part(key, '/', 3) order by seq) from ledger where tenant = $1) as ledger`,
    [tenant],
  );
  return counts ?? {};
}
const ONCE = { decisions: 1, requests: 0, held: 500, ledger: ['action/decided'] };

describe('an action that is decided', () => {
  it('may run when policy allows it; asked again, the answer is the stored one', async () => {
    const action = await seedAction(world, tenant);
    const first = await decide(action);
    expect(first).toMatchObject({ kind: 'allowed', steps: STEPS });
    expect(await written()).toEqual(ONCE);
    workshop.policy.decision = DENY;
    expect(await decide(action)).toEqual(first);
    expect(await written()).toEqual(ONCE);
    expect(workshop.policy.asked).toBe(1);
  });

  it('waits for those whom policy names, and for nobody else', async () => {
    workshop.policy.decision = ask('finance-2');
    const action = await seedAction(world, tenant);
    const first = await decide(action);
    expect(first).toMatchObject({ kind: 'asked', steps: STEPS, waiting: { people: ['bob', 'carol', 'dora'] } });
    expect(await decide(action)).toMatchObject({ kind: 'asked', waiting: { people: ['bob', 'carol', 'dora'] } });
    expect(await written()).toEqual({ ...ONCE, requests: 1 });
    expect(await world.rows('select state, waiting_on from actions where tenant = $1', [tenant])).toEqual([
      { state: 'waiting', waiting_on: ['group:finance'] },
    ]);
  });

  it('I5 is decided once by twenty workers at once', async () => {
    workshop.policy.decision = ask('finance-1');
    const action = await seedAction(world, tenant);
    const answers = await Promise.all(Array.from({ length: 20 }, () => decide(action)));
    expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['asked']));
    expect(await written()).toEqual({ ...ONCE, requests: 1 });
  });

  const POINTS = ['decide:before-commit', 'decide:after-commit', 'decide.answer.append:after-commit'];
  it.each(POINTS)('survives a death at %s', async (point) => {
    const action = await seedAction(world, tenant);
    workshop.dieAt = point;
    await expect(decide(action)).rejects.toThrow(point);
    expect(await decide(action)).toMatchObject({ kind: 'allowed' });
    expect(await written()).toEqual(ONCE);
    expect([...new Set(workshop.passed)]).toEqual(POINTS);
  });

  it.each([
    ['voted', (action: SeededAction) => vote(world, action, 'bob')],
    [
      'asked to cancel',
      (action: SeededAction) =>
        world.as('gateway', tenant, (client) => requestCancel(client, tenant, action.actionId, 'bob')),
    ],
  ])('is looked at again at once when somebody %s before the answer arrived', async (_, meanwhile) => {
    workshop.policy.decision = ask('finance-1');
    const action = await seedAction(world, tenant);
    workshop.dieAt = 'decide.answer.append:after-commit';
    await expect(decide(action)).rejects.toThrow();
    await meanwhile(action);
    expect(await decide(action)).toMatchObject({ kind: 'asked', waiting: { wakeInMs: 1, waitingOn: [] } });
  });
});

describe('an action is denied, and says why, when', () => {
  it('policy denies it', async () => {
    workshop.policy.decision = DENY;
    const action = await seedAction(world, tenant);
    expect([await decide(action), await decide(action)]).toEqual([{ kind: 'denied' }, { kind: 'denied' }]);
    expect(await findings()).toEqual(['too_much']);
    expect(await written()).toEqual({ ...ONCE, held: 0 });
  });

  it('X65 its budget is exhausted: of ten at once that fit only twice, two are allowed', async () => {
    const actions = await Promise.all(Array.from({ length: 10 }, () => seedAction(world, tenant)));
    const answers = await Promise.all(actions.map((action) => decide(action)));
    expect(answers.filter(({ kind }) => kind === 'allowed')).toHaveLength(2);
    expect((await findings()).filter((code) => code === 'budget_exhausted')).toHaveLength(8);
    expect(await written()).toMatchObject({ held: 1_000 });
  });

  it.each([
    ['budget_unknown', 'no limit is set for its currency', { params: { ...PARAMS, currency: 'USD' } }],
    ['fact_missing', 'the system of record does not know its subject', { facts: { vendor: null } }],
    ['policy_changed', 'its type was changed', { type: { ...TYPE, version: 2 } }],
    ['policy_changed', 'its type is gone', { type: { ...TYPE, id: 'constructor' } }],
  ])('%s: %s', async (code, _, seed) => {
    const action = await seedAction(world, tenant, seed);
    expect(await decide(action)).toEqual({ kind: 'denied' });
    expect(await findings()).toEqual([code]);
    expect(await written()).toMatchObject({ requests: 0, held: 0 });
  });

  it.each([
    ['agent_not_active', `update agents set state = 'quarantined' where tenant = $1`],
    ['agent_not_active', `update agents set generation = 2 where tenant = $1`],
    [
      'scope_fenced',
      `insert into fences (tenant, scope, closed, reason, actor) values ($1, 'team:finance', true, 'r', 'bob')`,
    ],
  ])('%s, whatever policy would say: %s', async (code, change) => {
    const action = await seedAction(world, tenant);
    await world.rows(change, [tenant]);
    expect(await decide(action)).toEqual({ kind: 'denied' });
    expect(await findings()).toEqual([code]);
    expect(workshop.policy.asked).toBe(0);
  });

  it.each([
    ['is empty', ['nobody-1']],
    ['does not exist', ['finance-1', 'no-such-chain']],
    ['has too few people who are not asked already', ['finance-2', 'finance-2']],
  ])('I7 nobody could countersign it: a chain %s', async (_, chains) => {
    workshop.policy.decision = ask(...chains);
    const action = await seedAction(world, tenant);
    expect(await decide(action)).toEqual({ kind: 'denied' });
    expect(await findings()).toEqual(['approval_unsatisfiable']);
    expect(await written()).toMatchObject({ requests: 0 });
  });
});

it('K3 an action of a paused agent is held: nothing is decided', async () => {
  const action = await seedAction(world, tenant);
  await world.rows(`update agents set state = 'paused' where tenant = $1`, [tenant]);
  expect(await decide(action)).toEqual({ kind: 'held' });
  expect(await written()).toMatchObject({ decisions: 0, requests: 0 });
});

describe('X76 nothing happens, and nothing is recorded, for', () => {
  it('an id that somebody made up', async () => {
    expect(await decide({ actionId: 'act-00000000-0000-0000-0000-000000000000' })).toEqual({ kind: 'nothing' });
    expect(await written()).toEqual({ decisions: 0, requests: 0, held: 0, ledger: null });
  });

  it('an action of another tenant', async () => {
    const action = await seedAction(world, await seedTenant(world));
    expect(await decide(action)).toEqual({ kind: 'nothing' });
  });

  it('an action that has ended', async () => {
    const action = await seedAction(world, tenant);
    await world.as('worker', tenant, (client) =>
      settleAction(client, tenant, action.actionId, 'denied', outcomeOf('denied', [], {})),
    );
    expect(await decide(action)).toEqual({ kind: 'nothing' });
    expect(await written()).toMatchObject({ decisions: 0, held: 0 });
  });
});

it('a bundle that is swapped while an action is decided does not mix with the one that decided', async () => {
  const action = await seedAction(world, tenant);
  const { deps, policy } = workshop;
  const swapped = { ...deps.db, recordDecision: deps.db.recordDecision, holdBudget: deps.db.holdBudget };
  swapped.holdBudget = async (...args) => {
    policy.bundleDigest = digest('9');
    return await deps.db.holdBudget(...args);
  };
  policy.decision = ask('nobody-1');
  await createDecide({ ...deps, db: swapped })({ tenant, actionId: action.actionId });
  expect(await world.rows('select distinct bundle_digest from decisions where tenant = $1', [tenant])).toEqual([
    { bundle_digest: digest('b') },
  ]);
});
