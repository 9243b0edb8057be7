import { claimGrant } from '../../db/claim-grant';
import { type AgentMove, moveAgent, registerAgent, type RegisterResult } from '../../db/change-agents';
import { findAgent } from '../../db/find-agent';
import { loadAction } from '../../db/load-action';
import { beginMint } from '../../db/mint';
import { draftReceipt, leftOfAgent, offboardChildren } from '../../db/offboarding';
import { decideProposal, findProposal } from '../../db/proposals';
import { listStops } from '../../db/stops';
import { moveFence } from '../helpers/move-fence';
import {
  AGENT,
  begin,
  decideOn,
  digest,
  readyAction,
  seedAction,
  type SeededAction,
  seedTenant,
  TYPE,
} from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

/* The seeded agent `payer` has a child `clerk`, and that one `helper`. Olaf registers them for rita, and frank lets them in. */

let world: World;
let tenant: string;
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => {
  tenant = await seedTenant(world);
  await world.rows(
    `insert into people (tenant, person, name, roles) select $1, p, p, '{operator}' from unnest('{olaf,rita}'::text[]) p`,
    [tenant],
  );
  await child('clerk', AGENT.id);
  await child('helper', 'clerk');
});
afterAll(() => world.close());

const register = (agent: string, parent: string, environment = AGENT.environment): Promise<RegisterResult> =>
  world.as('gateway', tenant, (client) =>
    registerAgent(
      client,
      tenant,
      { actor: 'olaf', reason: 'for the pilot' },
      {
        ...{ agent, parent, environment, owner: 'rita', team: AGENT.team, purpose: 'Helps.', riskTier: 'low' },
        ...{ roles: [], dataScopes: [], version: '1', digest: digest('1'), content: {} },
      },
    ),
  );

async function child(agent: string, parent: string): Promise<void> {
  const registered = await register(agent, parent);
  if ('refused' in registered) throw new Error(`${agent}: ${registered.refused}`);
  expect(await confirm(registered.proposal, 'frank')).toBe('done');
}

const confirm = (proposal: string, actor: string): Promise<string> =>
  world.as('gateway', tenant, async (client) => {
    const found = await findProposal(client, tenant, proposal);
    const decision = {
      actor,
      proposal,
      choice: 'confirm',
      digest: found?.digest ?? '',
      reason: 'looked at it',
    } as const;
    return await decideProposal(client, tenant, decision);
  });

const move = (agent: string, what: AgentMove): Promise<unknown> =>
  world.as('gateway', tenant, (client) => moveAgent(client, tenant, { actor: 'olaf', reason: 'a drill' }, agent, what));
const put = (agent: string, changed: string): Promise<object[]> =>
  world.rows(`update agents set ${changed} where tenant = $1 and agent = $2`, [tenant, agent]);
const states = async (): Promise<Record<string, string>> => {
  const rows = await world.rows<{ agent: string; state: string }>('select agent, state from agents where tenant = $1', [
    tenant,
  ]);
  return Object.fromEntries(rows.map(({ agent, state }) => [agent, state]));
};

const HELPER = { ...AGENT, id: 'helper' };
const ready = (): Promise<SeededAction> => readyAction(world, tenant, undefined, HELPER);

/** What ends all that an agent may do, each by itself, wherever in its line it happens. */
const ENDS: readonly (readonly [what: string, refused: string, end: (agent: string) => Promise<unknown>])[] = [
  ['is stopped', 'scope_fenced', (agent) => moveFence(world.superuser, tenant, `agent:${agent}`, true)],
  [
    'was stopped and let go on',
    'fence_moved',
    async (agent) => {
      await moveFence(world.superuser, tenant, `agent:${agent}`, true);
      await moveFence(world.superuser, tenant, `agent:${agent}`, false);
    },
  ],
  [
    'is stopped with all of its team',
    'scope_fenced',
    async (agent) => {
      // Of another team than whatever comes from it.
      await put(agent, `team = 'apart'`);
      await moveFence(world.superuser, tenant, 'team:apart', true);
    },
  ],
  ['is paused', 'agent_paused', (agent) => move(agent, 'pause')],
  ['may only read', 'agent_restricted', (agent) => move(agent, 'restrict')],
  ['always has to ask', 'agent_restricted', (agent) => move(agent, 'ask_always')],
  ['is quarantined', 'agent_not_active', (agent) => move(agent, 'quarantine')],
  ['is offboarded', 'agent_not_active', (agent) => move(agent, 'offboard')],
  ['was registered anew', 'agent_not_active', (agent) => put(agent, 'generation = generation + 1')],
];

