import { beginEffect } from '../../db/begin-effect';
import { tenantsToReview } from '../../db/review-agents';
import { moveClock } from '../helpers/move-clock';
import { AGENT, begin, claimOf, readyAction, seedAction } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';
import { IDLE, Reviewing } from './reviewing';
import { seedCredentials } from './seed-credentials';

let world: World;
let t: Reviewing;
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => (t = await Reviewing.start(world, IDLE)));
afterAll(() => world.close());

describe('an agent that asks for nothing', () => {
  it('is left alone for ninety days, warned about twice a week apart, and then reclaimed, once', async () => {
    await seedCredentials(world, t.tenant);
    await t.pass(89);
    expect(await t.listed()).toEqual([]);
    await t.pass(1);
    expect(await t.listed()).toMatchObject([{ agent: AGENT.id, warnings: 1, stage: 'confirmed' }]);
    await t.pass(6);
    expect(await t.entries('agent.warned')).toHaveLength(1);
    await t.pass(1);
    await t.pass(6);
    expect(await t.state()).toBe('active');
    await t.pass(1);
    expect(await t.state()).toBe('quarantined');
    await t.pass(30);
    expect(
      (await t.entries('agent.warned')).map(({ entry }) => [entry['warning'], entry['actor'], entry['owner']]),
    ).toEqual([
      [1, 'countersign', 'alice'],
      [2, 'countersign', 'alice'],
    ]);
    expect(await t.entries('agent.moved')).toMatchObject([
      { entry: { actor: 'countersign', from: 'active', to: 'quarantined' }, body: expect.stringContaining('inactive') },
    ]);
    expect(await t.entries('agent.reclaimed')).toMatchObject([{ entry: { cause: 'inactive', keys: 1 } }]);
    expect(
      await t.world.rows(`select from agent_credentials where tenant = $1 and revoked_at is null`, [t.tenant]),
    ).toEqual([]);
    expect(await t.notes()).toEqual(['idle to alice', 'idle_again to alice', 'reclaimed to alice']);
    expect(await t.listed()).toMatchObject([{ warnings: 2, state: 'quarantined', reclaimedAt: expect.any(String) }]);
  });

  it('begins nothing any more once it is reclaimed', async () => {
    const action = await readyAction(world, t.tenant);
    await t.passAll(91, 8, 8);
    expect(await begin(world, action)).toEqual({ refused: 'agent_not_active' });
  });

  it('is not reclaimed behind the back of an effect that is beginning', async () => {
    const action = await readyAction(world, t.tenant);
    await t.passAll(91, 8);
    await moveClock(world, 8, { watched: true });
    // Of nobody whom the server hangs up on for being slow.
    const beginning = await world.superuser.connect();
    try {
      await beginning.query('begin');
      await beginning.query(`select set_config('app.tenant', $1, true)`, [t.tenant]);
      expect(await beginEffect(beginning, t.tenant, claimOf(action))).toHaveProperty('begun');
      let done = false;
      const round = t.round().finally(() => (done = true));
      const waits = (): Promise<object[]> =>
        world.rows(
          `select from pg_locks where locktype = 'advisory' and classid = 7001 and not granted and database = (select oid from pg_database where datname = current_database())`,
        );
      while (!done && (await waits()).length === 0);
      expect(done).toBe(false);
      await beginning.query('commit');
      await round;
    } finally {
      beginning.release(true);
    }
    expect(await t.state()).toBe('quarantined');
  });

  it('is not one that asks for something every month', async () => {
    for (let month = 0; month < 12; month++) {
      await seedAction(world, t.tenant);
      await t.pass(30);
    }
    expect(await t.entries('agent.warned')).toEqual([]);
  });

  it.each([1, 2])('counts from anew when it asks for something after warning %d', async (warning) => {
    await t.pass(91);
    if (warning === 2) await t.pass(8);
    await seedAction(world, t.tenant);
    await t.pass(8);
    expect([await t.state(), await t.listed()]).toEqual(['active', []]);
    await t.pass(90);
    expect(await t.listed()).toMatchObject([{ warnings: 1 }]);
    expect(await t.state()).toBe('active');
  });

  it('counts from anew when somebody who does not stand behind it says that it is wanted', async () => {
    await t.pass(91);
    expect(await t.answer('alice')).toBe('self_approval');
    expect(await t.answer('bob')).toBe('done');
    await t.pass(80);
    expect([await t.state(), await t.listed()]).toEqual(['active', []]);
    await t.pass(11);
    expect(await t.listed()).toMatchObject([{ warnings: 1 }]);
  });

  it('is none while it is paused: it may not ask', async () => {
    await t.pass(91);
    await t.move('pause');
    await t.passAll(8, 100, 8, 8);
    expect([await t.state(), await t.listed()]).toEqual(['paused', []]);
    await t.move('resume');
    await t.pass(80);
    expect([await t.state(), await t.listed()]).toEqual(['active', []]);
  });

  it('is warned for nothing where the policy names a longer time meanwhile', async () => {
    await t.pass(91);
    await t.pass(8, { ...IDLE, inactiveDays: 365 });
    expect(await t.listed()).toEqual([]);
  });

  it('can be resumed by two people, with new credentials, or ended by one who reviews it', async () => {
    await t.passAll(91, 8, 8);
    expect(await t.move('resume')).toHaveProperty('proposal');
    expect(await t.confirm()).toBe('done');
    await t.pass(30);
    expect([await t.state(), await t.listed()]).toEqual(['active', []]);
    await t.passAll(91, 8, 8);
    expect(await t.answer('bob', 'end')).toBe('done');
    expect(await t.state()).toBe('offboarding');
  });
});

