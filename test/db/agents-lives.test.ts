import { type AgentMove, moveAgent, type NewAgent, registerAgent, registerVersion } from '../../db/change-agents';
import { decideProposal, findProposal, listOpenProposals, type Proposal } from '../../db/proposals';
import { AGENT_EVENTS, AGENT_STATES, nextAgentState, stoppedByState } from '../../domain/agent-life';
import { AGENT, begin, chain, digest, readyAction, seedTenant } from '../helpers/seed';
import { showKey } from '../helpers/show-key';
import { createWorld, type World } from '../helpers/world';
import { moveFence } from '../helpers/move-fence';

/** Alice owns the seeded agent and oscar made it; olaf and olga operate, frank may approve, rita registers. */
let world: World;
let tenant: string;
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => {
  tenant = await seedTenant(world);
  await world.rows(
    `insert into people (tenant, person, name, roles) select $1, p, p, r::text[]
     from (values ('olaf', '{operator}'), ('olga', '{operator}'), ('rita', '{owner}'), ('adam', '{admin}')) v (p, r)`,
    [tenant],
  );
});
afterAll(() => world.close());

const NEW: NewAgent = {
  agent: 'clerk',
  owner: 'rita',
  team: 'finance',
  environment: 'test',
  purpose: 'Answers questions about invoices.',
  riskTier: 'medium',
  roles: ['invoice-reader'],
  dataScopes: ['invoices'],
  version: '1',
  digest: digest('1'),
  content: { model: 'm-1', prompt: 'Be brief.', tools: [], config: {} },
};

const register = (agent: Partial<NewAgent> = {}, actor = 'olaf', reason = 'for the pilot') =>
  world.as('gateway', tenant, (client) => registerAgent(client, tenant, { actor, reason }, { ...NEW, ...agent }));
const move = (what: AgentMove, actor = 'olaf', agent = AGENT.id, reason = 'drill') =>
  world.as('gateway', tenant, (client) => moveAgent(client, tenant, { actor, reason }, agent, what));
const open = (): Promise<Proposal[]> =>
  world.as('gateway', tenant, (client) => listOpenProposals(client, tenant, { limit: 10 }));
const stateOf = async (agent = AGENT.id): Promise<string | undefined> =>
  (await world.rows<{ state: string }>('select state from agents where tenant = $1 and agent = $2', [tenant, agent]))[0]
    ?.state;
/** Where that is quarantine, for what `move` says. */
const put = (state: string): Promise<object[]> =>
  world.rows(
    `update agents set state = $2, quarantined_for = array[quarantine_cause('olaf', 'drill')] where tenant = $1`,
    [tenant, state],
  );

async function decide(
  actor: string,
  choice: 'confirm' | 'reject' = 'confirm',
  more: Partial<{ digest: string; reason: string; id: string }> = {},
): Promise<string> {
  const [first] = await open();
  const id = more.id ?? first?.id ?? 'prp-none';
  const shown = await world.as('gateway', tenant, (client) => findProposal(client, tenant, id));
  const decision = { actor, reason: 'looked at it', proposal: id, choice, digest: shown?.digest ?? '', ...more };
  return await world.as('gateway', tenant, (client) => decideProposal(client, tenant, decision));
}

const told = async (): Promise<string[]> =>
  (
    await world.rows<{ event: string }>(
      `select leaf::jsonb -> 'entry' ->> 'event' as event from ledger where tenant = $1 and key ~ '^(agent|proposal)/' order by seq`,
      [tenant],
    )
  ).map(({ event }) => event);

describe('the table of states', () => {
  it('is the same in Postgres as in domain/, in every cell', async () => {
    const [row] = await world.rows<{ table: Record<string, string | null> }>(
      `select jsonb_object_agg(s || '/' || e, next_agent_state(s, e)) as table from unnest($1::text[]) s, unnest($2::text[]) e`,
      [AGENT_STATES, AGENT_EVENTS],
    );
    const expected = AGENT_STATES.flatMap((state) =>
      AGENT_EVENTS.map((event) => [`${state}/${event}`, nextAgentState(state, event) ?? null]),
    );
    expect(row?.table).toEqual(Object.fromEntries(expected));
  });

  it('and so is what each state lets through', async () => {
    const rows = await world.rows<{ state: string; effect: 'read' | 'compensable'; asked: boolean; stopped: string }>(
      `select s as state, e as effect, a as asked, agent_stopped(s, e, a) as stopped
       from unnest($1::text[]) s, unnest('{read,compensable}'::text[]) e, unnest('{t,f}'::boolean[]) a`,
      [AGENT_STATES],
    );
    for (const { state, effect, asked, stopped } of rows)
      expect([state, effect, asked, stopped]).toEqual([
        state,
        effect,
        asked,
        stoppedByState(state, effect, asked) ?? null,
      ]);
    expect(rows).toHaveLength(36);
  });

  const MOVES: readonly AgentMove[] = [
    'throttle',
    'restrict',
    'ask_always',
    'pause',
    'quarantine',
    'resume',
    'offboard',
  ];
  it.each(AGENT_STATES)('moves an agent that is %s as it says, and refuses everything else', async (state) => {
    for (const what of MOVES) {
      await put(state);
      const next = nextAgentState(state, what);
      const result = await move(what);
      if (what === 'resume' && state === 'quarantined') expect(result).toHaveProperty('proposal');
      else if (next !== undefined) expect(result).toEqual({ moved: 'done' });
      else expect(JSON.stringify(result)).toMatch(/^\{"(moved":"unchanged|refused":"agent_state_forbids)"\}$/);
      expect(await stateOf()).toBe('proposal' in result ? state : (next ?? state));
    }
  });
});

