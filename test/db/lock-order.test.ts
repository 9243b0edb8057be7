import { type PoolClient } from 'pg';
import { createSettleInFlight } from '../../activities/agents/settle-in-flight';
import { createEndGrant } from '../../activities/end-grant';
import { beginUndo } from '../../db/begin-effect';
import { moveAgent } from '../../db/change-agents';
import { appendWithin } from '../../db/ledger';
import { liveGrants } from '../../db/live-grants';
import { quarantineHolder } from '../../db/quarantine-holder';
import { recordRevocation } from '../../db/record-revocation';
import { requestCancel } from '../../db/request-cancel';
import { LIMITS } from '../../domain/limits';
import { waitUntil } from '../../stack/wait-until';
import { moveClock } from '../helpers/move-clock';
import { beginLent, handOut } from '../helpers/lend-grant';
import { AGENT, begin, readyAction, type SeededAction, seedTenant } from '../helpers/seed';
import { createWorkshop } from '../helpers/workshop';
import { createWorld, type World } from '../helpers/world';
import { IDLE, Reviewing } from './reviewing';
import { KID, seedCredentials } from './seed-credentials';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(() => world.close());

it('whoever stops an agent takes its actions before the ledger, as whoever settles one of them does', async () => {
  const tenant = await seedTenant(world);
  await world.rows(`insert into people (tenant, person, name, roles) values ($1, 'olaf', 'olaf', '{operator}')`, [
    tenant,
  ]);
  const { actionId } = await readyAction(world, tenant);
  const waits = async (): Promise<boolean> =>
    (await world.rows(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`))
      .length > 0;
  let moved: Promise<unknown> | undefined;
  await world.as('worker', tenant, async (client) => {
    await client.query('select from actions where tenant = $1 and action = $2 for update', [tenant, actionId]);
    moved = world.as('gateway', tenant, (other) =>
      moveAgent(other, tenant, { actor: 'olaf', reason: 'drill' }, AGENT.id, 'pause'),
    );
    await waitUntil(waits, { what: 'Nobody waits for the action', withinMs: 5_000 });
    await appendWithin(client, tenant, [
      { key: `action/${actionId}/settled`, event: 'action.settled', entry: { action: actionId } },
    ]);
  });
  expect(await moved).toEqual({ moved: 'done' });
});

/** While somebody holds what `sql` selects, and `blocked` waits for it: tells the ledger something, which must not wait. */
async function tellWhileWaiting(tenant: string, sql: string, blocked: () => Promise<unknown>): Promise<void> {
  const holder = await world.superuser.connect();
  let waits: Promise<unknown> | undefined;
  try {
    await holder.query('begin');
    await holder.query(sql, [tenant]);
    waits = blocked();
    const waiting = async (): Promise<boolean> =>
      (await world.rows(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`))
        .length > 0;
    await waitUntil(waiting, { what: 'Nobody waits for the row', withinMs: 5_000 });
    await world.as('worker', tenant, (client) =>
      appendWithin(client, tenant, [
        { key: 'action/act-other/settled', event: 'action.settled', entry: { action: 'act-other' } },
      ]),
    );
    await holder.query('commit');
  } finally {
    holder.release(true);
  }
  await waits;
}

it('whoever offboards the children of an agent lets go of the ledger before its actions', async () => {
  const tenant = await seedTenant(world);
  await readyAction(world, tenant);
  await world.rows(`insert into people (tenant, person, name, roles) values ($1, 'olaf', 'olaf', '{operator}')`, [
    tenant,
  ]);
  await world.rows(
    `insert into agents (tenant, agent, version, owner, creator, team, environment, parent, parent_generation)
     select tenant, 'clerk', version, owner, creator, team, environment, agent, generation from agents where tenant = $1`,
    [tenant],
  );
  await world.rows(`update agents set state = 'offboarding' where tenant = $1 and agent = 'payer'`, [tenant]);
  const settle = createSettleInFlight(createWorkshop(world).deps);
  await tellWhileWaiting(tenant, 'select from actions where tenant = $1 for update', () =>
    settle({ tenant, agent: AGENT.id, generation: 1 }),
  );
  expect(await world.rows('select agent, state from agents where tenant = $1 order by agent', [tenant])).toEqual([
    { agent: 'clerk', state: 'offboarding' },
    { agent: 'payer', state: 'offboarding' },
  ]);
  expect(await world.rows('select cancel_requested_by as by from actions where tenant = $1', [tenant])).toEqual([
    { by: 'offboarding' },
  ]);
});

it('whoever stops the holder of a credential that cannot be ended lets go of the ledger before the credential', async () => {
  const tenant = await seedTenant(world);
  const { action, grantId } = await beginLent(world, tenant);
  await handOut(world, tenant, grantId);
  await world.rows(`update grants set state = 'revoking' where tenant = $1`, [tenant]);
  const { deps, target } = createWorkshop(world);
  target.revocations = [{ kind: 'live', code: 'target_busy' }];
  const [grant] = await world.as('worker', tenant, (client) => liveGrants(client, tenant, action.actionId));
  if (grant === undefined) throw new Error('no credential lives');
  const overdue = { ...grant, revokeAttempts: LIMITS.revocationsBeforeTask };
  await tellWhileWaiting(tenant, 'select from grants where tenant = $1 for update', () =>
    createEndGrant(deps)(tenant, overdue),
  );
  expect(await world.rows('select state from agents where tenant = $1', [tenant])).toEqual([{ state: 'quarantined' }]);
});

