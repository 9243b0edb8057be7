import { randomUUID } from 'node:crypto';
import {
  type AgentKey,
  assertion,
  bearer,
  enrol,
  enrolmentSecret,
  exchange,
  honest,
  knocks,
  manageKeys,
  newKey,
  registering,
  rotateKey,
  tokenOf,
} from './agent-key';
import { moveFence } from '../helpers/move-fence';
import { AUDIENCE } from './agent-tokens-of';
import { badAssertions } from './bad-assertions';
import { type Harness, PARAMS, type Reply, startHarness, TYPE } from './harness';

let h: Harness;
let key: AgentKey;
beforeAll(async () => (h = await startHarness()));
beforeEach(async () => {
  await h.superuser.query(`update agents set state = 'active', generation = 1`);
  key = newKey();
  expect(await enrol(h, await enrolmentSecret(h), key)).toMatchObject({
    status: 200,
    body: { tenant: 'acme', agent: 'agent', generation: 1, kid: key.kid, audience: AUDIENCE },
  });
});
afterAll(() => h.stop());

const me = (token: string): Promise<number> => knocks(h, token);
const act = (token: string): ReturnType<Harness['request']> =>
  h.request('POST', '/v1/actions', {
    key: randomUUID(),
    json: { type: TYPE, params: PARAMS, waitMs: 0 },
    headers: bearer(token).headers,
  });
const rotate = (token: string, from: AgentKey, next: AgentKey): Promise<Reply> => rotateKey(h, token, from, next);
const events = async (): Promise<string[]> =>
  (
    await h.superuser.query<{ event: string }>(
      `select leaf::jsonb -> 'entry' ->> 'event' as event from ledger where tenant = 'acme' order by seq`,
    )
  ).rows.map(({ event }) => event);

test('an agent acts with a token that it was given for its key', async () => {
  const token = await tokenOf(h, key);
  expect((await act(token)).status).toBe(202);
  expect(await events()).toEqual(expect.arrayContaining(['agent.enrolment_issued', 'agent.key_registered']));
  expect(h.log.join('')).not.toContain(token.slice(0, 40));
});

describe('enrolling', () => {
  test('X44 two use one secret at once: one wins, and whoever asks again for the same key is answered the same', async () => {
    const secret = await enrolmentSecret(h);
    const keys = [newKey(), newKey()];
    const replies = await Promise.all(keys.map((each) => enrol(h, secret, each)));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
    for (const [index, each] of keys.entries())
      expect((await enrol(h, secret, each)).status).toBe(replies[index]?.status);
  });

  test('X44 a secret is good for a quarter of an hour and for one generation', async () => {
    const late = await enrolmentSecret(h);
    await h.superuser.query(`update agent_enrolments set expires_at = now() where used_at is null`);
    expect((await enrol(h, late, newKey())).body).toMatchObject({ code: 'enrolment_closed' });
    const early = await enrolmentSecret(h);
    await h.superuser.query(`update agents set generation = 2 where agent = 'agent'`);
    expect((await enrol(h, early, newKey())).body).toMatchObject({ code: 'enrolment_closed' });
  });

  test('nobody registers a key without its private half, or one that is registered', async () => {
    const secret = await enrolmentSecret(h);
    const proof = registering(newKey(), 'enrol', secret);
    const stolen = { ...proof, publicKey: { kty: 'OKP', crv: 'Ed25519', x: key.x } };
    expect((await h.request('POST', '/v1/agents/enrol', { json: stolen })).status).toBe(401);
    expect((await enrol(h, secret, key)).body).toMatchObject({ code: 'key_taken' });
    expect((await enrol(h, 'a-secret-that-nobody-issued', newKey())).status).toBe(401);
    expect((await enrol(h, secret, newKey())).status).toBe(200);
  });

  test('an agent that is stopped registers none', async () => {
    const secret = await enrolmentSecret(h);
    await h.superuser.query(`update agents set state = 'quarantined' where agent = 'agent'`);
    expect((await enrol(h, secret, newKey())).body).toMatchObject({ code: 'agent_not_active' });
  });
});

