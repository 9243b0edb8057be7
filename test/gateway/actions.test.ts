import { actionDigest, factsDigest } from '../../evidence/action-digest';
import { type Harness, PARAMS, startHarness, TYPE } from './harness';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.stop());

const count = async (sql: string, values: unknown[] = []): Promise<number> =>
  (await h.superuser.query<{ n: number }>(`select count(*)::integer as n from ${sql}`, values)).rows[0]?.n ?? -1;

const settle = async (id: string): Promise<void> => {
  await h.superuser.query(
    `update actions set state = 'executed', outcome = $2::jsonb, settled_at = now() where action = $1`,
    [id, JSON.stringify({ kind: 'executed', say: 'This was done.', result: {} })],
  );
};

describe('asking to act', () => {
  test('records the action, its first round, its start and its ledger entry, and says that it is pending', async () => {
    const reply = await h.act({
      json: { type: TYPE, params: PARAMS, because: 'the aisle is blocked', context: { trace: 't1' } },
    });
    expect(reply.status).toBe(202);
    const { id } = reply.body;
    expect(reply.headers.get('location')).toBe(`/v1/actions/${id}`);
    expect(reply.body).toMatchObject({ type: TYPE, settledAt: null, outcome: { kind: 'pending', waitingOn: [] } });
    const { rows } = await h.superuser.query('select * from actions where action = $1', [id]);
    expect(rows[0]).toMatchObject({
      tenant: 'acme',
      agent: 'agent',
      agent_generation: 1,
      agent_version: '7',
      team: 'floor',
      type_version: 3,
      risk: 'high',
      params: PARAMS,
      because: 'the aisle is blocked',
      state: 'received',
    });
    expect(await count(`ledger where key = $1`, [`action/${id}/requested`])).toBe(1);
    expect(await count(`action_rounds where action = $1 and facts = '{"box":{"shelf":"s-3"}}'`, [id])).toBe(1);
  });

  test('binds everything into a digest that can be computed from what is stored', async () => {
    const { id } = (await h.act()).body;
    const { rows } = await h.superuser.query(
      'select a.salt, a.params, r.facts, r.facts_digest, r.digest from actions a join action_rounds r using (tenant, action) where action = $1',
      [id],
    );
    const [row] = rows;
    expect(row.facts_digest).toBe(factsDigest(row.facts));
    expect(row.salt).toMatch(/^[0-9a-f]{64}$/);
    const agent = { id: 'agent', generation: 1, version: '7' };
    const document = {
      v: 1,
      tenant: 'acme',
      environment: 'test',
      agent,
      type: TYPE,
      typeVersion: 3,
      params: row.params,
      envelope: { '/facts/box/shelf': 's-3' },
      factsDigest: row.facts_digest,
      salt: row.salt,
      round: 1,
    } as const;
    expect(row.digest).toBe(actionDigest(document));
  });

  test('takes the start out of the outbox once it was heard, and leaves it there otherwise', async () => {
    const heard = (await h.act()).body.id;
    await h.deps.background.drain(5_000);
    expect(await count('outbox where action = $1 and done_at is not null', [heard])).toBe(1);
    h.play.submit = () => Promise.reject(new Error('Temporal is away'));
    const unheard = await h.act();
    h.play.submit = () => Promise.resolve('answered');
    expect(unheard.status).toBe(202);
    expect(await count('outbox where action = $1 and done_at is null', [unheard.body.id])).toBe(1);
  });

  test('answers 200 from Postgres when the action ended meanwhile, whatever the workflow said', async () => {
    h.play.submit = async ({ actionId }) => (await settle(actionId), 'pending');
    const reply = await h.act({ json: { type: TYPE, params: PARAMS } });
    h.play.submit = () => Promise.resolve('answered');
    expect(reply.status).toBe(200);
    expect(reply.body.outcome).toEqual({ kind: 'executed', say: 'This was done.', result: {} });
  });

  test('does not wait longer than it was asked to', async () => {
    let answer: (() => void) | undefined;
    h.play.submit = () => new Promise((resolve) => (answer = () => resolve('answered')));
    const reply = await h.act({ json: { type: TYPE, params: PARAMS, waitMs: 50 } });
    expect(reply.status).toBe(202);
    answer?.();
    await h.deps.background.drain(5_000);
    h.play.submit = () => Promise.resolve('answered');
  });

  test('what the system of record does not know is null; what it does not answer is 503 and leaves nothing', async () => {
    h.play.fact = () => Promise.resolve({ kind: 'missing' });
    const { id } = (await h.act()).body;
    expect(await count(`action_rounds where action = $1 and facts = '{"box":null}'`, [id])).toBe(1);
    const before = await count('actions');
    h.play.fact = () => Promise.resolve({ kind: 'unanswered', code: 'target_no_answer' });
    const reply = await h.act();
    h.play.fact = () => Promise.resolve({ kind: 'found', fact: { shelf: 's-3' } });
    expect([reply.status, reply.body.code]).toEqual([503, 'fact_unanswered']);
    expect(await count('actions')).toBe(before);
  });

  test('X46 identity comes from the key: a body that names another is refused', async () => {
    for (const claim of [{ tenant: 'rival' }, { agent: 'other-agent' }, { owner: 'bob' }]) {
      const reply = await h.act({ json: { type: TYPE, params: PARAMS, ...claim } });
      expect([reply.status, reply.body.code]).toEqual([400, 'invalid_parameters']);
    }
  });

  test('an agent that is not active asks in vain', async () => {
    await h.superuser.query(`update agents set state = 'paused' where tenant = 'acme' and agent = 'other-agent'`);
    const reply = await h.act({ as: 'other-agent' });
    await h.superuser.query(`update agents set state = 'active' where tenant = 'acme' and agent = 'other-agent'`);
    expect([reply.status, reply.body.code]).toEqual([403, 'agent_not_active']);
  });

  test('a hundred open actions are the most', async () => {
    await h.superuser.query(
      `insert into actions (tenant, action, agent, agent_generation, agent_version, agent_owner, agent_creator, team, environment, type, type_version, risk, effect_class, lane, idempotency_key, request_digest, params, salt)
       select 'rival', 'act-00000000-0000-7000-8000-' || lpad(n::text, 12, '0'), 'agent', 1, '7', 'o', 'o', 'floor', 'test', 't', 1, 'high', 'compensable', 'brokered', 'k' || n, 'd', '{}', 's' from generate_series(1, 98) n`,
    );
    const replies = await Promise.all(Array.from({ length: 10 }, () => h.act({ as: 'foreign-agent' })));
    expect(replies.map(({ status }) => status).sort()).toEqual([202, 202, ...Array.from({ length: 8 }, () => 429)]);
    const refused = replies.find(({ status }) => status === 429);
    expect(refused?.body.code).toBe('too_many_pending');
    expect(refused?.headers.get('retry-after')).toBe('30');
    expect((await h.act()).status).toBe(202);
  });
});

