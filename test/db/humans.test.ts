import { approversIn } from '../../db/approvers-in';
import { askPeople, begin, chain, decideOn, readyAction, seedAction, seedTenant, vote } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

let world: World;
let tenant: string;
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => (tenant = await seedTenant(world)));
afterAll(() => world.close());

const same = (one: string, other: string): Promise<object[]> =>
  world.rows(`update people set human = $3 where tenant = $1 and person in ($2, $3)`, [tenant, one, other]);
const sql = (statement: string): Promise<object[]> => world.rows(statement, [tenant]);

describe('two accounts of one human', () => {
  it('A4 fill two seats of a stage no more once they are known to be one', async () => {
    const action = await readyAction(world, tenant, { chains: [chain('finance', 2)], voters: ['bob', 'carol'] });
    await same('carol', 'bob');
    expect(await begin(world, action)).toEqual({ refused: 'votes_void' });
  });

  it('A4 nor one seat in each of two stages', async () => {
    const chains = [chain('finance', 1), chain('directors', 1)];
    const action = await readyAction(world, tenant, { chains, voters: ['bob', 'erin'] });
    await same('erin', 'bob');
    expect(await begin(world, action)).toEqual({ refused: 'votes_void' });
  });

  it('A4 and another who countersigns besides makes it enough', async () => {
    const action = await seedAction(world, tenant);
    await askPeople(world, action, [chain('finance', 2)]);
    await vote(world, action, 'bob');
    await same('carol', 'bob');
    expect(await vote(world, action, 'carol')).toBe('already_voted');
    expect(await vote(world, action, 'dora')).toBe('recorded');
    await sql(`update approval_requests set state = 'approved' where tenant = $1`);
    await decideOn(world, action, { stage: 'preflight/pay' });
    expect(await begin(world, action)).toHaveProperty('begun');
  });

  it('28 are not asked where two humans are needed', async () => {
    const action = await seedAction(world, tenant);
    await same('carol', 'bob');
    await same('dora', 'bob');
    await expect(askPeople(world, action, [chain('finance', 2)])).rejects.toThrow('the seed asked nobody');
  });

  it('of which one is conflicted exclude each other’s votes that were cast before', async () => {
    const action = await readyAction(world, tenant, { chains: [chain('finance', 1)], voters: ['bob'] });
    await sql(`insert into person_addresses (tenant, person, address) values ($1, 'alice', 'alice@example.org')`);
    await sql(`insert into person_addresses (tenant, person, address) values ($1, 'bob', 'Alice+b@example.org')`);
    expect(await begin(world, action)).toEqual({ refused: 'votes_void' });
  });
});

describe('a role in one environment', () => {
  it('X12 that is taken away takes the vote with it', async () => {
    await sql(`update people set roles = '{}' where tenant = $1 and person = 'bob'`);
    await sql(
      `insert into role_grants values ($1, 'bob', 'approver', 'test'), ($1, 'carol', 'approver', 'production')`,
    );
    const action = await readyAction(world, tenant, { chains: [chain('finance', 1)], voters: ['bob'] });
    await sql(`delete from role_grants where tenant = $1 and person = 'bob'`);
    expect(await begin(world, action)).toEqual({ refused: 'votes_void' });
  });

  it('lets nobody be asked in another', async () => {
    await sql(`update people set roles = '{}' where tenant = $1 and person in ('bob', 'carol')`);
    await sql(
      `insert into role_grants values ($1, 'bob', 'approver', 'test'), ($1, 'carol', 'approver', 'production')`,
    );
    const members = await world.as('worker', tenant, async (client) =>
      (await approversIn(client, tenant, 'test')).membersOf('group:finance'),
    );
    expect([...members].sort()).toEqual(['alice', 'bob', 'dora', 'oscar']);
  });
});

describe('the functions that change people', () => {
  const changing = async (actor: string, change: object, reason = 'r'): Promise<unknown> =>
    await world.as('gateway', tenant, async (client) => {
      const { rows } = await client.query<{ result: string }>('select change_people($1, $2, $3, $4) as result', [
        tenant,
        actor,
        reason,
        JSON.stringify(change),
      ]);
      return rows[0]?.result;
    });
  const grant = { do: 'grant_role', person: 'frank', role: 'operator', environment: '*' };

  it('I7 believe no actor who is not an admin', async () => {
    expect(await changing('bob', grant)).toBe('forbidden');
    expect(await changing('nobody', grant)).toBe('forbidden');
    await sql(`insert into role_grants values ($1, 'bob', 'operator', 'test')`);
    expect(await changing('bob', grant)).toBe('forbidden');
    await sql(`update people set roles = '{admin}', state = 'left' where tenant = $1 and person = 'bob'`);
    expect(await changing('bob', grant)).toBe('forbidden');
    await sql(`update people set state = 'active' where tenant = $1 and person = 'bob'`);
    expect(await changing('bob', grant, ' ')).toBe('reason_required');
    expect(await changing('bob', { ...grant, role: 'admin' })).toBe('second_person_needed');
    expect(await changing('bob', { ...grant, person: 'bob' })).toBe('own_change');
    expect(await sql(`select from ledger where tenant = $1 and key like 'people/%'`)).toEqual([]);
    expect(await changing('bob', grant)).toBe('done');
    expect(await changing('bob', grant)).toBe('unchanged');
    expect(await sql(`select from ledger where tenant = $1 and key like 'people/%'`)).toHaveLength(1);
  });

  it('I9 change nothing of another tenant', async () => {
    const other = await seedTenant(world);
    await world.rows(`update people set roles = '{admin}' where tenant = $1 and person = 'bob'`, [other]);
    const asked = world.as('gateway', tenant, (client) =>
      client.query('select change_people($1, $2, $3, $4) as result', [other, 'bob', 'r', JSON.stringify(grant)]),
    );
    expect((await asked).rows).toEqual([{ result: 'forbidden' }]);
  });

  it('write entries that nobody else can write', async () => {
    for (const key of [
      'people/role.granted/x',
      'people/agent-key/x/issued',
      'init/x/offered',
      'restore/x/acknowledged',
    ]) {
      const forged = world.as('gateway', tenant, (client) =>
        client.query(`select ledger_append($1, array[$2], array['{"event":"role.granted"}'], null)`, [tenant, key]),
      );
      await expect(forged).rejects.toMatchObject({ code: '42501' });
    }
  });

  it.each([
    ...['vote.cast', 'fence.moved', 'effect.begun', 'approval.rerouted', 'reconciliation.asked', 'grant.minted'],
    ...['grant.claimed', 'grant.rotated', 'grant.returned', 'agent.offboarded', 'proposal.confirmed', 'role.granted'],
    ...['person.departed', 'group.left_empty', 'team.left_ownerless', 'admin.appointed', 'identity.linked'],
    ...['login.issued', 'logins.revoked', 'agent_key.issued', 'agent_key.revoked', 'task.resolved'],
  ])('say under a free key that %s', async (event) => {
    for (const role of ['gateway', 'worker', 'loops'] as const) {
      const forged = world.as(role, tenant, (client) =>
        client.query(`select ledger_append($1, array['k'], array[$2], null)`, [tenant, JSON.stringify({ event })]),
      );
      await expect(forged).rejects.toMatchObject({ code: '42501' });
    }
  });
});
