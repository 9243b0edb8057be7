import { closeApproval } from '../../db/close-approval';
import { type Ballot } from '../../db/cast-vote';
import {
  askPeople,
  begin,
  chain,
  decideOn,
  digest,
  PEOPLE,
  readyAction,
  seedAction,
  type SeededAction,
  seedTenant,
  vote,
} from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

let world: World;
let tenant: string;
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => (tenant = await seedTenant(world)));
afterAll(() => world.close());

const DENY = { choice: 'deny' } as const;
const TWO_STAGES = [chain('finance', 1), chain('directors', 1)];

async function asked(chains = [chain('finance', 2)]): Promise<SeededAction> {
  const action = await seedAction(world, tenant);
  await askPeople(world, action, chains);
  return action;
}

const sql = <T extends object>(statement: string): Promise<T[]> => world.rows<T>(statement, [tenant]);
const votes = (): Promise<{ person: string; choice: string; stage: number }[]> =>
  sql('select person, choice, stage from votes where tenant = $1 order by cast_at');

/** Nothing is left of a vote that was refused. */
async function expectRefused(
  action: SeededAction,
  person: string,
  code: string,
  ballot: Partial<Ballot> = {},
): Promise<void> {
  const before = await votes();
  expect(await vote(world, action, person, ballot)).toBe(code);
  expect(await votes()).toEqual(before);
  expect(await sql(`select from outbox where tenant = $1 and kind = 'wake'`)).toHaveLength(before.length);
  expect(await sql(`select from ledger where tenant = $1 and key like 'vote/%'`)).toHaveLength(before.length);
}

describe('a vote that counts', () => {
  it('I7 is recorded with its wake-up and its ledger entry, all or nothing', async () => {
    const action = await asked();
    expect(await vote(world, action, 'bob', { reason: 'looked at it', channel: 'cli' })).toBe('recorded');
    expect(await votes()).toEqual([{ person: 'bob', choice: 'approve', stage: 0 }]);
    expect(await sql('select kind, action from outbox where tenant = $1 and action is not null')).toEqual([
      { kind: 'wake', action: action.actionId },
    ]);
    const [entry] = await sql<{ leaf: string }>(`select leaf from ledger where tenant = $1 and key like 'vote/%'`);
    expect(JSON.parse(entry?.leaf ?? '{}')).toMatchObject({
      key: `vote/${action.request}/bob/approve`,
      entry: {
        event: 'vote.cast',
        action: action.actionId,
        digest: action.digest,
        person: 'bob',
        stage: 0,
        choice: 'approve',
        channel: 'cli',
      },
    });
    expect(entry?.leaf).not.toContain('looked at it');
  });

  it('leaves nothing behind when the gateway dies before its commit', async () => {
    const action = await asked();
    const dying = world.as('gateway', tenant, async (client) => {
      await client.query('select cast_vote($1, $2, $3, $4, $5, $6, $7)', [
        tenant,
        action.request,
        'bob',
        'approve',
        action.digest,
        null,
        'api',
      ]);
      throw new Error('killed');
    });
    await expect(dying).rejects.toThrow('killed');
    expect(await votes()).toEqual([]);
    expect(await sql(`select from outbox where tenant = $1 and kind = 'wake'`)).toEqual([]);
    expect(await sql(`select from ledger where tenant = $1 and key like 'vote/%'`)).toEqual([]);
  });

  it('goes to the first stage that still needs somebody', async () => {
    const action = await asked(TWO_STAGES);
    expect(await vote(world, action, 'bob')).toBe('recorded');
    expect(await vote(world, action, 'erin')).toBe('recorded');
    expect(await votes()).toEqual([
      { person: 'bob', choice: 'approve', stage: 0 },
      { person: 'erin', choice: 'approve', stage: 1 },
    ]);
  });

  it('may be taken back by a denial of the same person, never the other way round', async () => {
    const action = await asked();
    await vote(world, action, 'bob');
    expect(await vote(world, action, 'bob', DENY)).toBe('recorded');
    await expectRefused(action, 'bob', 'already_voted', DENY);
    await expectRefused(action, 'bob', 'already_voted');
  });

  it('counts from those who were asked later, from then on', async () => {
    const action = await asked([chain('finance', 1, { escalate: { afterMs: 5_000, to: ['group:directors'] } })]);
    await expectRefused(action, 'erin', 'not_entitled');
    await sql(`update approval_requests set opened_at = opened_at - interval '5 s' where tenant = $1`);
    expect(await vote(world, action, 'erin')).toBe('recorded');
  });
});

