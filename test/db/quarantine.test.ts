import { setTimeout as sleep } from 'node:timers/promises';
import { beginEffect } from '../../db/begin-effect';
import { moveAgent, type MoveResult } from '../../db/change-agents';
import { quarantineAgent } from '../../db/quarantine-agent';
import { quarantineHolder } from '../../db/quarantine-holder';
import { beginLent, handOut } from '../helpers/lend-grant';
import { AGENT, begin, claimOf, readyAction, seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

const STREAM = { agent: AGENT.id, generation: AGENT.generation, stream: '5f2c9a52-7f0e-4c55-9d7d-0d4f9f6f2b11' };

let world: World;
let tenant: string;
beforeAll(async () => {
  world = await createWorld();
});
beforeEach(async () => {
  tenant = await seedTenant(world);
  await world.rows(
    `insert into reported_decisions (tenant, agent, generation, stream, seq, digest, type, params, claimed_at, effect, bundle_digest, input_digest, verdict, cause)
     values ($1, $2, 1, $3, 1, 'sha256:${'1'.repeat(64)}', 'a.b', '{}', now(), 'allow', 'd', 'd', 'mismatch', 'not_allowed')`,
    [tenant, STREAM.agent, STREAM.stream],
  );
});
afterAll(() => world.close());

const quarantine = (): Promise<boolean> =>
  world.as('gateway', tenant, (client) => quarantineAgent(client, tenant, STREAM, 1));

/** Its agent has a credential, and ending it has failed. */
async function holding(): Promise<() => Promise<boolean>> {
  const { grantId } = await beginLent(world, tenant);
  await handOut(world, tenant, grantId);
  await world.rows(`update grants set state = 'revoking' where grant_id = $1`, [grantId]);
  return () => world.as('worker', tenant, (client) => quarantineHolder(client, tenant, grantId, 'a task'));
}

it('no effect of an agent begins once it is quarantined', async () => {
  const action = await readyAction(world, tenant);
  expect(await quarantine()).toBe(true);
  expect(await begin(world, action)).toEqual({ refused: 'agent_not_active' });
});

it.each<[string, () => Promise<() => Promise<boolean>>]>([
  ['a report', () => Promise.resolve(quarantine)],
  ['X56 a credential that it holds', holding],
])('for %s waits for the effects that are beginning, so that none begins behind its back', async (_, prepare) => {
  const stop = await prepare();
  const [first, second] = [await readyAction(world, tenant), await readyAction(world, tenant)];
  const running = await world.worker.connect();
  try {
    await running.query('begin');
    await running.query(`select set_config('app.tenant', $1, true)`, [tenant]);
    expect(await beginEffect(running, tenant, claimOf(first))).toHaveProperty('begun');
    let done = false;
    const stopped = stop().finally(() => (done = true));
    await sleep(50);
    expect(done).toBe(false);
    const late = begin(world, second); // comes after it, and so waits for it
    await sleep(50);
    await running.query('commit');
    expect(await stopped).toBe(true);
    expect(await late).toEqual({ refused: 'agent_not_active' });
  } finally {
    running.release(true);
  }
});

it('X56 waits at the gate itself where nothing else holds it up', async () => {
  const stop = await holding();
  const passing = await world.worker.connect();
  try {
    await passing.query('begin');
    await passing.query('select pg_advisory_xact_lock_shared(7001, hashtext($1))', [tenant]);
    let done = false;
    const stopped = stop().finally(() => (done = true));
    await sleep(100);
    expect(done).toBe(false);
    await passing.query('commit');
    expect(await stopped).toBe(true);
  } finally {
    passing.release(true);
  }
});

it('what has begun by then may be taken back', async () => {
  const action = await readyAction(world, tenant);
  expect(await begin(world, action)).toHaveProperty('begun');
  expect(await quarantine()).toBe(true);
  const [entry] = await world.rows<{ leaf: string }>(
    `select leaf from ledger where tenant = $1 and key like 'quarantine/%'`,
    [tenant],
  );
  expect(JSON.parse(entry?.leaf ?? '{}')).toMatchObject({
    entry: { event: 'agent.quarantined', agent: STREAM.agent, cause: 'not_allowed', stream: STREAM.stream, seq: 1 },
  });
});

it('X56 each cause is told once, whoever finds it, and ends what was proposed without it', async () => {
  await world.rows(`insert into people (tenant, person, name, roles) values ($1, 'olaf', 'olaf', '{operator}')`, [
    tenant,
  ]);
  const resume = (): Promise<MoveResult> =>
    world.as('gateway', tenant, (client) =>
      moveAgent(client, tenant, { actor: 'olaf', reason: 'mended' }, AGENT.id, 'resume'),
    );
  const holder = await holding();
  expect(await quarantine()).toBe(true);
  const first = await resume();
  expect(first).toHaveProperty('proposal');
  expect(await quarantine()).toBe(false);
  expect(await resume()).toEqual({ refused: 'proposed_already' });
  expect(await holder()).toBe(true);
  expect(await world.rows('select state from proposals where tenant = $1', [tenant])).toEqual([{ state: 'expired' }]);
  expect(await resume()).toHaveProperty('proposal');
  expect([await holder(), await quarantine()]).toEqual([false, false]);
  expect(await resume()).toEqual({ refused: 'proposed_already' });
  const entries = await world.rows<{ event: string }>(
    `select leaf::jsonb -> 'entry' ->> 'event' as event from ledger where tenant = $1 and key ~ '^(agent|quarantine)/' order by seq`,
    [tenant],
  );
  expect(entries.map(({ event }) => event)).toEqual(['agent.quarantined', 'agent.moved']);
});

it('of causes without number the last hundred are kept', async () => {
  await world.rows(
    `select shift_agent($1, $2, 1, 'quarantine', 'olaf', 'cause ' || n) from generate_series(1, 120) n order by n`,
    [tenant, AGENT.id],
  );
  const kept = await world.rows(
    `select cardinality(quarantined_for) as causes,
       array_position(quarantined_for, quarantine_cause('olaf', 'cause 20')) as before,
       array_position(quarantined_for, quarantine_cause('olaf', 'cause 21')) as first
     from agents where tenant = $1 and agent = $2`,
    [tenant, AGENT.id],
  );
  expect(kept).toEqual([{ causes: 100, before: null, first: 1 }]);
});
