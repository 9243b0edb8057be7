import { AGENT_STATES } from '../../domain/agent-life';
import { ROUTES } from '../../gateway/routes';
import { type Harness, type Reply, startHarness } from './harness';

/** Olga owns the seeded agents, max operates, ada is an admin, bob approves, vic only looks. */
let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.stop());

const post = (as: string, path: string, json: object): Promise<Reply> => h.request('POST', path, { as, json });
const get = (as: string, path: string): Promise<Reply> => h.request('GET', path, { as });
const move = (as: string, agent: string, what: string): Promise<Reply> =>
  post(as, `/v1/admin/agents/${agent}/moves`, { do: what, reason: 'a test' });

const CLERK = {
  ...{
    id: 'clerk',
    owner: 'olga',
    team: 'floor',
    environment: 'test',
    purpose: 'Answers.',
    riskTier: 'low',
    version: '1',
  },
  content: { model: 'm-1', prompt: 'Be brief.', tools: ['t'], config: { temperature: 0 } },
  reason: 'the pilot',
};

interface Proposal {
  readonly id: string;
  readonly digest: string;
  readonly what: Record<string, unknown>;
}
const open = async (): Promise<readonly Proposal[]> =>
  ((await get('vic', '/v1/admin/proposals')).body as { proposals: Proposal[] }).proposals;
const decide = async (as: string, choice: 'confirm' | 'reject', digest?: string): Promise<Reply> => {
  const [first] = await open();
  const path = `/v1/admin/proposals/${first?.id ?? ''}/decision`;
  return await post(as, path, { choice, digest: digest ?? first?.digest, reason: 'looked' });
};
const answer = ({ status, body }: Reply): unknown[] => [status, body.code ?? body.state];