describe('X45 an assertion that is not exactly what is taken gets no token', () => {
  const whole = (): string => assertion(key, honest(key).header, honest(key).claims);

  test.each(badAssertions(() => key))('%s', async (_name, make) => {
    const reply = await exchange(h, make());
    expect([400, 401]).toContain(reply.status);
    expect(reply.text).not.toContain('"token"');
  });

  test('used again, also at the same moment', async () => {
    const text = whole();
    const statuses = (await Promise.all([exchange(h, text), exchange(h, text), exchange(h, text)])).map(
      (r) => r.status,
    );
    expect(statuses.sort()).toEqual([200, 401, 401]);
    expect((await exchange(h, text)).status).toBe(401);
  });

  test('from a key of an older generation, or one that is over', async () => {
    await h.superuser.query(`update agents set generation = 2 where agent = 'agent'`);
    expect((await exchange(h, whole())).status).toBe(401);
    await h.superuser.query(`update agents set generation = 1 where agent = 'agent'`);
    expect((await exchange(h, whole())).status).toBe(200);
    await h.superuser.query(`update agent_credentials set not_after = now() where kid = $1`, [key.kid]);
    expect((await exchange(h, whole())).status).toBe(401);
  });
});

describe('X44 a stolen token', () => {
  test('is worth nothing once its key is ended, and neither is its key', async () => {
    const token = await tokenOf(h, key);
    expect(await me(token)).toBe(200);
    const revoke = async (as: string): Promise<number> =>
      (await manageKeys(h, 'revocations', as, { key: key.kid })).status;
    expect(await revoke('bob')).toBe(403);
    expect(await me(token)).toBe(200);
    expect(await revoke('olga')).toBe(200);
    expect(await me(token)).toBe(401);
    expect((await exchange(h, assertion(key, honest(key).header, honest(key).claims))).status).toBe(401);
    expect(await events()).toContain('agent.key_revoked');
  });

  test('is worth nothing in a new generation, nor once the agent leaves', async () => {
    const token = await tokenOf(h, key);
    await h.superuser.query(`update agents set state = 'offboarding' where agent = 'agent'`);
    expect(await me(token)).toBe(401);
    await h.superuser.query(`update agents set state = 'active', generation = 2 where agent = 'agent'`);
    expect(await me(token)).toBe(401);
  });

  test.each(['paused', 'quarantined', 'offboarding'])(
    'of before an agent was %s is worth nothing, nor when it acts again: whoever has the key gets another',
    async (state) => {
      const token = await tokenOf(h, key);
      await h.superuser.query(`update agents set state = $1 where agent = 'agent'`, [state]);
      expect(await me(token)).toBe(401);
      await h.superuser.query(`update agents set state = 'active' where agent = 'agent'`);
      expect(await me(token)).toBe(401);
      expect((await act(token)).status).toBe(401);
      expect((await act(await tokenOf(h, key))).status).toBe(202);
    },
  );

  test('in quarantine, its key gets no token', async () => {
    await h.superuser.query(`update agents set state = 'quarantined' where agent = 'agent'`);
    const { header, claims } = honest(key);
    expect((await exchange(h, assertion(key, header, claims))).body).toMatchObject({ code: 'agent_not_active' });
  });

  test('of before a stop is worth nothing once that is lifted, whatever scope was stopped; of others it is', async () => {
    for (const scope of ['global', 'tenant', 'team:floor', 'agent:agent']) {
      const token = await tokenOf(h, key);
      await moveFence(h.superuser, 'acme', scope, true);
      expect([scope, await me(token)]).toEqual([scope, 401]);
      const during = await tokenOf(h, key);
      expect((await act(during)).body).toMatchObject({ code: 'scope_fenced' });
      await moveFence(h.superuser, 'acme', scope, false);
      expect([scope, await me(token), await me(during)]).toEqual([scope, 401, 401]);
    }
    const token = await tokenOf(h, key);
    for (const scope of ['team:other', 'agent:other-agent', 'action-type:warehouse.other'])
      await moveFence(h.superuser, 'acme', scope, true);
    await moveFence(h.superuser, 'rival', 'agent:agent', true);
    expect(await me(token)).toBe(200);
    await h.superuser.query(`update agents set state = 'throttled' where agent = 'agent'`);
    expect(await me(token)).toBe(200);
  });

  test('of before a stop of one that the agent comes from is worth nothing, and nothing is taken under it', async () => {
    await h.superuser.query(
      `update agents set parent = 'other-agent', parent_generation = o.generation
       from agents o where agents.tenant = 'acme' and agents.agent = 'agent' and o.tenant = 'acme' and o.agent = 'other-agent'`,
    );
    await h.superuser.query(`update agents set team = 'apart' where tenant = 'acme' and agent = 'other-agent'`);
    for (const scope of ['agent:other-agent', 'team:apart']) {
      await moveFence(h.superuser, 'acme', scope, false);
      const token = await tokenOf(h, key);
      await moveFence(h.superuser, 'acme', scope, true);
      expect([scope, await me(token)]).toEqual([scope, 401]);
      expect((await act(await tokenOf(h, key))).body).toMatchObject({ code: 'scope_fenced' });
      await moveFence(h.superuser, 'acme', scope, false);
    }
    const token = await tokenOf(h, key);
    await h.superuser.query(`update agents set state = 'quarantined' where tenant = 'acme' and agent = 'other-agent'`);
    expect(await me(token)).toBe(401);
  });

  test('is worth nothing when it is over, changed, or of another issuer', async () => {
    const token = await tokenOf(h, key);
    const [head = '', body = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'other-agent' })).toString('base64url');
    expect(await me(`${head}.${forged}.${signature}`)).toBe(401);
    const own = { ...(JSON.parse(Buffer.from(head, 'base64url').toString()) as object) };
    expect(await me(assertion(key, own, claims))).toBe(401);
    // A gateway's key signs other things too, in other deployments: they are no tokens here.
    expect(await me(assertion(key, honest(key).header, honest(key).claims))).toBe(401);
  });
});