it('nobody is asked about a credential that somebody else ended while it was found alive', async () => {
  const tenant = await seedTenant(world);
  const { action, grantId } = await beginLent(world, tenant);
  const { deps, target } = createWorkshop(world);
  const [grant] = await world.as('worker', tenant, (client) => liveGrants(client, tenant, action.actionId));
  if (grant === undefined) throw new Error('no credential lives');
  await world.as('worker', tenant, (client) => recordRevocation(client, tenant, grantId, { kind: 'revoked' }));
  target.revocations = [{ kind: 'live', code: 'target_busy' }];
  await createEndGrant(deps)(tenant, { ...grant, revokeAttempts: LIMITS.revocationsBeforeTask });
  expect(await world.rows('select from tasks where tenant = $1', [tenant])).toEqual([]);
});

it('nobody waits at the gate for a credential that no agent ever had', async () => {
  const tenant = await seedTenant(world);
  const { grantId } = await beginLent(world, tenant);
  await world.rows(`update grants set state = 'revoking' where tenant = $1`, [tenant]);
  await world.as('gateway', tenant, async (passing) => {
    await passing.query('select pg_advisory_xact_lock_shared(7001, hashtext($1))', [tenant]);
    expect(await world.as('worker', tenant, (client) => quarantineHolder(client, tenant, grantId, 'task'))).toBe(false);
  });
});

it.each<readonly [string, (client: PoolClient, tenant: string, action: SeededAction) => Promise<unknown>]>([
  [
    'begins an undo',
    async (client, tenant, { actionId }) => {
      const claim = { actionId, step: 'pay', target: 'bank', sendWithinMs: 2_000, grantTtlMs: 4_000 };
      expect(await beginUndo(client, tenant, claim)).toHaveProperty('begun');
    },
  ],
  [
    'begins an effect',
    async (client, tenant, { actionId }) => {
      const begin = `begin_effect($1, $2, 'other', 'bank', 1, '', '', '', 2000, 4000)`;
      expect((await client.query(`select ${begin}`, [tenant, actionId])).rowCount).toBe(1);
    },
  ],
])('whoever %s keeps nobody from naming its action', async (_, work) => {
  const tenant = await seedTenant(world);
  const action = await readyAction(world, tenant);
  await begin(world, action);
  await world.rows(`update effects set state = 'done' where tenant = $1`, [tenant]);
  await world.as('worker', tenant, async (client) => {
    await work(client, tenant, action);
    await world.rows(`insert into outbox (tenant, kind, action) values ($1, 'wake', $2)`, [tenant, action.actionId]);
  });
});

it('a cancellation is not taken back, nor put into another name, by whoever may write it down', async () => {
  const tenant = await seedTenant(world);
  const { actionId } = await readyAction(world, tenant);
  const asGateway = (sql: string): Promise<unknown> =>
    world.as('gateway', tenant, (client) => client.query(`update actions set ${sql} where action = $1`, [actionId]));
  await world.as('gateway', tenant, (client) => requestCancel(client, tenant, actionId, 'person:bob'));
  for (const sql of ['cancel_requested_at = null', `cancel_requested_by = 'person:eve'`])
    await expect(asGateway(sql)).rejects.toMatchObject({ code: '42501' });
});

const NEXT = 'B'.repeat(43);
it.each([
  [
    'replaces its key',
    'rotate_agent_credential($1, $2, $3, $4, $4)',
    [AGENT.id, KID, NEXT],
    { refused: 'unauthenticated' },
  ],
  ['wants its keys replaced', 'require_rotation($1, $2, $3, $4)', ['olaf', AGENT.id, 'drill'], 'not_found'],
  [
    'ends its key',
    'revoke_agent_credential($1, $2, $3, $4, $5)',
    ['olaf', AGENT.id, KID, 'drill'],
    { refused: 'not_found' },
  ],
])('an agent is reclaimed though somebody %s at that moment', async (_, call, given, result) => {
  const t = await Reviewing.start(world, IDLE);
  await seedCredentials(world, t.tenant);
  await world.rows(`insert into agent_keys (tenant, key_hash, agent, generation) values ($1, sha256('its'), $2, 1)`, [
    t.tenant,
    AGENT.id,
  ]);
  await t.passAll(91, 8);
  await moveClock(world, 8, { watched: true });
  const waiting = async (): Promise<number> =>
    (await world.rows(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`))
      .length;
  const holder = await world.superuser.connect();
  const under: Promise<unknown>[] = [];
  try {
    await holder.query('begin');
    await holder.query('select from agent_keys where tenant = $1 for update', [t.tenant]);
    under.push(t.round());
    await waitUntil(async () => (await waiting()) === 1, { what: 'The review does not wait', withinMs: 5_000 });
    under.push(
      world.as('gateway', t.tenant, async (client) => {
        const { rows } = await client.query<object>(`select ${call} as result`, [t.tenant, ...given]);
        return rows[0];
      }),
    );
    await waitUntil(async () => (await waiting()) === 2, { what: 'Nobody waits for the review', withinMs: 5_000 });
    await holder.query('commit');
  } finally {
    holder.release(true);
  }
  expect(await Promise.allSettled(under)).toEqual([
    { status: 'fulfilled', value: 1 },
    { status: 'fulfilled', value: { result } },
  ]);
  expect(await t.state()).toBe('quarantined');
});