describe('an agent', () => {
  it('is registered by one and let in by another, who sees all but the prompt’s text', async () => {
    expect(answer(await post('vic', '/v1/admin/agents', CLERK))).toEqual([403, 'forbidden']);
    const { status, body } = await post('max', '/v1/admin/agents', CLERK);
    expect([status, body]).toMatchObject([202, { agent: { id: 'clerk', state: 'onboarding', generation: 1 } }]);
    const [proposal] = await open();
    expect(proposal?.what).toMatchObject({ agent: 'clerk', owner: 'olga', creator: 'max', roles: [], riskTier: 'low' });
    expect(proposal?.what).toHaveProperty('digest');
    expect(proposal?.what).not.toHaveProperty('content');
    expect(answer(await post('max', '/v1/admin/agents', CLERK))).toEqual([409, 'agent_exists']);
    expect(answer(await decide('max', 'confirm'))).toEqual([403, 'self_approval']);
    expect(answer(await decide('vic', 'confirm'))).toEqual([403, 'forbidden']);
    expect(answer(await decide('bob', 'confirm', `sha256:${'0'.repeat(64)}`))).toEqual([409, 'digest_mismatch']);
    expect(answer(await decide('bob', 'confirm'))).toEqual([200, 'confirmed']);
    expect((await get('vic', '/v1/admin/agents/clerk')).body).toMatchObject({ state: 'active', version: '1' });
  });

  it.each([
    ['an id that is none', { id: 'Clerk!' }],
    ['a member that is none', { admin: true }],
    ['no content', { content: undefined }],
    ['a prompt that is too long', { content: { ...CLERK.content, prompt: 'x'.repeat(32_001) } }],
    ['too many roles', { roles: Array.from({ length: 17 }, (_, index) => `r${String(index)}`) }],
    ['a tier that is none', { riskTier: 'none' }],
  ])('is not registered with %s', async (_, more) => {
    expect(answer(await post('max', '/v1/admin/agents', { ...CLERK, id: 'other', ...more }))).toEqual([
      400,
      'invalid_parameters',
    ]);
  });

  it('is listed by state, owner and team', async () => {
    const ids = async (query: string): Promise<string[]> =>
      ((await get('vic', `/v1/admin/agents?${query}`)).body as { agents: { id: string }[] }).agents.map(({ id }) => id);
    expect(await ids('')).toEqual(['agent', 'clerk', 'other-agent']);
    expect(await ids('limit=1&cursor=agent')).toEqual(['clerk']);
    expect(await ids('owner=bob')).toEqual([]);
    expect(await ids('state=paused')).toEqual([]);
    expect(answer(await get('vic', '/v1/admin/agents/foreign'))).toEqual([404, 'not_found']);
    expect((await get('foreign-vic', '/v1/admin/agents/clerk')).status).toBe(404);
  });

  it('is moved by who may, as the table of states says', async () => {
    expect(answer(await move('vic', 'agent', 'pause'))).toEqual([403, 'forbidden']);
    expect(answer(await move('olga', 'agent', 'pause'))).toEqual([200, 'paused']);
    expect(answer(await move('olga', 'agent', 'pause'))).toEqual([200, 'paused']);
    expect(answer(await move('olga', 'agent', 'resume'))).toEqual([403, 'forbidden']);
    expect(answer(await move('max', 'agent', 'throttle'))).toEqual([409, 'agent_state_forbids']);
    expect(answer(await move('max', 'agent', 'resume'))).toEqual([200, 'active']);
    expect(answer(await move('max', 'agent', 'quarantine'))).toEqual([200, 'quarantined']);
    expect((await move('max', 'agent', 'resume')).status).toBe(202);
    expect(answer(await move('max', 'agent', 'resume'))).toEqual([409, 'proposed_already']);
    expect(answer(await decide('max', 'confirm'))).toEqual([403, 'self_approval']);
    expect(answer(await decide('ada', 'confirm'))).toEqual([200, 'confirmed']);
  });

  it('T1 is heard, or refused, as its state says', async () => {
    const heard = async (state: string): Promise<unknown[]> => {
      await h.superuser.query(`update agents set state = $1 where tenant = 'rival'`, [state]);
      const { status, body } = await h.act({ as: 'foreign-agent' });
      return [state, status, ...(status === 202 ? [] : [body.code])];
    };
    for (const state of AGENT_STATES) {
      const acts = ['active', 'throttled', 'read_only', 'ask_always'].includes(state);
      expect(await heard(state)).toEqual([state, ...(acts ? [202] : [403, 'agent_not_active'])]);
    }
    await h.superuser.query(`update agents set state = 'active' where tenant = 'rival'`);
  });

  it('K3 T2 that is throttled is taken six times a minute', async () => {
    await move('max', 'other-agent', 'throttle');
    const statuses: number[] = [];
    for (let asked = 0; asked < 7; asked++)
      statuses.push((await h.act({ as: 'other-agent', key: `t-${String(asked)}` })).status);
    expect(statuses).toEqual([202, 202, 202, 202, 202, 202, 429]);
    const refused = await h.act({ as: 'other-agent', key: 't-8' });
    expect([refused.body.code, refused.headers.get('retry-after')]).toEqual(['agent_throttled', '60']);
    // What was taken is answered still.
    expect((await h.act({ as: 'other-agent', key: 't-0' })).status).toBe(202);
    await move('max', 'other-agent', 'resume');
    expect((await h.act({ as: 'other-agent', key: 't-8' })).status).toBe(202);
  });

  it('S2 has versions that never change, one of which is in force', async () => {
    const add = (version: string, model: string): Promise<Reply> =>
      post('max', '/v1/admin/agents/clerk/versions', {
        version,
        content: { ...CLERK.content, model },
        reason: 'newer',
      });
    expect((await add('2', 'm-2')).body).toMatchObject({ version: '2' });
    expect(answer(await add('2', 'm-3'))).toEqual([409, 'version_taken']);
    expect((await add('1', 'm-1')).body).toMatchObject({ version: '1' });
    const { body } = await get('vic', '/v1/admin/agents/clerk/versions');
    expect(body).toMatchObject({
      versions: [
        { version: '2', content: { model: 'm-2' }, inForce: false },
        { version: '1', content: { model: 'm-1' }, inForce: true },
      ],
    });
  });

  it('is not excepted from what nobody is doing', async () => {
    const except = (as: string): Promise<Reply> =>
      post(as, '/v1/admin/agents/clerk/exceptions', { subject: 'act-1', reason: 'seen' });
    expect(answer(await except('max'))).toEqual([403, 'self_approval']);
    expect(answer(await except('vic'))).toEqual([403, 'forbidden']);
    expect(answer(await except('ada'))).toEqual([409, 'agent_state_forbids']);
  });
});