describe('idempotency', () => {
  test('X14 the same key and body is the same action, however the body is written', async () => {
    const first = await h.act({ key: 'same', json: { type: TYPE, params: PARAMS } });
    const again = await h.act({
      key: 'same',
      raw: `{"params":{"weightGrams":1200.0,"box":"b-17"} , "type":"${TYPE}", "waitMs": 5}`,
    });
    expect(again.body.id).toBe(first.body.id);
  });

  test('X49 another body under the same key is refused', async () => {
    await h.act({ key: 'other', json: { type: TYPE, params: PARAMS } });
    for (const json of [
      { type: TYPE, params: { ...PARAMS, weightGrams: 1201 } },
      { type: TYPE, params: PARAMS, because: 'new' },
      { type: 'unknown', params: {} },
    ]) {
      const reply = await h.act({ key: 'other', json });
      expect([reply.status, reply.body.code]).toEqual([409, 'idempotency_key_reused']);
    }
  });

  test('X49 a key belongs to one agent of one tenant in one generation', async () => {
    const ids = new Set<string>();
    for (const as of ['agent', 'other-agent']) ids.add((await h.act({ as, key: 'mine' })).body.id);
    const other = { type: TYPE, params: { ...PARAMS, weightGrams: 7 } };
    const foreign = await h.act({ as: 'foreign-other-agent', key: 'mine', json: other });
    expect([foreign.status, [...ids].includes(foreign.body.id)]).toEqual([202, false]);
    await h.superuser.query(`update agents set generation = 2 where tenant = 'acme' and agent = 'other-agent'`);
    await h.superuser.query(`update agent_keys set generation = 2 where tenant = 'acme' and agent = 'other-agent'`);
    const renewed = await h.act({ as: 'other-agent', key: 'mine' });
    ids.add(renewed.body.id);
    expect(ids.size).toBe(3);
    const [, inherited] = [...ids];
    expect((await h.request('GET', `/v1/actions/${inherited}`, { as: 'other-agent' })).status).toBe(404);
    expect(
      (await h.request('GET', '/v1/actions', { as: 'other-agent' })).body.actions.map(({ id }: { id: string }) => id),
    ).toEqual([renewed.body.id]);
  });

  test('a hundred at once make one row', async () => {
    const replies = await Promise.all(Array.from({ length: 100 }, () => h.act({ key: 'hundred' })));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1);
    expect(await count(`actions where idempotency_key = 'hundred'`)).toBe(1);
    expect(await count(`ledger where key = $1`, [`action/${replies[0]?.body.id}/requested`])).toBe(1);
  });

  test.each([
    ['missing', undefined, 'idempotency_key_missing'],
    ['with a space', 'a b', 'invalid_parameters'],
    ['of 256 characters', 'k'.repeat(256), 'invalid_parameters'],
  ])('a key %s is refused', async (_, key, code) => {
    const reply = await h.request('POST', '/v1/actions', {
      as: 'agent',
      json: { type: TYPE, params: PARAMS },
      ...(key !== undefined && { key }),
    });
    expect([reply.status, reply.body.code]).toEqual([400, code]);
  });
});