describe('a vote is refused when', () => {
  it.each(['alice', 'oscar'])('X8 %s would decide on the agent that is theirs, in either direction', async (person) => {
    const action = await asked();
    await expectRefused(action, person, 'self_approval');
    await expectRefused(action, person, 'self_approval', DENY);
  });

  it('X8 an approver came to own the agent after the request opened', async () => {
    const action = await asked();
    await sql(`update agents set owner = 'bob' where tenant = $1`);
    await expectRefused(action, 'bob', 'self_approval');
  });

  it('there is no such request, or it is another tenant’s', async () => {
    const action = await asked();
    await expectRefused(action, 'bob', 'not_found', { request: `${action.request}1` });
    const other = await seedTenant(world);
    expect(await vote(world, { ...action, tenant: other }, 'bob')).toBe('not_found');
  });

  it.each([
    ['is in no group', 'frank', ''],
    ['is of a stage that is not asked yet', 'erin', ''],
    ['does not exist', 'nobody', ''],
    ['left', 'bob', `update people set state = 'left' where tenant = $1 and person = 'bob'`],
    [
      'is no approver any more',
      'bob',
      `update people set roles = '{operator,owner,admin}' where tenant = $1 and person = 'bob'`,
    ],
    ['is no member any more', 'bob', `delete from group_members where tenant = $1 and person = 'bob'`],
    ['joined the group after it opened', 'frank', `insert into group_members values ($1, 'finance', 'frank')`],
    [
      'took another’s place in the group',
      'frank',
      `update group_members set person = 'frank' where tenant = $1 and person = 'bob'`,
    ],
  ])('X11 whoever votes %s', async (_, person, change) => {
    const action = await asked(TWO_STAGES);
    if (change !== '') await sql(change);
    await expectRefused(action, person, 'not_entitled');
  });

  it('X11 those who are asked last cannot countersign first, but may deny at once', async () => {
    const action = await asked(TWO_STAGES);
    await expectRefused(action, 'erin', 'not_entitled');
    expect(await vote(world, action, 'erin', DENY)).toBe('recorded');
  });

  it('X13 it is about something else than what would run', async () => {
    const action = await asked();
    await expectRefused(action, 'bob', 'digest_mismatch', { digest: digest('f') });
    await expectRefused(action, 'bob', 'digest_mismatch', { digest: action.digest.toUpperCase() });
  });

  it.each([undefined, '', '   '])('a reason is asked for and %j is given', async (reason) => {
    const action = await asked([chain('finance', 1, { reason: 'required' })]);
    await expectRefused(action, 'bob', 'reason_required', { reason });
    await expectRefused(action, 'bob', 'reason_required', { ...DENY, reason });
    expect(await vote(world, action, 'bob', { reason: 'because' })).toBe('recorded');
  });

  it('a denial has no reason, though an approval needs none', async () => {
    const action = await asked();
    await expectRefused(action, 'bob', 'reason_required', { ...DENY, reason: undefined });
  });

  it('X17 the same person would fill a second seat, of the same stage or of another', async () => {
    const action = await asked([chain('finance', 2), chain('directors', 1)]);
    await vote(world, action, 'dora');
    await expectRefused(action, 'dora', 'already_voted', { channel: 'cli' });
    await vote(world, action, 'bob');
    await expectRefused(action, 'dora', 'already_voted');
  });

  it.each(['approve', 'deny'] as const)(
    'X16 its deadline has come, told by the database alone (%s)',
    async (choice) => {
      const action = await asked();
      const reason = 'late';
      await sql('update approval_requests set deadline = clock_timestamp() where tenant = $1');
      await expectRefused(action, 'bob', 'approval_expired', { choice, reason });
      await sql(`update approval_requests set deadline = clock_timestamp() + interval '5 s' where tenant = $1`);
      expect(await vote(world, action, 'bob', { choice, reason })).toBe('recorded');
    },
  );

  it('X16 it waited for a lock until its deadline had come', async () => {
    const action = await asked();
    await sql(`update approval_requests set deadline = clock_timestamp() + interval '60 ms' where tenant = $1`);
    const holding = await world.worker.connect();
    await holding.query('begin');
    await holding.query(`select set_config('app.tenant', $1, true)`, [tenant]);
    await holding.query('select from approval_requests where tenant = $1 for update', [tenant]);
    const late = vote(world, action, 'bob');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await holding.query('rollback');
    holding.release();
    expect(await late).toBe('approval_expired');
  });

  it.each([
    ['approved', 'approval_closed'],
    ['rejected', 'approval_closed'],
    ['cancelled', 'approval_closed'],
    ['superseded', 'approval_closed'],
    ['expired', 'approval_expired'],
  ] as const)('X16 the request is %s', async (state, code) => {
    const action = await asked();
    await world.as('worker', tenant, (client) => closeApproval(client, tenant, action.request, state));
    await expectRefused(action, 'bob', code);
    if (state !== 'approved') await expectRefused(action, 'bob', code, DENY);
  });
});