describe.each([
  ['its root', AGENT.id],
  ['its parent', 'clerk'],
  ['itself', 'helper'],
])('K4 what the last of a line of three may do, with %s', (_, agent) => {
  it('begins, while nothing of the kind happens', async () => {
    expect(await begin(world, await ready())).toHaveProperty('begun');
  });

  it.each(ENDS)('ends in the moment in which that one %s (%s)', async (_what, refused, end) => {
    const action = await ready();
    await end(agent);
    expect(await begin(world, action)).toEqual({ refused });
  });

  it.each(ENDS.filter(([what]) => what !== 'may only read' && what !== 'always has to ask'))(
    'as does access that it was lent, where that one %s',
    async (_what, _refused, end) => {
      const action = await seedAction(world, tenant, {
        agent: HELPER,
        type: { ...TYPE, effect: 'read', lane: 'granted' },
      });
      await decideOn(world, action);
      await decideOn(world, action, { stage: 'preflight/pay' });
      const beginning = await begin(world, action, { grantTtlMs: 60_000 });
      if (!('begun' in beginning)) throw new Error(beginning.refused);
      const { grantId } = beginning.begun;
      const claim = (key: string): Promise<string> =>
        world.as('gateway', tenant, (client) =>
          claimGrant(client, tenant, grantId, { agent: 'helper', generation: 1 }, key.padEnd(43, 'A')),
        );
      expect(await claim('k')).toBe('claimed');
      await end(agent);
      expect(['grant_over', 'not_found']).toContain(await claim('l'));
      expect(await world.as('worker', tenant, (client) => beginMint(client, tenant, grantId))).toEqual({
        refused: 'grant_over',
      });
    },
  );
});

it('K4 what is looked up of a child is the strictest of its line', async () => {
  const { actionId } = await ready();
  const looked = (): Promise<unknown[]> =>
    world.as('worker', tenant, async (client) => [
      (await findAgent(client, tenant, 'helper'))?.state,
      (await loadAction(client, tenant, actionId))?.agentState,
    ]);
  expect(await looked()).toEqual(['active', 'active']);
  await move('clerk', 'throttle');
  expect(await looked()).toEqual(['throttled', 'throttled']);
  await move(AGENT.id, 'pause');
  expect(await looked()).toEqual(['paused', 'paused']);
  await move('helper', 'quarantine');
  expect(await looked()).toEqual(['quarantined', 'quarantined']);
});

it('what was held by an ancestor is woken when that one is moved', async () => {
  const { actionId } = await ready();
  const woken = async (): Promise<number> =>
    (await world.rows(`select from outbox where tenant = $1 and kind = 'wake' and action = $2`, [tenant, actionId]))
      .length;
  const before = await woken();
  await move(AGENT.id, 'pause');
  await move(AGENT.id, 'resume');
  expect(await woken()).toBe(before + 2);
});

