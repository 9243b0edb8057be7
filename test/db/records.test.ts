import { randomUUID } from 'node:crypto';
import { activateBundle } from '../../db/activate-bundle';
import { bundleInForce } from '../../db/bundle-in-force';
import { bundleStanding } from '../../db/bundle-standing';
import { findAction } from '../../db/find-action';
import { liveGrants, takeOverdueGrants } from '../../db/live-grants';
import { lockApproval } from '../../db/lock-approval';
import { loadAction } from '../../db/load-action';
import { loadEffects } from '../../db/load-effects';
import { openRound } from '../../db/open-round';
import { type EffectEnd, recordEffect } from '../../db/record-effect';
import { recordRevocation } from '../../db/record-revocation';
import { roleName } from '../../providers/postgres/role-name';
import { requestCancel } from '../../db/request-cancel';
import { markAction, settleAction } from '../../db/settle-action';
import { findTask, openTask, taskIdOf } from '../../db/tasks';
import { outcomeOf } from '../../domain/words';
import { inTransaction } from '../../db/in-transaction';
import { notInForce } from '../../pdp/not-in-force';
import {
  askPeople,
  begin,
  BUNDLE,
  chain,
  digest,
  readyAction,
  seedAction,
  type SeededAction,
  seedTenant,
  vote,
} from '../helpers/seed';
import { beginLent } from '../helpers/lend-grant';
import { moveFence } from '../helpers/move-fence';
import { createWorld, type World } from '../helpers/world';

let world: World;
let tenant: string;
let action: SeededAction;
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => {
  tenant = await seedTenant(world);
  action = await readyAction(world, tenant);
});
afterAll(() => world.close());

const work: World['as'] = (role, of, run) => world.as(role, of, run);

describe('how an attempt ended', () => {
  const end = (state: EffectEnd['state'], attempt = 1): Promise<boolean> =>
    work('worker', tenant, (client) =>
      recordEffect(client, tenant, { actionId: action.actionId, step: 'pay', kind: 'do', attempt, state }),
    );
  const state = async (): Promise<string | undefined> =>
    (await work('worker', tenant, (client) => loadEffects(client, tenant, action.actionId)))[0]?.state;
  beforeEach(() => begin(world, action));

  it.each(['done', 'failed', 'absent'] as const)('X62 stays %s, whatever a late twin of it says', async (first) => {
    expect(await end(first)).toBe(true);
    for (const late of ['done', 'failed', 'absent', 'unknown'] as const) expect(await end(late)).toBe(false);
    expect(await state()).toBe(first);
  });

  it('X62 may be found out later where it was unknown', async () => {
    expect(await end('unknown')).toBe(true);
    expect(await end('done')).toBe(true);
    expect(await state()).toBe('done');
  });

  it('X62 says nothing about another attempt', async () => {
    await end('absent');
    await begin(world, action);
    expect(await end('done', 1)).toBe(false);
    expect(await end('done', 3)).toBe(false);
    expect(await state()).toBe('begun');
    expect(await end('done', 2)).toBe(true);
  });

  it('is told with the time in which its request may still be accepted', async () => {
    const [effect] = await work('worker', tenant, (client) => loadEffects(client, tenant, action.actionId));
    expect(effect?.openForMs).toBeGreaterThan(1_000);
    expect(effect?.openForMs).toBeLessThanOrEqual(2_000);
  });
});

it('an action ends once: the first ending stands, and later marks change nothing', async () => {
  const settle = (ending: 'denied' | 'executed'): Promise<unknown> =>
    work('worker', tenant, (client) =>
      settleAction(client, tenant, action.actionId, ending, outcomeOf(ending, [], {})),
    );
  const results = await Promise.all([settle('denied'), settle('denied'), settle('denied')]);
  expect(results.filter(Boolean)).toHaveLength(1);
  expect(await settle('executed')).toBeUndefined();
  await work('worker', tenant, (client) => markAction(client, tenant, action.actionId, 'waiting', ['bob']));
  expect(await work('worker', tenant, (client) => findAction(client, tenant, action.actionId))).toMatchObject({
    state: 'denied',
    waitingOn: [],
  });
  expect(await work('gateway', tenant, (client) => requestCancel(client, tenant, action.actionId, 'bob'))).toBe(false);
});