describe('a denial after the last approval', () => {
  const ready = (): Promise<SeededAction> =>
    readyAction(world, tenant, { chains: [chain('finance', 1)], voters: ['bob'] });

  it('X7 stops an effect that has not begun', async () => {
    const action = await ready();
    expect(await vote(world, action, 'carol', DENY)).toBe('recorded');
    expect(await begin(world, action)).toEqual({ refused: 'denied_late' });
  });

  it('X7 comes too late for one that has', async () => {
    const action = await ready();
    expect(await begin(world, action)).toHaveProperty('begun');
    await expectRefused(action, 'carol', 'approval_closed', DENY);
  });

  it('X7 and the beginning of the effect: whichever is first wins, and the other learns it', async () => {
    for (let round = 0; round < 20; round++) {
      const action = await ready();
      const [denied, begun] = await Promise.all([vote(world, action, 'carol', DENY), begin(world, action)]);
      if (denied === 'recorded') expect(begun).toEqual({ refused: 'denied_late' });
      else expect([denied, begun]).toEqual(['approval_closed', { begun: expect.anything() }]);
    }
  });
});

it('X7 of fifty votes cast at once, by seven people, each person’s first of a kind is recorded and the seats are never overfilled', async () => {
  const action = await asked([chain('finance', 2), chain('directors', 1)]);
  const cast = Array.from({ length: 50 }, (_, i) => ({
    person: PEOPLE[i % 7] ?? '',
    choice: i === 30 ? ('deny' as const) : ('approve' as const),
  }));
  const results = await Promise.all(cast.map(({ person, choice }) => vote(world, action, person, { choice })));
  const recorded = results.filter((result) => result === 'recorded');
  const rows = await votes();
  expect(rows).toHaveLength(recorded.length);
  const approvals = rows.filter(({ choice }) => choice === 'approve');
  expect(new Set(approvals.map(({ person }) => person)).size).toBe(approvals.length);
  expect(approvals.filter(({ stage }) => stage === 0).length).toBeLessThanOrEqual(2);
  expect(approvals.filter(({ stage }) => stage === 1).length).toBeLessThanOrEqual(1);
  expect(rows.some(({ person }) => ['alice', 'oscar', 'frank'].includes(person))).toBe(false);
  await decideOn(world, action, { stage: 'preflight/pay' });
  expect(await begin(world, action)).toEqual({ refused: 'not_approved' });
});
