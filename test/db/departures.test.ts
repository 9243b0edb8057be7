import { createHandOver } from '../../activities/departures/hand-over';
import { moveAgent, proposeResumeUnder, registerAgent } from '../../db/change-agents';
import { decideProposal, listOpenProposals } from '../../db/proposals';
import { AGENT, digest, seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';
import { createDeparting, type Departing } from './departing';

let world: World;
let d: Departing;
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => (d = await createDeparting(world)));
afterAll(() => world.close());

async function agentOf(agent = AGENT.id): Promise<object | undefined> {
  return (await d.sql('select owner, state from agents where tenant = $1 and agent = $2', agent))[0];
}
const addAgent = (agent: string, more: { owner?: string; state?: string; team?: string } = {}): Promise<object[]> =>
  d.sql(
    `insert into agents (tenant, agent, version, owner, creator, team, environment, state) values ($1, $2, '1', $3, 'oscar', $4, 'test', $5)`,
    agent,
    more.owner ?? 'alice',
    more.team ?? 'finance',
    more.state ?? 'active',
  );

describe('the agents of a person who left', () => {
  it('X50 go to the heir who was named, each once, and go on', async () => {
    await addAgent('clerk', { state: 'paused' });
    await addAgent('other', { owner: 'bob' });
    await addAgent('gone', { state: 'offboarded' });
    expect(await d.leave('alice', 'henry')).toBe('done');
    expect(await d.messages()).toContainEqual({ kind: 'departure', n: 1 });
    await d.handOver('alice');
    expect(await agentOf()).toEqual({ owner: 'henry', state: 'active' });
    expect(await agentOf('clerk')).toEqual({ owner: 'henry', state: 'paused' });
    expect(await agentOf('other')).toEqual({ owner: 'bob', state: 'active' });
    expect(await agentOf('gone')).toEqual({ owner: 'alice', state: 'offboarded' });
    expect(await d.of('alice')).toEqual({ handed_over: ['clerk', AGENT.id] });
    expect(await d.told('^(agent|people)/')).toEqual([
      'person.left',
      'agent.handed_over',
      'agent.handed_over',
      'person.departed',
    ]);
  });

  it('X86 are quarantined where nobody was named, and come out under another owner alone, by two people', async () => {
    await d.leave('alice');
    await d.handOver('alice');
    expect(await agentOf()).toEqual({ owner: 'alice', state: 'quarantined' });
    expect(await d.of('alice')).toEqual({ quarantined: [AGENT.id], ownerless: ['finance'] });
    const bodies = await d.sql(
      `select b.body::jsonb ->> 'reason' as reason from ledger_bodies b join ledger l using (tenant, seq) where tenant = $1 and l.key ~ '^agent/'`,
    );
    expect(bodies).toEqual([{ reason: 'went to sea' }]);
    const resume = (owner?: string, actor = 'olaf') =>
      world.as('gateway', d.tenant, (client) =>
        owner === undefined
          ? moveAgent(client, d.tenant, { actor, reason: 'r' }, AGENT.id, 'resume')
          : proposeResumeUnder(client, d.tenant, { actor, reason: 'r' }, AGENT.id, owner),
      );
    expect(await resume()).toEqual({ refused: 'owner_not_active' });
    expect(await resume('alice')).toEqual({ refused: 'owner_not_active' });
    expect(await resume('otto', 'bob')).toEqual({ refused: 'forbidden' });
    expect(await resume('otto')).toHaveProperty('proposal');
    expect(await resume('henry', 'olga')).toEqual({ refused: 'proposed_already' });
    const decide = (actor: string) =>
      world.as('gateway', d.tenant, async (client) => {
        const [open] = await listOpenProposals(client, d.tenant, { limit: 1 });
        return await decideProposal(client, d.tenant, {
          ...{ actor, reason: 'r', choice: 'confirm' },
          ...{ proposal: open?.id ?? '', digest: open?.digest ?? '' },
        });
      });
    // Neither who proposed it nor who is to own it.
    expect([await decide('olaf'), await decide('otto')]).toEqual(['self_approval', 'self_approval']);
    await d.sql(`update people set state = 'left' where tenant = $1 and person = 'otto'`);
    expect(await decide('olga')).toBe('owner_not_active');
    await d.sql(`update people set state = 'active' where tenant = $1 and person = 'otto'`);
    expect(await decide('olga')).toBe('done');
    expect(await agentOf()).toEqual({ owner: 'otto', state: 'active' });
  });

  it('X50 go to nobody who is no active person, or is the one who leaves under another account: then nothing is done', async () => {
    await d.sql(`update people set state = 'left' where tenant = $1 and person = 'erin'`);
    await d.sql(`update people set human = 'alice' where tenant = $1 and person in ('alice', 'frank')`);
    for (const heir of ['nobody', 'erin', 'alice', 'frank'])
      expect(await d.leave('alice', heir)).toBe('owner_not_active');
    expect(await d.leave('nobody', 'henry')).toBe('not_found');
    expect(await d.sql(`select state from people where tenant = $1 and person = 'alice'`)).toEqual([
      { state: 'active' },
    ]);
    expect(await d.messages()).toEqual([{ kind: 'agent', n: 1 }]); // of its making
    expect([await d.sql('select from departures where tenant = $1'), await d.told('.')]).toEqual([[], []]);
  });

  it('X86 are stopped once, though two workers come to one at the same time', async () => {
    await d.leave('alice');
    const stop = () =>
      world.as('worker', d.tenant, (client) =>
        client.query(`select hand_over_agent($1, 'alice', $2) as outcome`, [d.tenant, AGENT.id]),
      );
    const [first, second] = await Promise.all([stop(), stop()]);
    expect([...first.rows, ...second.rows]).toEqual(
      expect.arrayContaining([{ outcome: 'quarantined' }, { outcome: null }]),
    );
    expect(await d.told('^agent/')).toEqual(['agent.moved']);
  });

  it('X86 are quarantined where the heir left before it was their turn', async () => {
    await d.leave('alice', 'henry');
    await d.leave('henry');
    await d.handOver('alice');
    expect(await agentOf()).toEqual({ owner: 'alice', state: 'quarantined' });
  });

  it('are not let in where nobody had let them in yet, and go on being offboarded', async () => {
    await addAgent('leaving', { state: 'offboarding' });
    const registered = await world.as('gateway', d.tenant, (client) =>
      registerAgent(
        client,
        d.tenant,
        { actor: 'olaf', reason: 'r' },
        {
          ...{ agent: 'clerk', owner: 'alice', team: 'finance', environment: 'test', purpose: 'p', riskTier: 'low' },
          ...{ roles: [], dataScopes: [], version: '1', digest: digest('1'), content: {} },
        },
      ),
    );
    expect(registered).toHaveProperty('proposal');
    await d.leave('alice');
    await d.handOver('alice');
    expect(await agentOf('clerk')).toEqual({ owner: 'alice', state: 'offboarded' });
    expect(await agentOf('leaving')).toEqual({ owner: 'alice', state: 'offboarding' });
    expect(await d.sql('select state from proposals where tenant = $1')).toEqual([{ state: 'expired' }]);
    expect(await d.of('alice')).toMatchObject({
      rejected: ['clerk'],
      offboarding: ['leaving'],
      quarantined: [AGENT.id],
    });
  });

  it('X86 are named where whoever left was shown a key that is still good', async () => {
    await d.sql(
      `insert into agent_keys (tenant, key_hash, agent, generation, issued_by) values ($1, sha256(convert_to($1, 'UTF8')), $2, 1, 'alice')`,
      AGENT.id,
    );
    await d.leave('alice', 'henry');
    await d.handOver('alice');
    expect(await d.of('alice')).toMatchObject({ known: [AGENT.id] });
  });

  it('X86 are worked page by page, and gone on with after a death between two of them', async () => {
    for (let i = 10; i < 32; i++) await addAgent(`agent-${String(i)}`);
    await d.leave('alice', 'henry');
    const { db } = d.deps;
    let left = 3;
    const dying: typeof db = {
      ...db,
      handOverAgent: async (...given) => {
        if (left-- === 0) throw new Error('killed');
        await db.handOverAgent(...given);
      },
    };
    await expect(d.handOver('alice', { db: dying })).rejects.toThrow('killed');
    expect((await d.of('alice'))['handed_over']).toHaveLength(3);
    expect(await d.handOver('alice')).toBe(3);
    expect(await d.sql(`select agent from agents where tenant = $1 and owner = 'alice'`)).toEqual([]);
    expect(await d.told('^agent/')).toHaveLength(23);
    expect(await d.messages()).toContainEqual({ kind: 'agent', n: 46 });
  });

  it('are looked for once more under the gate, as one may have been registered meanwhile', async () => {
    await d.leave('alice', 'henry');
    const late = { ...d.deps.db, agentsToHandOver: async () => [], requestsToReroute: async () => [] };
    const [left] = await d.sql<{ departure: string }>('select departure from departures where tenant = $1');
    expect(await createHandOver({ db: late })({ tenant: d.tenant, departure: left?.departure ?? '' })).toEqual({
      finished: false,
    });
    expect(await d.handOver('alice')).toBe(2);
  });
});