describe('who may', () => {
  it('moves an agent: who operates; its owner may only take away; nobody without a reason', async () => {
    expect(await move('pause', 'bob')).toEqual({ refused: 'forbidden' });
    expect(await move('pause', 'olaf', AGENT.id, ' ')).toEqual({ refused: 'reason_required' });
    expect(await move('pause', 'olaf', 'nobody')).toEqual({ refused: 'not_found' });
    expect(await move('pause', 'alice')).toEqual({ moved: 'done' });
    expect(await move('resume', 'alice')).toEqual({ refused: 'forbidden' });
    expect(await move('resume', 'olaf')).toEqual({ moved: 'done' });
    expect(await told()).toEqual(['agent.moved', 'agent.moved']);
  });

  it('lets an agent out of quarantine: two people who operate and do not stand behind it', async () => {
    await move('quarantine');
    expect(await move('resume')).toHaveProperty('proposal');
    expect(await move('resume', 'olga')).toEqual({ refused: 'proposed_already' });
    expect(await decide('olaf')).toBe('self_approval');
    expect(await decide('frank')).toBe('forbidden');
    await world.rows(`update people set roles = '{operator,approver}' where tenant = $1 and person = 'alice'`, [
      tenant,
    ]);
    expect(await decide('alice')).toBe('self_approval');
    expect(await stateOf()).toBe('quarantined');
    expect(await decide('olga')).toBe('done');
    expect(await stateOf()).toBe('active');
  });

  it('X50 not whoever was shown a key of it that has ended', async () => {
    await showKey(world.superuser, tenant, 'olga', { ended: 'clock_timestamp()' });
    await move('quarantine');
    await move('resume');
    expect(await decide('olga')).toBe('self_approval');
    expect(await stateOf()).toBe('quarantined');
    expect(await decide('adam')).toBe('done');
    expect(await stateOf()).toBe('active');
  });

  it('X9 not the proposer under another account', async () => {
    await move('quarantine');
    await move('resume');
    await world.rows(`update people set human = 'olaf' where tenant = $1 and person in ('olaf', 'olga')`, [tenant]);
    expect(await decide('olga')).toBe('self_approval');
  });
});

