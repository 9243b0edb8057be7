import { moveAgent } from '../../db/change-agents';
import { appendWithin } from '../../db/ledger';
import { waitUntil } from '../../stack/wait-until';
import { moveClock } from '../helpers/move-clock';
import { AGENT, readyAction, seedTenant } from '../helpers/seed';
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