describe('a departure', () => {
  it('begins once, and the same word again wakes what is not finished', async () => {
    await d.leave('alice', 'henry');
    await d.sendMessages();
    expect(await d.leave('alice', 'olga')).toBe('unchanged');
    expect(await d.messages()).toEqual([{ kind: 'departure', n: 1 }]);
    await d.handOver('alice');
    await d.sendMessages();
    const entries = await d.told('.');
    expect(await d.leave('alice', 'henry')).toBe('unchanged');
    expect(await d.handOver('alice')).toBe(1);
    expect([await d.messages(), await d.told('.')]).toEqual([[], entries]);
    expect(await agentOf()).toMatchObject({ owner: 'henry' });
  });

  it('begins for whoever left before there were any', async () => {
    await d.sql(`update people set state = 'left' where tenant = $1 and person = 'alice'`);
    expect(await d.leave('alice')).toBe('done');
    await d.handOver('alice');
    expect(await agentOf()).toMatchObject({ state: 'quarantined' });
  });

  it('says which groups and teams it leaves to nobody, in its answer and in the ledger', async () => {
    await addAgent('seller', { owner: 'erin', team: 'sales' });
    await d.leave('dora');
    await d.handOver('dora');
    expect(await d.of('dora')).toEqual({});
    for (const person of ['alice', 'oscar'])
      await d.sql(`delete from group_members where tenant = $1 and person = $2`, person);
    await d.leave('erin');
    await d.handOver('erin');
    expect(await d.of('erin')).toMatchObject({ empty: ['directors'], ownerless: ['sales'] });
    expect(await d.told('^people/(group|team)')).toEqual(['group.left_empty', 'team.left_ownerless']);
  });

  it('of nobody is over at once', async () => {
    const departure = 'dep-00000000-0000-4000-8000-000000000000';
    expect(await createHandOver(d.deps)({ tenant: d.tenant, departure })).toEqual({ finished: true });
  });
});

it('I9 X86 nothing of another tenant is taken from anybody', async () => {
  await d.leave('alice');
  const mine = await seedTenant(world);
  const calls = [
    [`hand_over_agent($1, 'alice', 'payer')`, null],
    [`reroute_approval($1, 'alice', 'apr')`, null],
    [`end_unanswerable($1, 'alice', 'apr')`, false],
    [`finish_departure($1, 'alice')`, false],
  ] as const;
  for (const [call, answer] of calls) {
    const asked = await world.as('worker', mine, (client) => client.query(`select ${call} as result`, [d.tenant]));
    expect([call, asked.rows]).toEqual([call, [{ result: answer }]]);
  }
  expect([await agentOf(), await d.of('alice')]).toEqual([{ owner: 'alice', state: 'active' }, {}]);
});