describe('a line', () => {
  it('is of four at most, and one that is longer all the same gives no right to anything', async () => {
    await child('fourth', 'helper');
    expect(await register('fifth', 'fourth')).toEqual({ refused: 'line_too_long' });
    const action = await readyAction(world, tenant, undefined, { ...AGENT, id: 'fourth' });
    expect(await begin(world, action)).toHaveProperty('begun');
    const next = await readyAction(world, tenant, undefined, { ...AGENT, id: 'fourth' });
    await world.rows(
      `insert into agents (tenant, agent, version, owner, creator, team, environment) values ($1, 'zeroth', '1', 'rita', 'olaf', $2, $3)`,
      [tenant, AGENT.team, AGENT.environment],
    );
    await put(AGENT.id, `parent = 'zeroth', parent_generation = 1`);
    await world.rows('delete from decisions where tenant = $1 and action = $2', [tenant, next.actionId]);
    await decideOn(world, next);
    await decideOn(world, next, { stage: 'preflight/pay' });
    expect(await begin(world, next)).toEqual({ refused: 'agent_not_active' });
  });

  it('never comes back to where it began', async () => {
    expect(await register('own', 'own')).toEqual({ refused: 'parent_not_active' });
    await put(AGENT.id, `state = 'offboarded'`);
    expect(await register(AGENT.id, 'helper')).toEqual({ refused: 'parent_not_active' });
  });

  it.each([
    ['is not there', 'nobody', undefined],
    ['is of another environment', 'clerk', 'production'],
  ])('does not begin at a parent that %s', async (_, parent, environment) => {
    await world.rows(`update people set roles = '{admin}' where tenant = $1 and person = 'olaf'`, [tenant]);
    expect(await register('late', parent, environment)).toEqual({ refused: 'parent_not_active' });
  });

  it.each(['pause', 'quarantine', 'offboard'] as const)(
    'does not grow where one above did not stay: %s',
    async (what) => {
      await move(AGENT.id, what);
      expect(await register('late', 'helper')).toEqual({ refused: 'parent_not_active' });
    },
  );

  it('X9 is not let in by whoever stands behind one above', async () => {
    const registered = await register('late', 'helper');
    if ('refused' in registered) throw new Error(registered.refused);
    expect(await confirm(registered.proposal, 'alice')).toBe('self_approval');
    expect(await confirm(registered.proposal, 'frank')).toBe('done');
  });
});

it('K4 a stop of the root counts all of its line, and what of theirs had begun', async () => {
  const action = await ready();
  await begin(world, action);
  await moveFence(world.superuser, tenant, `agent:${AGENT.id}`, true);
  expect(await world.as('gateway', tenant, (client) => listStops(client, tenant))).toMatchObject([
    { scope: `agent:${AGENT.id}`, agents: 3, openActions: 1, begun: [{ action: action.actionId, state: 'begun' }] },
  ]);
});

it('L3 an offboarding takes the whole line along, each one by the one above, and lists it', async () => {
  await register('never-let-in', 'clerk');
  const off = (agent: string): Promise<unknown> =>
    world.as('worker', tenant, (client) => offboardChildren(client, tenant, agent, 1));
  const left = async (agent: string): Promise<string[]> =>
    (await world.as('worker', tenant, (client) => leftOfAgent(client, tenant, agent, 1)))
      .filter(({ kind }) => kind === 'agent')
      .map(({ subject, state }) => `${subject} ${state}`);
  await off(AGENT.id); // nobody offboards it: nothing happens
  expect(await states()).toMatchObject({ clerk: 'active', helper: 'active' });
  await move(AGENT.id, 'offboard');
  expect(await left(AGENT.id)).toEqual(['clerk/1 active']);
  await off(AGENT.id);
  expect(await left(AGENT.id)).toEqual(['clerk/1 offboarding']);
  await off('clerk');
  expect(await states()).toMatchObject({ clerk: 'offboarding', helper: 'offboarding', 'never-let-in': 'offboarded' });
  expect(await left('clerk')).toEqual(['helper/1 offboarding']);
  const receipt = await world.as('worker', tenant, (client) => draftReceipt(client, tenant, AGENT.id, 1));
  expect(receipt).toMatchObject({
    children: [
      { agent: 'clerk', generation: 1, state: 'offboarding', receipt: null },
      { agent: 'helper', generation: 1, state: 'offboarding', receipt: null },
      { agent: 'never-let-in', generation: 1, state: 'offboarded', receipt: null },
    ],
  });
});