describe('a clock that jumps', () => {
  it('reclaims nobody without two warnings, seven days apart of which each was watched', async () => {
    for (let years = 0; years < 5; years++) await t.jump(365);
    expect(await t.entries('agent.warned')).toHaveLength(1);
    expect(await t.state()).toBe('active');
    await t.pass(7);
    expect(await t.entries('agent.warned')).toHaveLength(2);
    await t.jump(365);
    expect(await t.state()).toBe('active');
  });

  it('and is put back leaves nobody unseen', async () => {
    await t.jump(1_000);
    await t.jump(-1_000);
    expect(await t.listed()).toEqual([]);
    expect(await tenantsToReview(t.world.loops)).not.toContain(t.tenant);
    await t.pass(91);
    expect(await t.listed()).toMatchObject([{ warnings: 1 }]);
  });

  it('and is put back takes no request for one from before the warning', async () => {
    await t.pass(70);
    await t.jump(30);
    expect(await t.listed()).toMatchObject([{ warnings: 1 }]);
    await moveClock(world, -30, { watched: false });
    await seedAction(world, t.tenant); // before the warning, as the clock says
    await t.pass(120);
    expect(await t.listed()).toMatchObject([{ warnings: 1 }]);
  });

  it('has twenty agents moved in an hour, however many it makes due', async () => {
    await t.moreAgents(30);
    await t.passAll(91, 8);
    await moveClock(world, 8, { watched: true });
    for (let rounds = 0; rounds < 3; rounds++) await t.round(12);
    const quarantined = (): Promise<object[]> =>
      t.world.rows(`select agent from agents where tenant = $1 and state = 'quarantined'`, [t.tenant]);
    expect(await quarantined()).toHaveLength(20);
    await t.pass(2);
    expect(await quarantined()).toHaveLength(31);
  });

  it('has owners told of two hundred agents in an hour', async () => {
    await t.moreAgents(250);
    await moveClock(world, 91, { watched: true });
    for (let rounds = 0; rounds < 4; rounds++) await t.round();
    expect(await t.entries('agent.warned')).toHaveLength(200);
  });
});

describe('rounds of two workers', () => {
  it('say each warning and take each thing once', async () => {
    await t.moreAgents(5);
    for (const [days, event] of [
      [91, 'agent.warned'],
      [8, 'agent.warned'],
      [8, 'agent.reclaimed'],
    ] as const) {
      const before = (await t.entries(event)).length;
      await moveClock(world, days, { watched: true });
      await Promise.all(Array.from({ length: 6 }, () => t.round()));
      expect((await t.entries(event)).length - before).toBe(6);
    }
  });

  it('share the hour: together they move no more than twenty', async () => {
    await t.moreAgents(60);
    await t.passAll(91, 8);
    await moveClock(world, 8, { watched: true });
    const worker = async (): Promise<void> => {
      for (let rounds = 0; rounds < 5; rounds++) await t.round(8);
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    await worker(); // whoever was in another's way comes again
    expect(await t.entries('agent.reclaimed')).toHaveLength(20);
  });

  it('pass by an agent that asks for something in that moment', async () => {
    await t.passAll(91, 8);
    await moveClock(world, 8, { watched: true });
    const asking = await t.world.superuser.connect();
    try {
      await asking.query('begin');
      await asking.query(`select from agents where tenant = $1 for key share`, [t.tenant]);
      await t.round();
      await asking.query('rollback');
    } finally {
      asking.release(true);
    }
    expect(await t.state()).toBe('active');
    await t.round();
    expect(await t.state()).toBe('quarantined');
  });
});
