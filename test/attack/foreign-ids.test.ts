import { randomUUID } from 'node:crypto';
import { ROUTES } from '../../gateway/routes';
import { type Harness, type Reply, startHarness } from '../gateway/harness';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.stop());

const NOWHERE = '0193d5a2-5c1e-7b3a-9d40-1f2e3c4b5a69';
const CONTENT = { model: 'm', prompt: '', tools: [], config: {} };
const KEY = { kty: 'OKP', crv: 'X25519', x: 'hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo' };

/** What there is of one agent, wherever an id leads to it. */
interface Things {
  readonly actions: string;
  readonly grants: string;
  readonly approvals: string;
  readonly tasks: string;
  readonly people: string;
  readonly agents: string;
  readonly proposals: string;
  readonly reconciliations: string;
  readonly digest: string;
}

const MISSING: Omit<Things, 'digest'> = {
  actions: `act-${NOWHERE}`,
  grants: `act-${NOWHERE}.move.do.1`,
  approvals: `apr-${NOWHERE}-1`,
  tasks: `act-${NOWHERE}.move.unknown_outcome`,
  people: 'nobody-there',
  agents: 'no-such-agent',
  proposals: `prp-${NOWHERE}`,
  reconciliations: `rec-${NOWHERE}`,
};

/** An action with everything that may hang on one: a request, a task, a credential that is lent. */
async function thingsOf(agent: string, tenant: string): Promise<Things> {
  const action = (await h.act({ as: agent })).body.id as string;
  await h.deps.background.drain(5_000);
  const { id: approvals, digest } = await h.openApproval(action, { tenant });
  const people = `p-${action.slice(-12)}`;
  const [grants, tasks] = [`${action}.move.do.1`, `${action}.move.unknown_outcome`];
  const sql = (text: string, ...more: unknown[]) => h.superuser.query(text, [tenant, action, ...more]);
  await sql(
    `insert into tasks (tenant, task, action, step, kind) values ($1, $3, $2, 'move', 'unknown_outcome')`,
    tasks,
  );
  await h.superuser.query('insert into people (tenant, person, name) values ($1, $2, $2)', [tenant, people]);
  await h.superuser.query(`insert into admin_proposals (tenant, person, proposed_by) values ($1, $2, 'ada')`, [
    tenant,
    people,
  ]);
  await h.superuser.query(`insert into departures (tenant, person, actor, reason) values ($1, $2, 'ada', 'x')`, [
    tenant,
    people,
  ]);
  await sql(`update actions set lane = 'granted', state = 'executing' where tenant = $1 and action = $2`);
  await sql(
    `insert into decisions (tenant, action, round, stage, effect, findings, chains, bundle_digest, input, input_digest, epochs, budgeted)
     values ($1, $2, 1, 'initial', 'allow', '[]', '{}', 'd', '{}', 'd', '', false)`,
  );
  await sql(
    `insert into effects (tenant, action, step, kind, round, digest, idempotency_key, grant_id, send_by)
     values ($1, $2, 'move', 'do', 1, 'd', $3, $3, now())`,
    grants,
  );
  await sql(
    `insert into grants (tenant, grant_id, action, step, agent, target, expires_at)
     values ($1, $3, $2, 'move', $4, 'books', now() + interval '1 minute')`,
    grants,
    agent.replace('foreign-', ''),
  );
  const agents = `a-${action.slice(-12)}`;
  const proposals = `prp-${randomUUID()}`;
  await h.superuser.query(
    `insert into agents (tenant, agent, version, owner, creator, team, environment, state)
     values ($1, $2, '1', 'olga', 'olga', 'floor', 'test', 'offboarding')`,
    [tenant, agents],
  );
  await h.superuser.query(
    `insert into agent_credentials (tenant, kid, agent, generation, x, registered_by, issued_by, life, not_after)
     values ($1, $3, $2, 1, $3, 'enrolment', 'olga', '1 day', now() + interval '1 day')`,
    [tenant, agents, agents.padEnd(43, '0')],
  );
  await h.superuser.query(
    `insert into proposals (tenant, proposal, verb, subject, what, digest, proposed_by) values ($1, $2, 'resume', $3, '{}', $4, 'ada')`,
    [tenant, proposals, `${agents}/1`, digest],
  );
  const reconciliations = `rec-${randomUUID()}`;
  await h.superuser.query(`insert into reconciliations (tenant, reconciliation, asked_by) values ($1, $2, 'ada')`, [
    tenant,
    reconciliations,
  ]);
  return { actions: action, approvals, digest, grants, tasks, people, agents, proposals, reconciliations };
}