describe('registering', () => {
  it('X50 an agent acts only once somebody let it in who neither owns nor made it', async () => {
    expect(await register({}, 'bob')).toEqual({ refused: 'forbidden' });
    expect(await register({ owner: 'nobody' })).toEqual({ refused: 'owner_not_active' });
    expect(await register({}, 'olaf', '')).toEqual({ refused: 'reason_required' });
    expect(await register({ agent: AGENT.id })).toEqual({ refused: 'agent_exists' });
    expect(await register()).toMatchObject({ generation: 1 });
    expect(await stateOf('clerk')).toBe('onboarding');
    await world.rows(
      `update people set roles = '{operator,approver,owner}' where tenant = $1 and person in ('olaf', 'rita')`,
      [tenant],
    );
    expect(await decide('olaf')).toBe('self_approval');
    expect(await decide('rita')).toBe('self_approval');
    expect(await decide('olga')).toBe('forbidden');
    expect(await decide('frank', 'confirm', { digest: digest('0') })).toBe('digest_mismatch');
    expect(await decide('frank', 'confirm', { reason: ' ' })).toBe('reason_required');
    expect(await decide('frank')).toBe('done');
    expect(await stateOf('clerk')).toBe('active');
    expect(await told()).toEqual(['proposal.made', 'agent.registered', 'agent.moved', 'proposal.confirmed']);
  });

  it('X50 not for an owner who left meanwhile', async () => {
    await register();
    await world.rows(`update people set state = 'left' where tenant = $1 and person = 'rita'`, [tenant]);
    expect(await decide('frank')).toBe('owner_not_active');
    expect(await stateOf('clerk')).toBe('onboarding');
  });

  it('is over when it is rejected, by the proposer too, or when a week has passed', async () => {
    await register();
    expect(await decide('olaf', 'reject')).toBe('done');
    expect(await stateOf('clerk')).toBe('offboarded');
    expect(await register()).toMatchObject({ generation: 2 });
    await world.rows(`update proposals set expires_at = now() where tenant = $1`, [tenant]);
    const [{ id } = { id: '' }] = await world.rows<{ id: string }>(
      `select proposal as id from proposals where tenant = $1 and state = 'open'`,
      [tenant],
    );
    expect(await decide('frank', 'confirm', { id })).toBe('proposal_closed');
    expect(await open()).toEqual([]);
  });

  it('L6 the same id again is a new generation, for which no proposal of the old one counts', async () => {
    await register();
    const [old] = await open();
    await decide('olaf', 'reject');
    await register({ owner: 'bob' });
    expect(await decide('frank', 'confirm', { id: old?.id ?? '' })).toBe('proposal_closed');
    expect(await stateOf('clerk')).toBe('onboarding');
    expect(await decide('frank')).toBe('done');
    const rows = await world.rows(`select generation, owner from agents where tenant = $1 and agent = 'clerk'`, [
      tenant,
    ]);
    expect(rows).toEqual([{ generation: 2, owner: 'bob' }]);
  });

  it('a version keeps its content for good, and an earlier one comes back by its name', async () => {
    const version = (name: string, fill: string, actor = 'olaf') =>
      world.as('gateway', tenant, (client) =>
        registerVersion(client, tenant, { actor, reason: 'r' }, AGENT.id, {
          version: name,
          digest: digest(fill),
          content: {},
        }),
      );
    expect(await version('2', '2')).toBe('done');
    expect(await version('2', '3')).toBe('version_taken');
    expect(await version('2', '2')).toBe('unchanged');
    expect(await version('3', '3', 'bob')).toBe('forbidden');
    expect(await version('3', '3')).toBe('done');
    expect(await version('2', '2')).toBe('done');
    expect(await world.rows(`select version from agents where tenant = $1 and agent = $2`, [tenant, AGENT.id])).toEqual(
      [{ version: '2' }],
    );
  });
});

describe('what an agent asked for', () => {
  it('K3 begins as the state of its agent lets it', async () => {
    const [allowed, approved] = [
      await readyAction(world, tenant),
      await readyAction(world, tenant, { chains: [chain('finance', 1)], voters: ['bob'] }),
    ];
    const both = async (): Promise<unknown[]> => [await begin(world, allowed), await begin(world, approved)];
    await put('paused');
    expect(await both()).toEqual([{ refused: 'agent_paused' }, { refused: 'agent_paused' }]);
    await put('read_only');
    expect(await both()).toEqual([{ refused: 'agent_restricted' }, { refused: 'agent_restricted' }]);
    for (const state of ['onboarding', 'quarantined', 'offboarding', 'offboarded']) {
      await put(state);
      expect(await both()).toEqual([{ refused: 'agent_not_active' }, { refused: 'agent_not_active' }]);
    }
    await put('ask_always');
    expect(await both()).toEqual([{ refused: 'agent_restricted' }, { begun: expect.anything() as unknown }]);
    await put('throttled');
    expect(await begin(world, allowed)).toHaveProperty('begun');
  });

  it('is woken when its agent is moved', async () => {
    const action = await readyAction(world, tenant);
    await move('pause');
    const woken = await world.rows(`select action from outbox where tenant = $1 and kind = 'wake'`, [tenant]);
    expect(woken).toEqual([{ action: action.actionId }]);
  });
});

describe('a stop', () => {
  const fence = (closed: boolean): Promise<void> => moveFence(world.superuser, tenant, 'tenant', closed);
  const lift = async (actor: string): Promise<unknown> =>
    (
      await world.as('gateway', tenant, (client) =>
        client.query<{ result: unknown }>(`select propose_lift($1, $2, 'tenant', 'over') as result`, [tenant, actor]),
      )
    ).rows[0]?.result;
  const closed = async (): Promise<unknown> =>
    (await world.rows<{ closed: boolean }>(`select closed from fences where tenant = $1`, [tenant]))[0]?.closed;

  it('is lifted by two people, and only the very stop that they looked at', async () => {
    await fence(true);
    expect(await lift('bob')).toEqual({ refused: 'forbidden' });
    expect(await lift('olaf')).toHaveProperty('proposal');
    expect(await lift('olga')).toEqual({ refused: 'proposed_already' });
    expect(await decide('olaf')).toBe('self_approval');
    await fence(true); // stopped again meanwhile
    expect(await decide('olga')).toBe('proposal_closed');
    expect(await decide('olaf', 'reject')).toBe('done');
    await lift('olaf');
    expect(await decide('olga')).toBe('done');
    expect(await closed()).toBe(false);
    expect(await lift('olaf')).toEqual({ refused: 'not_found' });
  });
});
