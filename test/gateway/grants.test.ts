import { randomBytes, randomUUID } from 'node:crypto';
import { ROUTES } from '../../gateway/routes';
import { bearer, enrol, newKey as newAgentKey, tokenOf } from './agent-key';
import { type Harness, PARAMS, type Reply, startHarness, TYPE } from './harness';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.stop());

/** Some point of the curve; every 32 bytes are one, but for a few of low order. */
const newKey = (): string => randomBytes(32).toString('base64url');
const jwk = (x: string): object => ({ publicKey: { kty: 'OKP', crv: 'X25519', x } });

/** A grant that is lent to `agent`, as the worker would have begun it. */
async function lent(): Promise<{ action: string; grant: string }> {
  const action = (await h.act()).body.id as string;
  await h.deps.background.drain(5_000);
  const grant = `${action}.look.do.1`;
  const sql = (text: string, ...values: unknown[]) => h.superuser.query(text, [action, ...values]);
  await sql(`update actions set lane = 'granted', state = 'executing', waiting_on = '{agent:agent}' where action = $1`);
  await sql(
    `insert into decisions (tenant, action, round, stage, effect, findings, chains, bundle_digest, input, input_digest, epochs, budgeted)
     values ('acme', $1, 1, 'initial', 'allow', '[]', '{}', 'd', '{}', 'd', '', false)`,
  );
  await sql(
    `insert into effects (tenant, action, step, kind, round, digest, idempotency_key, grant_id, send_by)
     values ('acme', $1, 'look', 'do', 1, 'd', $1, $2, now())`,
    grant,
  );
  await sql(
    `insert into grants (tenant, grant_id, action, step, agent, target, expires_at)
     values ('acme', $2, $1, 'look', 'agent', 'books', now() + interval '1 minute')`,
    grant,
  );
  return { action, grant };
}

/** Plays the worker: makes what was claimed. */
async function mint(grant: string, jwe: string): Promise<void> {
  await h.superuser.query('begin');
  await h.superuser.query(`select set_config('app.tenant', 'acme', true)`);
  await h.superuser.query(
    `select record_mint('acme', $1, (b -> 'begun' ->> 'claim')::integer, (b -> 'begun' ->> 'mint')::integer, $2) from begin_mint('acme', $1) b`,
    [grant, jwe],
  );
  await h.superuser.query('commit');
}

const post = (verb: 'claim' | 'complete', grant: string, json: object, as = 'agent'): Promise<Reply> =>
  h.request('POST', `/v1/grants/${grant}/${verb}`, { as, json });
const claimed = async (grant: string): Promise<boolean> =>
  (await h.superuser.query('select from grant_claims where grant_id = $1', [grant])).rowCount !== 0;

