import { withTenant } from '../../db/with-tenant';
import { waitUntil } from '../../stack/wait-until';
import {
  type AgentKey,
  assertion,
  enrol,
  enrolmentSecret,
  exchange,
  honest,
  knocks,
  manageKeys,
  newKey,
  rotateKey,
  tokenOf,
} from './agent-key';
import { type Harness, type Reply, startHarness } from './harness';

/* Whoever had a key may have registered the next one: who ends it ends that, too. */

let h: Harness;
/** An agent's own, which somebody else came to have. */
let key: AgentKey;
beforeAll(async () => (h = await startHarness()));
beforeEach(async () => {
  key = newKey();
  expect((await enrol(h, await enrolmentSecret(h), key)).status).toBe(200);
});
afterAll(() => h.stop());

const me = (token: string): Promise<number> => knocks(h, token);
const rotate = (token: string, from: AgentKey, next: AgentKey): Promise<Reply> => rotateKey(h, token, from, next);
const end = (one: AgentKey): Promise<Reply> => manageKeys(h, 'revocations', 'olga', { key: one.kid });
const asks = async (one: AgentKey): Promise<number> => {
  const { header, claims } = honest(one);
  return (await exchange(h, assertion(one, header, claims))).status;
};

/** The next key, registered by whoever has this one. */
async function follow(from: AgentKey): Promise<AgentKey> {
  const next = newKey();
  expect((await rotate(await tokenOf(h, from), from, next)).status).toBe(200);
  return next;
}

describe('X44 who ends a stolen key', () => {
  test('ends what its thief registered under it, and under that, with every token', async () => {
    const beside = newKey();
    expect((await enrol(h, await enrolmentSecret(h), beside)).status).toBe(200);
    const second = await follow(key);
    const third = await follow(second);
    const all = [key, second, third];
    const tokens = await Promise.all(all.map((each) => tokenOf(h, each)));
    expect(await Promise.all(tokens.map(me))).toEqual([200, 200, 200]);

    const reply = await end(key);
    expect([reply.status, reply.body]).toEqual([200, { agent: 'agent', keys: all.map(({ kid }) => kid) }]);
    expect(await Promise.all(tokens.map(me))).toEqual([401, 401, 401]);
    expect(await Promise.all(all.map(asks))).toEqual([401, 401, 401]);
    expect((await rotate(tokens[2] ?? '', third, newKey())).status).toBe(401);
    const { rows } = await h.superuser.query(
      `select leaf::jsonb -> 'entry' as entry from ledger where leaf::jsonb -> 'entry' ->> 'event' = 'agent.key_revoked' order by seq desc limit 1`,
    );
    const keys = all.map(({ kid }) => kid).join(' ');
    expect(rows).toMatchObject([{ entry: { agent: 'agent', actor: 'olga', named: key.kid, keys } }]);
    // Of another enrolment: nothing of it was ever the thief's.
    expect(await me(await tokenOf(h, beside))).toBe(200);
  });

  test.each([
    ['is over', `update agent_credentials set not_after = now() where kid = $1`],
    ['was ended alone', `update agent_credentials set revoked_at = now() where kid = $1`],
  ])('ends that also where the key %s', async (_, sql) => {
    const next = await follow(key);
    const token = await tokenOf(h, next);
    await h.superuser.query(sql, [key.kid]);
    expect(await me(token)).toBe(200);
    expect((await end(key)).body).toEqual({ agent: 'agent', keys: [next.kid] });
    expect([await me(token), await asks(next)]).toEqual([401, 401]);
    expect((await end(key)).status).toBe(404);
  });

  test('leaves the one before it, which registers nothing more and is over within the hour', async () => {
    const next = await follow(key);
    expect((await end(next)).body).toEqual({ agent: 'agent', keys: [next.kid] });
    const token = await tokenOf(h, key);
    expect((await rotate(token, key, newKey())).body).toMatchObject({ code: 'key_replaced' });
  });

  test('ends what is being registered in that moment', async () => {
    const next = newKey();
    let ended: Promise<Reply> | undefined;
    const waits = async (): Promise<boolean> =>
      (
        await h.superuser.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
      ).rows.length > 0;
    await withTenant(h.pool, 'acme', async (client) => {
      const { rows } = await client.query<{ result: object }>(
        'select rotate_agent_credential($1, $2, $3, $4, $5) as result',
        ['acme', 'agent', key.kid, next.kid, next.x],
      );
      expect(rows[0]?.result).toHaveProperty('done');
      ended = end(key);
      await waitUntil(waits, { what: 'Nobody waits for the key', withinMs: 5_000 });
    });
    expect((await ended)?.body).toEqual({ agent: 'agent', keys: [key.kid, next.kid] });
    expect([await asks(key), await asks(next)]).toEqual([401, 401]);
  });
});