describe('S11 rotation', () => {
  test('the next key follows, both are good meanwhile, and one key has one successor', async () => {
    const next = newKey();
    const token = await tokenOf(h, key);
    expect(await rotate(token, key, next)).toMatchObject({ status: 200, body: { kid: next.kid, agent: 'agent' } });
    expect((await rotate(token, key, next)).status).toBe(200);
    expect((await rotate(token, key, newKey())).body).toMatchObject({ code: 'key_replaced' });
    expect([await me(token), await me(await tokenOf(h, next)), await me(await tokenOf(h, key))]).toEqual([
      200, 200, 200,
    ]);
    const { rows } = await h.superuser.query(
      `select not_after <= now() + interval '1 hour' as soon, replaced_by from agent_credentials where kid = $1`,
      [key.kid],
    );
    expect(rows).toEqual([{ soon: true, replaced_by: next.kid }]);
    await h.superuser.query(`update agent_credentials set not_after = now() where kid = $1`, [key.kid]);
    expect([await me(token), await me(await tokenOf(h, next))]).toEqual([401, 200]);
  });

  test('a static key has no successor, and a proof for another key is none', async () => {
    const json = registering(newKey(), 'rotate', key.kid);
    expect((await h.request('POST', '/v1/agents/me/keys', { as: 'agent', json })).status).toBe(403);
    const token = await tokenOf(h, key);
    const other = registering(newKey(), 'rotate', newKey().kid);
    expect((await h.request('POST', '/v1/agents/me/keys', { json: other, ...bearer(token) })).status).toBe(401);
  });
});

describe('X51 an agent that runs something else', () => {
  const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
  const register = (version: string, of: string): Promise<unknown> =>
    h.superuser.query(
      `insert into agent_versions (tenant, agent, generation, version, digest, content, registered_by)
       values ('acme', 'agent', 1, $1, $2, '{}', 'olga') on conflict do nothing`,
      [version, of],
    );
  const ask = (more: object): ReturnType<Harness['request']> => {
    const said = honest(key);
    return exchange(h, assertion(key, said.header, { ...said.claims, ...more }));
  };
  const state = async (): Promise<unknown> =>
    (await h.superuser.query(`select state from agents where tenant = 'acme' and agent = 'agent'`)).rows[0];
  beforeAll(async () => {
    await register('7', digest('a'));
    await register('6', digest('b'));
  });
  afterAll(async () => await h.superuser.query('delete from agent_versions'));

  test('gets no token and is quarantined, which the ledger tells', async () => {
    expect((await ask({ config_digest: digest('a') })).status).toBe(200);
    expect((await ask({ config_digest: digest('c') })).body).toMatchObject({ code: 'config_drift' });
    expect(await state()).toEqual({ state: 'quarantined' });
    expect((await ask({ config_digest: digest('a') })).body).toMatchObject({ code: 'agent_not_active' });
    expect(await events()).toContain('agent.quarantined');
  });

  test('gets none, and goes on where it was, if it says nothing or runs an earlier version of its own', async () => {
    expect((await ask({})).body).toMatchObject({ code: 'config_drift' });
    expect((await ask({ config_digest: digest('b') })).body).toMatchObject({ code: 'config_drift' });
    expect(await state()).toEqual({ state: 'active' });
  });
});