/** How each route with an id is called; a route that is missing here fails the test. */
const CALLS: Readonly<Record<string, readonly [kind: keyof typeof MISSING, as: string, body?: (t: Things) => object]>> =
  {
    'get /v1/actions/{id}': ['actions', 'agent'],
    'post /v1/actions/{id}/cancel': ['actions', 'agent', () => ({ reason: 'x' })],
    'post /v1/grants/{id}/claim': ['grants', 'agent', () => ({ publicKey: KEY })],
    'post /v1/grants/{id}/complete': ['grants', 'agent', () => ({})],
    'get /v1/approvals/{id}': ['approvals', 'bob'],
    'post /v1/approvals/{id}/votes': ['approvals', 'bob', ({ digest }) => ({ choice: 'approve', digest })],
    'get /v1/admin/actions/{id}': ['actions', 'max'],
    'post /v1/admin/actions/{id}/cancel': ['actions', 'max', () => ({ reason: 'x' })],
    'post /v1/admin/tasks/{id}/resolve': ['tasks', 'max', () => ({ resolution: 'happened', reason: 'x' })],
    'get /v1/admin/people/{id}/departure': ['people', 'ada'],
    'post /v1/admin/people/{id}/changes': ['people', 'ada', () => ({ do: 'leave', reason: 'x' })],
    'post /v1/admin/people/{id}/logins': ['people', 'ada', () => ({ hours: 1, reason: 'x' })],
    'post /v1/admin/people/{id}/confirm-admin': ['people', 'ada', () => ({ reason: 'x' })],
    'get /v1/admin/agents/{id}': ['agents', 'vic'],
    'post /v1/admin/agents/{id}/moves': ['agents', 'max', () => ({ do: 'offboard', reason: 'x' })],
    'get /v1/admin/agents/{id}/versions': ['agents', 'vic'],
    'post /v1/admin/agents/{id}/versions': ['agents', 'max', () => ({ version: '2', content: CONTENT, reason: 'x' })],
    'post /v1/admin/agents/{id}/enrolments': ['agents', 'max', () => ({})],
    'post /v1/admin/agents/{id}/rotations': ['agents', 'max', () => ({ reason: 'x' })],
    'post /v1/admin/agents/{id}/revocations': ['agents', 'max', () => ({ reason: 'x' })],
    // Of what an offboarding waits for; there is nothing of this agent, which is told apart by its state.
    'post /v1/admin/agents/{id}/exceptions': ['agents', 'olga', () => ({ subject: 's', reason: 'x' })],
    'post /v1/admin/agents/{id}/review': ['agents', 'bob', () => ({ choice: 'keep', digest: 'd', reason: 'x' })],
    'get /v1/admin/reconciliations/{id}': ['reconciliations', 'max'],
    'get /v1/admin/proposals/{id}': ['proposals', 'vic'],
    'post /v1/admin/proposals/{id}/decision': [
      'proposals',
      'max',
      ({ digest }) => ({ choice: 'confirm', digest, reason: 'x' }),
    ],
  };

const withId = ROUTES.filter(({ path }) => path.includes('{id}'));
const callOf = ({ method, path }: { method: string; path: string }): (typeof CALLS)[string] => {
  const call = CALLS[`${method} ${path}`];
  if (call === undefined) throw new Error(`say in CALLS how ${method} ${path} is called`);
  return call;
};
const ask = (route: { method: string; path: string }, id: string, as: string, json?: object): Promise<Reply> =>
  h.request(route.method.toUpperCase(), route.path.replace('{id}', id), { as, ...(json !== undefined && { json }) });