describe('a review', () => {
  const reviews = async (as = 'vic'): Promise<Record<string, unknown>[]> =>
    ((await get(as, '/v1/admin/reviews')).body as { reviews: Record<string, unknown>[] }).reviews;
  const review = async (as: string, choice: string, more: object = {}): Promise<Reply> => {
    const [first] = await reviews();
    const said = { choice, digest: first?.['digest'] ?? 'none', reason: 'looked', ...more };
    return await post(as, '/v1/admin/agents/clerk/review', said);
  };

  it('is listed with all that is confirmed, and answered by whoever could let the agent in', async () => {
    expect(answer(await review('bob', 'keep'))).toEqual([409, 'review_not_open']);
    expect(await reviews()).toEqual([]);
    await h.superuser.query(
      `update agent_reviews set stage = 'due', due_at = now() + interval '1 day', stage_watched = '0' where agent = 'clerk'`,
    );
    const [listed, ...others] = await reviews();
    expect([listed, others]).toMatchObject([
      { agent: 'clerk', state: 'active', stage: 'due', warnings: 0, rights: { owner: 'olga', creator: 'max' } },
      [],
    ]);
    expect(
      ROUTES.find(({ path }) => path === '/v1/admin/reviews')?.answers[200]?.schema.safeParse({
        reviews: [listed],
        nextCursor: null,
      }),
    ).toMatchObject({ success: true });
    const page = async (query: string): Promise<unknown> => (await get('vic', `/v1/admin/reviews?${query}`)).body;
    expect(await page('limit=1&cursor=a')).toEqual({ reviews: [listed], nextCursor: null });
    expect(await page('cursor=clerk')).toEqual({ reviews: [], nextCursor: null });
    expect(await reviews('foreign-vic')).toEqual([]);
    expect(answer(await review('olga', 'keep'))).toEqual([403, 'self_approval']);
    expect(answer(await review('max', 'end'))).toEqual([403, 'self_approval']);
    expect(answer(await review('vic', 'keep'))).toEqual([403, 'forbidden']);
    expect(answer(await review('bob', 'keep', { digest: `sha256:${'0'.repeat(64)}` }))).toEqual([
      409,
      'digest_mismatch',
    ]);
    expect(answer(await review('bob', 'maybe'))).toEqual([400, 'invalid_parameters']);
    expect(answer(await review('bob', 'keep'))).toEqual([200, 'active']);
    expect(await reviews()).toEqual([]);
  });

  it('that ends the agent begins its offboarding', async () => {
    await h.superuser.query(
      `update agent_reviews set warnings = 1, warned_at = now(), warned_watched = '0' where agent = 'clerk'`,
    );
    expect(answer(await review('bob', 'end'))).toEqual([200, 'offboarding']);
    expect(await reviews()).toEqual([]);
  });
});

describe('a stop', () => {
  const kill = (as: string, scope: string): Promise<Reply> => post(as, '/v1/admin/stops', { scope, reason: 'a test' });
  const lift = (as: string, scope: string): Promise<Reply> =>
    post(as, '/v1/admin/stops/lift', { scope, reason: 'over' });

  it.each([
    ['vic', 'tenant', 403, 'forbidden'],
    ['olga', 'tenant', 403, 'forbidden'],
    ['max', 'global', 400, 'invalid_parameters'],
    ['max', '', 400, 'invalid_parameters'],
    ['max', 'team:', 400, 'invalid_parameters'],
    ['max', 'team:*', 404, 'not_found'],
    ['max', 'team:nobody', 404, 'not_found'],
    ['max', 'agent:nobody', 404, 'not_found'],
    ['max', 'action-type:%', 404, 'not_found'],
    ['max', 'action-type:warehouse.move_bax', 404, 'not_found'],
  ])(
    'by %s of %s is refused: a selector that matches nothing stops nothing, and says so',
    async (as, scope, status, code) => {
      expect(answer(await kill(as, scope))).toEqual([status, code]);
    },
  );

  it('K1 says what it stopped, and is lifted by two people', async () => {
    expect((await kill('olga', 'agent:agent')).body).toMatchObject({ scope: 'agent:agent', actor: 'olga', agents: 1 });
    expect((await kill('max', 'team:floor')).body).toMatchObject({ scope: 'team:floor', agents: 3, begun: [] });
    const { body } = await get('vic', '/v1/admin/stops');
    expect((body as { stops: { scope: string }[] }).stops.map(({ scope }) => scope)).toEqual([
      'agent:agent',
      'team:floor',
    ]);
    expect((await get('foreign-vic', '/v1/admin/stops')).body).toMatchObject({ stops: [] });
    expect(answer(await lift('max', 'global'))).toEqual([403, 'forbidden']);
    expect((await lift('max', 'team:floor')).status).toBe(202);
    expect(answer(await decide('max', 'confirm'))).toEqual([403, 'self_approval']);
    expect(answer(await decide('ada', 'confirm'))).toEqual([200, 'confirmed']);
    expect(answer(await lift('max', 'team:floor'))).toEqual([404, 'not_found']);
  });

  it('K1 names the processes that have not confirmed it, until they have; it knows of it itself once it answers', async () => {
    const said = (which: string): Promise<unknown> => h.superuser.query(which);
    await said(`insert into processes (process, kind, moves_heard) values ('deaf', 'worker', 0)`);
    const { body } = await kill('max', 'tenant');
    const unheard = [{ process: 'deaf', kind: 'worker', heardAt: expect.any(String) as string }];
    expect([body.scope, body.unheard]).toEqual(['tenant', unheard]);
    expect((await h.act()).body.code).toBe('scope_fenced');
    expect((await get('vic', '/v1/admin/stops')).body).toMatchObject({ unheard });
    await said(`update processes set moves_heard = (select sum(epoch) from fences) where process = 'deaf'`);
    expect((await get('vic', '/v1/admin/stops')).body).toMatchObject({ unheard: [] });
  });
});