it('X13 a new round ends the request of the last one and takes its facts and digest', async () => {
  const asked = await seedAction(world, tenant);
  await askPeople(world, asked);
  await vote(world, asked, 'bob');
  const next = {
    actionId: asked.actionId,
    round: 2,
    facts: { vendor: 'new' },
    factsDigest: digest('1'),
    digest: digest('2'),
    why: 'envelope_changed',
  };
  await work('worker', tenant, (client) => openRound(client, tenant, next));
  expect(await vote(world, asked, 'carol')).toBe('approval_closed');
  const loaded = await work('worker', tenant, (client) => loadAction(client, tenant, asked.actionId));
  expect(loaded).toMatchObject({ round: 2, facts: next.facts, digest: next.digest, factsDigest: next.factsDigest });
  expect(await work('worker', tenant, (client) => lockApproval(client, tenant, asked.actionId, 2))).toBeUndefined();
  await expect(work('worker', tenant, (client) => openRound(client, tenant, next))).rejects.toMatchObject({
    code: '23505',
  });
});

it('an approval is read with the votes that still count', async () => {
  const asked = await seedAction(world, tenant);
  await askPeople(world, asked, [chain('finance', 2)]);
  await vote(world, asked, 'bob');
  await vote(world, asked, 'carol');
  await world.rows(`update people set state = 'left' where tenant = $1 and person = 'bob'`, [tenant]);
  const read = await work('worker', tenant, (client) => lockApproval(client, tenant, asked.actionId, 1));
  expect(read?.votes).toEqual([{ person: 'carol', accounts: ['carol'], stage: 0, choice: 'approve' }]);
  expect(read?.remainingMs).toBeLessThanOrEqual(60_000);
});

it('an agent that was registered anew is no longer the one that asked', async () => {
  await world.rows('update agents set generation = 2 where tenant = $1', [tenant]);
  expect(await work('worker', tenant, (client) => loadAction(client, tenant, action.actionId))).toMatchObject({
    agentState: 'offboarded',
  });
});

it('a task is opened once for one attempt', async () => {
  const trouble = { actionId: action.actionId, step: 'pay', kind: 'unknown_outcome', attempt: 1 } as const;
  const open = (): Promise<boolean> => work('worker', tenant, (client) => openTask(client, tenant, trouble));
  expect([await open(), await open()]).toEqual([true, false]);
  const task = taskIdOf(trouble);
  expect(await work('worker', tenant, (client) => findTask(client, tenant, task))).toEqual({
    task,
    state: 'open',
    resolution: null,
  });
  expect(taskIdOf({ ...trouble, attempt: 2 })).not.toBe(task);
});

it('login roles are named in Postgres as their provider names them', async () => {
  const ids = [`act-${randomUUID()}.pay.do.1`, 'ä.status', ''];
  const [row] = await world.rows<{ names: string[] }>(
    'select array(select grant_role(id) from unnest($1::text[]) with ordinality u (id, n) order by n) as names',
    [ids],
  );
  expect(row?.names).toEqual(ids.map(roleName));
});

