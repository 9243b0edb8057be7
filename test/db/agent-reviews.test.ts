import { tenantsToReview } from '../../db/review-agents';
import { moveClock } from '../helpers/move-clock';
import { digest } from '../helpers/seed';
import { showKey } from '../helpers/show-key';
import { createWorld, type World } from '../helpers/world';
import { Reviewing, RIGHTS } from './reviewing';

let world: World;
let t: Reviewing;
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => (t = await Reviewing.start(world, RIGHTS)));
afterAll(() => world.close());

describe('what an agent may do', () => {
  const tier = (name: string | null): Promise<object[]> =>
    t.world.rows('update agents set risk_tier = $2 where tenant = $1', [t.tenant, name]);

  it.each([
    ['low', 351],
    ['medium', 166],
    ['high', 76],
    ['critical', 16],
    [null, 16],
  ])('is to be confirmed again two weeks before its time is over, of tier %s after %d days', async (name, days) => {
    await tier(name);
    await t.pass(days - 1);
    expect(await t.listed()).toEqual([]);
    await t.pass(1);
    expect(await t.listed()).toMatchObject([{ stage: 'due', rights: { owner: 'alice', creator: 'oscar', roles: [] } }]);
    expect(await t.entries('agent.review_opened')).toMatchObject([{ entry: { actor: 'countersign', owner: 'alice' } }]);
    expect(await t.notes()).toEqual(['review_due to alice']);
  });

  it('X50 by somebody who could have let it in: not its owner, its creator, nor another account of theirs', async () => {
    await t.pass(17);
    await t.world.rows(`update people set human = 'al' where tenant = $1 and person in ('alice', 'carol')`, [t.tenant]);
    expect(await t.answer('alice')).toBe('self_approval');
    expect(await t.answer('oscar')).toBe('self_approval');
    expect(await t.answer('carol')).toBe('self_approval');
    expect(await t.answer('alice', 'end')).toBe('self_approval');
    expect(await t.answer('olaf')).toBe('forbidden');
    expect(await t.answer('bob', 'keep', { reason: ' ' })).toBe('reason_required');
    expect(await t.answer('bob', 'keep', { digest: digest('1') })).toBe('digest_mismatch');
    expect(await t.listed()).toHaveLength(1);
    expect(await t.answer('bob')).toBe('done');
    expect(await t.answer('bob')).toBe('review_not_open');
    expect(await t.listed()).toEqual([]);
    expect(await t.entries('agent.reviewed')).toMatchObject([
      { entry: { actor: 'bob', choice: 'keep', stage: 'due' }, body: expect.stringContaining('looked at it') },
    ]);
    await t.pass(15);
    expect(await t.listed()).toEqual([]);
    await t.pass(2);
    expect(await t.listed()).toMatchObject([{ confirmedBy: 'bob' }]);
  });

  it('X50 nor by whoever was shown a key of it, whatever became of that', async () => {
    await showKey(world.superuser, t.tenant, 'bob');
    await t.pass(17);
    expect(await t.answer('bob')).toBe('self_approval');
    await t.world.rows('update agent_credentials set revoked_at = clock_timestamp() where tenant = $1', [t.tenant]);
    expect([await t.answer('bob'), await t.answer('bob', 'end')]).toEqual(['self_approval', 'self_approval']);
    expect(await t.entries('agent.reviewed')).toEqual([]);
    expect(await t.answer('erin')).toBe('done');
    expect(await t.listed()).toEqual([]);
  });

  it('is what was looked at, or the answer does not count', async () => {
    await t.pass(17);
    const [shown] = await t.listed();
    await t.world.rows(`update agents set roles = '{payer}' where tenant = $1`, [t.tenant]);
    expect(await t.answer('bob', 'keep', { digest: shown?.digest ?? '' })).toBe('digest_mismatch');
    expect(await t.answer('bob')).toBe('done');
  });

  it('lapses: it has to ask for everything, and two weeks later it is quarantined', async () => {
    await t.pass(17);
    await t.pass(12);
    expect(await t.state()).toBe('active');
    await t.pass(2);
    expect(await t.state()).toBe('ask_always');
    await t.pass(13);
    expect(await t.state()).toBe('ask_always');
    await t.pass(1);
    expect(await t.state()).toBe('quarantined');
    await t.pass(50);
    expect((await t.entries('agent.review_lapsed')).map(({ entry }) => entry['stage'])).toEqual([
      'restricted',
      'lapsed',
    ]);
    expect(await t.entries('agent.moved')).toMatchObject([
      { entry: { actor: 'countersign', to: 'ask_always' } },
      { entry: { actor: 'countersign', to: 'quarantined' } },
    ]);
    expect(await t.notes()).toEqual(['review_due to alice', 'review_restricted to alice', 'review_lapsed to alice']);
  });

  it('does not lapse by a clock that jumps: it is due for fourteen days that were watched', async () => {
    await t.jump(1_000);
    expect(await t.listed()).toMatchObject([{ stage: 'due' }]);
    await t.jump(1_000);
    await t.pass(13);
    expect(await t.state()).toBe('active');
    await t.pass(1);
    expect(await t.state()).toBe('ask_always');
  });

  it('is not given back by resuming the agent, before somebody has answered', async () => {
    await t.passAll(17, 14);
    await t.move('resume');
    await t.pass(0.01);
    expect(await t.state()).toBe('ask_always');
    await t.move('throttle');
    await t.pass(0.01);
    expect(await t.state()).toBe('ask_always');
  });

  it('is given back by whoever operates, once somebody has answered late', async () => {
    await t.passAll(17, 14);
    expect(await t.answer('bob')).toBe('done');
    expect(await t.state()).toBe('ask_always');
    await t.move('resume');
    await t.pass(10);
    expect(await t.state()).toBe('active');
  });

  it('answered after both times, leaves the agent to two people who resume it', async () => {
    await t.passAll(17, 14, 14);
    expect(await t.answer('bob')).toBe('done');
    expect(await t.state()).toBe('quarantined');
    expect(await t.move('resume')).toHaveProperty('proposal');
    expect(await t.listed()).toEqual([]);
  });

  it('lapses also where the agent is in quarantine for something else: what was proposed before that is over', async () => {
    await t.passAll(17, 14);
    await t.move('quarantine');
    await t.pass(13);
    expect(await t.move('resume')).toHaveProperty('proposal');
    await t.pass(1);
    expect(await t.confirm()).toBe('not_found');
    expect(await t.state()).toBe('quarantined');
    await t.passAll(1, 1);
    expect((await t.entries('agent.moved')).map(({ entry }) => [entry['actor'], entry['to']])).toEqual([
      ['countersign', 'ask_always'],
      [expect.any(String), 'quarantined'],
      ['countersign', 'quarantined'],
    ]);
  });

  it('is lost again where two people resume the agent and nobody has answered', async () => {
    await t.passAll(17, 14, 14);
    await t.move('resume');
    expect(await t.confirm()).toBe('done');
    expect(await t.state()).toBe('active');
    await t.round();
    expect(await t.state()).toBe('quarantined');
  });

  it('ends with the agent where that is the answer', async () => {
    await t.pass(17);
    expect(await t.answer('bob', 'end')).toBe('done');
    expect(await t.state()).toBe('offboarding');
    expect(await t.listed()).toEqual([]);
    expect(await t.answer('bob', 'end')).toBe('review_not_open');
  });

  it('cannot be kept where its owner is gone: nobody answers for it', async () => {
    await t.pass(17);
    await t.world.rows(`update people set state = 'left' where tenant = $1 and person = 'alice'`, [t.tenant]);
    expect(await t.answer('bob')).toBe('owner_not_active');
    expect(await t.answer('bob', 'end')).toBe('done');
  });

  it.each(['read_only', 'paused'] as const)('is not made more by lapsing, of an agent that is %s', async (held) => {
    await t.move(held === 'paused' ? 'pause' : 'restrict');
    await t.passAll(17, 14);
    expect(await t.state()).toBe(held);
    await t.pass(14);
    expect(await t.state()).toBe('quarantined');
  });
});

it('looks at an agent of which nothing is due once a day', async () => {
  expect(await t.round()).toBe(0);
  expect(await tenantsToReview(t.world.loops)).not.toContain(t.tenant);
  await moveClock(world, 1, { watched: true });
  expect(await tenantsToReview(t.world.loops)).toContain(t.tenant);
  expect(await t.round()).toBe(1);
});

it('has a row of every agent, which begins again with another generation', async () => {
  const [row] = await t.world.rows<{ rows: number; agents: number }>(
    `select (select count(*)::integer from agent_reviews) as rows, (select count(*)::integer from agents) as agents`,
  );
  expect(row?.rows).toBe(row?.agents);
  await t.pass(17);
  await t.world.rows(`update agents set state = 'offboarded' where tenant = $1`, [t.tenant]);
  expect(await t.listed()).toEqual([]);
  await t.world.rows(`update agents set state = 'onboarding', generation = 2 where tenant = $1`, [t.tenant]);
  await t.world.rows(`update agents set state = 'active' where tenant = $1`, [t.tenant]);
  expect(await t.world.rows(`select generation, stage from agent_reviews where tenant = $1`, [t.tenant])).toEqual([
    { generation: 2, stage: 'confirmed' },
  ]);
});
