import { type PoolClient } from 'pg';
import { draftReceipt, finishOffboarding, leftOfAgent } from '../../db/offboarding';
import { AGENT, seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

/* Agents that did far more than a receipt is read for. What is asserted is how many rows an offboarding reads, and not how long that takes. */

const DONE = 60_000;
/** Of which the receipt tells, each action and each grant; and the action of each grant, which is asked for its generation. */
const READ_AT_MOST = 3 * 10_000 + 100;

let world: World;
let tenant: string;
beforeAll(async () => {
  world = await createWorld();
  tenant = await seedTenant(world);
  const client = await world.superuser.connect();
  await client.query('set session_replication_role = replica'); // each row by itself is not looked at
  const past = `now() - interval '400 days' + n * interval '1 minute'`;
  await client.query(
    `insert into actions (tenant, action, agent, agent_generation, agent_version, agent_owner, agent_creator, team, environment, type, type_version,
       risk, effect_class, lane, idempotency_key, request_digest, params, salt, state, outcome, created_at, settled_at)
     select $1, 'act-' || lpad(to_hex(n), 36, '0'), $2, 1, '1', 'alice', 'oscar', 'finance', 'test', 'pay', 1,
       'low', 'external', 'brokered', n::text, 'digest', '{}', 'salt', 'executed', '{}', ${past}, ${past} from generate_series(1, $3::integer) n`,
    [tenant, AGENT.id, DONE],
  );
  await client.query(
    `insert into grants (tenant, grant_id, action, step, agent, target, state, ended_by, created_at, expires_at, revoked_at)
     select $1, 'grt-' || n, 'act-' || lpad(to_hex(n), 36, '0'), 'pay', $2, 'bank', 'revoked', 'revoked', ${past}, ${past}, ${past}
     from generate_series(1, $3::integer) n`,
    [tenant, AGENT.id, DONE],
  );
  await client.query('set session_replication_role = origin');
  client.release();
  await world.rows(`update agents set state = 'offboarding', state_since = clock_timestamp() where tenant = $1`, [
    tenant,
  ]);
  await world.rows('update agent_credentials set revoked_at = clock_timestamp() where tenant = $1', [tenant]);
  await world.rows('vacuum analyze actions');
  await world.rows('vacuum analyze grants');
}, 60_000);
afterAll(() => world.close());

/** What the worker hears, and how many actions and grants were read for it. */
const reading = <T>(ask: (client: PoolClient) => Promise<T>): Promise<{ readonly heard: T; readonly read: number }> =>
  world.as('worker', tenant, async (client) => {
    await client.query('set local max_parallel_workers_per_gather = 0'); // what others read is not counted
    const before = await rowsRead(client); // by transactions that ended a moment ago
    const heard = await ask(client);
    return { heard, read: (await rowsRead(client)) - before };
  });
async function rowsRead(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ read: number }>(
    `select coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::integer as read
     from pg_stat_xact_user_tables where relname in ('actions', 'grants')`,
  );
  return rows[0]?.read ?? 0;
}
const draft = (generation: number) => (client: PoolClient) => draftReceipt(client, tenant, AGENT.id, generation);

describe('an agent that did far more than a receipt tells of', () => {
  it('has a receipt of the last of it, for which nothing else is read', async () => {
    const { heard, read } = await reading(draft(1));
    expect(heard).toMatchObject({
      actions: { ofTheLast: 10_000, byEnd: { executed: 10_000 }, inFlight: [] },
      grants: { ofTheLast: 10_000, byVerification: { 'not asked': 10_000 }, inFlight: [] },
    });
    expect(read).toBeLessThan(READ_AT_MOST);
  });

  it('has one that tells what was in flight first, and by which nothing of an earlier generation is counted', async () => {
    await world.rows(`update agents set generation = 2 where tenant = $1`, [tenant]);
    await world.rows(
      `update actions set agent_generation = 2, state = 'denied', settled_at = clock_timestamp() where tenant = $1 and idempotency_key = '7'`,
      [tenant],
    );
    await world.rows(`update grants set revoked_at = clock_timestamp() where tenant = $1 and grant_id = 'grt-7'`, [
      tenant,
    ]);
    const { heard, read } = await reading(draft(2));
    expect(heard).toMatchObject({
      actions: { byEnd: { denied: 1 }, inFlight: [{ state: 'denied' }] },
      grants: { byVerification: { 'not asked': 1 }, inFlight: [{ grant: 'grt-7' }] },
    });
    expect(read).toBeLessThan(READ_AT_MOST);
  });

  it('is looked through for what is left, and offboarded, by what has not ended long before', async () => {
    const left = await reading((client) => leftOfAgent(client, tenant, AGENT.id, 2));
    expect(left.heard).toEqual([{ kind: 'grant', subject: 'grt-7', state: 'unverified' }]);
    await world.rows(`update grants set verified = 'absent' where tenant = $1 and grant_id = 'grt-7'`, [tenant]);
    const finished = await reading((client) =>
      finishOffboarding(client, tenant, AGENT.id, 2, { content: {}, digest: `sha256:${'0'.repeat(64)}` }),
    );
    expect(finished.heard).toBe(true);
    expect(left.read + finished.read).toBeLessThan(20);
  });
});