describe('a grant', () => {
  const overdue = (limit: number): Promise<string[]> =>
    inTransaction(world.loops, async (client) =>
      (await takeOverdueGrants(client, 0, limit)).map(({ grantId }) => grantId),
    );
  const revoke = (grantId: string, kind: 'live' | 'revoked' | 'expired'): Promise<boolean> =>
    work('worker', tenant, (client) =>
      recordRevocation(client, tenant, grantId, kind === 'live' ? { kind, code: 'target_busy' } : { kind }),
    );
  const grantId = (): string => `${action.actionId}.pay.do.1`;
  beforeEach(async () => {
    await world.rows('delete from grants');
    await begin(world, action);
  });

  it('is live until it is ended, which happens once', async () => {
    const live = (): Promise<readonly object[]> =>
      work('worker', tenant, (client) => liveGrants(client, tenant, action.actionId));
    expect(await live()).toMatchObject([{ grantId: grantId(), expired: false, revokeAttempts: 0 }]);
    expect(await revoke(grantId(), 'live')).toBe(true);
    expect(await live()).toMatchObject([{ grantId: grantId(), revokeAttempts: 1 }]);
    expect([await revoke(grantId(), 'revoked'), await revoke(grantId(), 'expired')]).toEqual([true, false]);
    expect(await revoke(grantId(), 'live')).toBe(false);
    expect(await live()).toEqual([]);
    expect(await world.rows('select state, ended_by from grants where tenant = $1', [tenant])).toEqual([
      { state: 'revoked', ended_by: 'revoked' },
    ]);
  });

  it('X56 that cannot be ended is tried again later each time, for ever', async () => {
    const waits: number[] = [];
    for (let attempt = 0; attempt < 13; attempt++) {
      await revoke(grantId(), 'live');
      const [row] = await world.rows<{ s: number }>(
        'select round(extract(epoch from next_revoke_at - clock_timestamp()))::integer as s from grants where tenant = $1',
        [tenant],
      );
      waits.push(row?.s ?? 0);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]);
  });

  it('I4 that outlived its time is taken by one reaper only, whoever else looks', async () => {
    expect(await overdue(10)).toEqual([]);
    const others = await Promise.all(Array.from({ length: 20 }, async () => await readyAction(world, tenant)));
    for (const other of others) await begin(world, other);
    await world.rows(`update grants set expires_at = now() - interval '1 s'`);
    const taken = (await Promise.all(Array.from({ length: 8 }, () => overdue(4)))).flat();
    expect(new Set(taken).size).toBe(taken.length);
    const rest = await overdue(100);
    expect(new Set([...taken, ...rest]).size).toBe(21);
    expect(await overdue(100)).toEqual([]);
  });

  it('X54 of a target where many are due, and none can be ended, keeps none of another target waiting', async () => {
    const others = await Promise.all(Array.from({ length: 20 }, async () => await readyAction(world, tenant)));
    for (const other of others) await begin(world, other);
    await world.rows(`update grants set expires_at = now() - interval '1 hour'`);
    const books = await readyAction(world, tenant);
    await begin(world, books, { target: 'books' });
    await world.rows(`update grants set expires_at = now() - interval '1 s' where target = 'books'`);
    const taken = await overdue(10);
    expect([taken.length, taken.filter((grant) => grant.startsWith(books.actionId))]).toEqual([
      10,
      [`${books.actionId}.pay.do.1`],
    ]);
  });

  it('X54 that an agent holds, and that a fence has ended, comes before those whose time alone is over', async () => {
    for (let n = 0; n < 5; n++) await begin(world, await readyAction(world, tenant));
    await world.rows(`update grants set expires_at = now() - interval '1 hour'`);
    const { grantId: held } = await beginLent(world, tenant);
    await moveFence(world.superuser, tenant, 'agent:payer', true);
    expect(await overdue(1)).toEqual([held]);
  });
});

describe('the bundle in force', () => {
  it('X30 of two that count the same, the first stays, and whoever starts with the other is told so', async () => {
    const [row] = await world.rows<{ version: string }>('select max(version) as version from bundles');
    const version = Number(row?.version) + 1;
    const [first, second] = [
      { digest: digest('e'), version },
      { digest: digest('f'), version },
    ];
    expect(await activateBundle(world.worker, first, '{}')).toBe('active');
    expect(await activateBundle(world.worker, second, '{}')).toBe('taken');
    expect(await bundleStanding(world.gateway, second)).toBe('taken');
    expect(await bundleStanding(world.gateway, first)).toBe('active');
    expect(await bundleInForce(world.worker)).toBe(first.digest);
    expect(notInForce('taken').message).toContain('bundle_version_taken');
    await activateBundle(world.worker, { digest: BUNDLE.digest, version: version + 1 }, '{}');
  });

  it('X30 never goes back to an older version', async () => {
    const [row] = await world.rows<{ version: string }>('select max(version) as version from bundles');
    const version = Number(row?.version);
    expect(await activateBundle(world.worker, { digest: digest('d'), version }, '{}')).toBe('taken');
    expect(await activateBundle(world.worker, { ...BUNDLE, version }, '{}')).toBe('active');
    expect(await activateBundle(world.worker, { digest: digest('d'), version: version + 1 }, '{}')).toBe('active');
    expect(await activateBundle(world.worker, BUNDLE, '{}')).toBe('older');
    expect(await activateBundle(world.worker, { digest: BUNDLE.digest, version: version + 2 }, '{}')).toBe('active');
  });
});