describe('following an action', () => {
  test('a long poll ends with the action', async () => {
    const { id } = (await h.act()).body;
    const waiting = h.request('GET', `/v1/actions/${id}?wait=30s`, { as: 'agent' });
    setTimeout(() => void settle(id), 200);
    const started = performance.now();
    expect((await waiting).body.outcome.kind).toBe('executed');
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  test.each(['-1s', '61s', '1e9s', 'NaN', '30', '', '∞', '1000000000000s', 'PT30S'])(
    'waiting for "%s" is refused',
    async (wait) => {
      const reply = await h.request(
        'GET',
        `/v1/actions/act-0193d5a2-5c1e-7b3a-9d40-1f2e3c4b5a69?wait=${encodeURIComponent(wait)}`,
        { as: 'agent' },
      );
      expect([reply.status, reply.body.code]).toEqual([400, 'invalid_parameters']);
    },
  );

  test('a list has pages', async () => {
    const ids: string[] = [];
    let cursor = '';
    do {
      const { body } = await h.request('GET', `/v1/actions?limit=3${cursor}`, { as: 'agent' });
      ids.push(...body.actions.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
    expect(ids.length).toBe(await count(`actions where tenant = 'acme' and agent = 'agent'`));
  });

  test('cancelling is asked once, wakes the workflow, and comes too late for what has ended', async () => {
    const { id } = (await h.act()).body;
    for (let i = 0; i < 2; i += 1)
      expect(
        (await h.request('POST', `/v1/actions/${id}/cancel`, { as: 'agent', json: { reason: 'not needed' } })).status,
      ).toBe(202);
    await h.deps.background.drain(5_000);
    expect(h.woken.filter(({ actionId }) => actionId === id)).toHaveLength(1);
    expect(await count(`actions where action = $1 and cancel_requested_by = 'agent:agent'`, [id])).toBe(1);
    expect(await count(`ledger where key = $1`, [`action/${id}/cancel_requested`])).toBe(1);
    expect(await count(`outbox where action = $1 and done_at is null`, [id])).toBe(0);
    await settle(id);
    const late = await h.request('POST', `/v1/actions/${id}/cancel`, { as: 'agent', json: {} });
    expect([late.status, late.body.code]).toEqual([409, 'action_closed']);
  });
});