describe('access of an agent’s own', () => {
  test('is shown to its agent while it may be claimed', async () => {
    const { action, grant } = await lent();
    const look = async (): Promise<any> => (await h.request('GET', `/v1/actions/${action}`, { as: 'agent' })).body;
    expect(await look()).toMatchObject({
      grant: { id: grant, claimable: true },
      outcome: { kind: 'pending', waitingOn: ['agent:agent'] },
    });
    const route = ROUTES.find(({ method, path }) => method === 'get' && path === '/v1/actions/{id}');
    expect(route?.answers[200]?.schema.safeParse(await look())).toMatchObject({ success: true });
    await h.superuser.query('update grants set expires_at = now() where grant_id = $1', [grant]);
    expect(await look()).not.toHaveProperty('grant');
  });

  test.each<[string, object]>([
    ...[0, -1, 1e12, 'NaN', '∞', 'P1D', null].map((value): [string, object] => [
      `ttlMs: ${JSON.stringify(value)}`,
      { ttlMs: value },
    ]),
    ['an end', { expiresAt: '2100-01-01T00:00:00Z' }],
    ['an extension', { extend: true }],
  ])('X53 no agent says how long its access lives: %s', async (_, member) => {
    const { grant } = await lent();
    const before = await h.superuser.query('select expires_at from grants where grant_id = $1', [grant]);
    expect(await post('claim', grant, { ...jwk(newKey()), ...member })).toMatchObject({
      status: 400,
      body: { code: 'invalid_parameters' },
    });
    expect(await post('complete', grant, member)).toMatchObject({ status: 400, body: { code: 'invalid_parameters' } });
    expect(
      await h.request('POST', '/v1/actions', {
        ...{ as: 'agent', key: randomUUID() },
        json: { type: TYPE, params: PARAMS, waitMs: 0, ...member },
      }),
    ).toMatchObject({
      status: 400,
      body: { code: 'invalid_parameters' },
    });
    expect((await h.superuser.query('select expires_at from grants where grant_id = $1', [grant])).rows).toEqual(
      before.rows,
    );
    expect(await claimed(grant)).toBe(false);
  });

  test('a claim wakes the workflow, waits for what the worker makes, and answers the same key the same', async () => {
    const { action, grant } = await lent();
    const key = newKey();
    const messages = async (): Promise<number | null> =>
      (await h.superuser.query('select from outbox where action = $1', [action])).rowCount;
    const before = (await messages()) ?? 0;
    const first = post('claim', grant, jwk(key));
    while (!(await claimed(grant))) await new Promise((resolve) => setTimeout(resolve, 20));
    await mint(grant, 'a.b.c.d.e');
    expect(await first).toMatchObject({ status: 200, body: { id: grant, jwe: 'a.b.c.d.e' } });
    expect((await post('claim', grant, jwk(key))).body.jwe).toBe('a.b.c.d.e');
    expect(await messages()).toBe(before + 1); // the second was answered as it stood
    await h.deps.background.drain(5_000);
    expect(h.woken.map(({ actionId }) => actionId)).toContain(action);
    const done = await post('complete', grant, { result: { rows: 1 } });
    expect(done.status).toBe(202);
    expect((await post('complete', grant, { result: { rows: 1 } })).status).toBe(202);
    expect((await post('complete', grant, { failed: true })).body.code).toBe('grant_over');
    expect((await post('claim', grant, jwk(key))).body.code).toBe('grant_over');
  });

  test.each(['other-agent', 'foreign-agent'])('is not there for %s', async (as) => {
    const { grant } = await lent();
    for (const reply of [await post('claim', grant, jwk(newKey()), as), await post('complete', grant, {}, as)])
      expect([reply.status, reply.body.code]).toEqual([404, 'not_found']);
    expect(await claimed(grant)).toBe(false);
  });

  test('is not there for a person, nor for nobody', async () => {
    const { grant } = await lent();
    expect((await post('claim', grant, jwk(newKey()), 'bob')).status).toBe(401);
    expect((await h.request('POST', `/v1/grants/${grant}/claim`, { json: jwk(newKey()) })).status).toBe(401);
    expect((await post('claim', `${grant}9`, jwk(newKey()))).status).toBe(404);
    expect((await post('claim', 'act-1', jwk(newKey()))).status).toBe(404);
  });

  test.each([
    ['nothing', ''],
    ['31 bytes', randomBytes(31).toString('base64url')],
    ['a point of low order', Buffer.alloc(32).toString('base64url')],
    ['another point of low order', Buffer.from(Uint8Array.of(1, ...new Uint8Array(31))).toString('base64url')],
  ])('is sealed for no key that is %s', async (_, x) => {
    const { grant } = await lent();
    expect((await post('claim', grant, jwk(x))).status).toBe(400);
    expect(await claimed(grant)).toBe(false);
  });

  test('X8 is not taken over by whoever approved it, with a key of their own for its agent', async () => {
    const { action, grant } = await lent();
    const request = await h.openApproval(action);
    const ballot = { choice: 'approve', digest: request.digest };
    expect((await h.request('POST', `/v1/approvals/${request.id}/votes`, { as: 'bob', json: ballot })).status).toBe(
      200,
    );
    await h.superuser.query(
      `insert into role_grants (tenant, person, role, environment) values ('acme', 'bob', 'operator', 'test')`,
    );
    const issued = await h.request('POST', '/v1/admin/agents/agent/enrolments', { as: 'bob', json: {} });
    const key = newAgentKey();
    expect((await enrol(h, (issued.body as { secret: string }).secret, key)).status).toBe(200);
    const asAgent = bearer(await tokenOf(h, key));
    const reply = await h.request('POST', `/v1/grants/${grant}/claim`, { ...asAgent, json: jwk(newKey()) });
    expect([reply.status, reply.body.code]).toEqual([409, 'votes_void']);
    expect(await claimed(grant)).toBe(false);
  });

  test('takes no private key, no other curve, and no report that is large', async () => {
    const { grant } = await lent();
    const publicKey = { kty: 'OKP', crv: 'X25519', x: newKey() };
    for (const body of [
      { publicKey: { ...publicKey, d: newKey() } },
      { publicKey: { ...publicKey, crv: 'Ed25519' } },
      { ...publicKey },
    ])
      expect((await post('claim', grant, body)).status).toBe(400);
    expect((await post('complete', grant, { result: { text: 'x'.repeat(16_384) } })).status).toBe(400);
    expect((await post('complete', grant, {})).body.code).toBe('grant_unclaimed');
  });
});