/** All that an answer tells, but for its own number and the time. */
const told = ({ status, text, headers }: Reply): string =>
  JSON.stringify([status, text, [...headers].filter(([name]) => !['x-request-id', 'date'].includes(name))]);

/** Everything that a call could have changed for the other tenant. */
const footprint = async (): Promise<string> => {
  const tables = [
    'actions',
    'admin_proposals',
    'agents',
    'agent_reviews',
    'agent_versions',
    'agent_credentials',
    'agent_enrolments',
    'proposals',
    'reconciliations',
    'approval_requests',
    'votes',
    'tasks',
    'grants',
    'grant_claims',
    'people',
    'person_tokens',
    'ledger',
  ];
  const rows: unknown[] = [];
  for (const table of tables)
    rows.push((await h.superuser.query(`select * from ${table} where tenant = 'rival' order by 1, 2, 3`)).rows);
  return JSON.stringify(rows);
};

describe('X46 what belongs to another tenant, or to another agent,', () => {
  let foreign: Things;
  let siblings: Things;
  beforeAll(async () => {
    foreign = await thingsOf('foreign-agent', 'rival');
    siblings = await thingsOf('other-agent', 'acme');
  });

  test.each(withId.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'answers %s exactly like what does not exist, and stays as it is',
    async (_, route) => {
      const [kind, as, body] = callOf(route);
      const missing = MISSING[kind];
      const odd = [`${missing}x`, 'act-1', '%00', '..%2f..', "'%20or%201=1", `${foreign[kind]}%20`];
      // Other agents of one's own tenant are nobody either; people see what is their tenant's.
      const others = as === 'agent' ? [foreign[kind], siblings[kind]] : [foreign[kind]];
      const before = await footprint();
      const answers = await Promise.all([missing, ...others, ...odd].map((id) => ask(route, id, as, body?.(foreign))));
      expect(answers.map(told)).toEqual(answers.map(() => told(answers[0] as Reply)));
      expect(answers[0]).toMatchObject({ status: 404, body: { code: 'not_found' } });
      expect(await footprint()).toBe(before);
    },
  );

  test.each(withId.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'is there for whom it belongs to: %s',
    async (_, route) => {
      const [kind, as, body] = callOf(route);
      const own = await thingsOf('foreign-agent', 'rival');
      await h.superuser.query('update grants set expires_at = now() where grant_id = $1', [own.grants]); // or a claim would wait
      expect((await ask(route, own[kind], `foreign-${as}`, body?.(own))).status).not.toBe(404);
    },
  );

  test.each([
    ['agent', '/v1/actions'],
    ['max', '/v1/admin/actions'],
    ['bob', '/v1/approvals'],
    ['max', '/v1/admin/tasks'],
    ['ada', '/v1/admin/people'],
    ['vic', '/v1/admin/agents'],
    ['vic', '/v1/admin/reviews'],
    ['vic', '/v1/admin/proposals'],
  ])('is in no list of %s: %s', async (as, path) => {
    const { text, status } = await h.request('GET', `${path}?limit=100`, { as });
    expect(status).toBe(200);
    expect(text).not.toContain(foreign.actions.slice(4));
    expect(text).not.toContain(foreign.people);
    expect(text).not.toContain(foreign.agents);
  });

  test('is not reached by a body that names the tenant, whatever the route', async () => {
    const before = await footprint();
    for (const route of ROUTES.filter(({ method, who }) => method === 'post' && who !== 'public')) {
      const as = ({ agent: 'agent', member: 'bob', admin: 'ada' } as Record<string, string>)[route.who] ?? 'max';
      const json = { ...route.body?.example, tenant: 'rival' };
      const reply = await h.request('POST', route.path.replace('{id}', MISSING.actions), {
        as,
        key: `t-${route.path}`,
        json,
      });
      expect([route.path, [400, 404].includes(reply.status)]).toEqual([route.path, true]);
    }
    expect(await footprint()).toBe(before);
  });
});
