import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { quarantineAgent } from '../../db/quarantine-agent';
import { type AgentIdentity } from '../../domain/guard-input';
import { type ReportedDecision } from '../../domain/reported-decision';
import { type SignedBundle } from '../../pdp/bundle-format';
import { waitUntil } from '../../stack/wait-until';
import { COOPERATIVE } from '../bundle/cooperative-policies';
import { type Harness, startHarness } from './harness';
import { putInForce } from './put-in-force';
import { reporting } from './reporting';

let h: Harness;
let bundle: SignedBundle;
beforeAll(async () => {
  h = await startHarness();
  bundle = await putInForce(h, COOPERATIVE, 1);
}, 60_000);
afterAll(() => h.stop());

const { served, decision, report, asGateway, stateOf, activate, entries, rowsOf } = reporting(() => ({ h, bundle }));

afterEach(() => activate());

describe('honest reports', () => {
  test('are confirmed and recorded, each with its lane in the ledger', async () => {
    const stream = randomUUID();
    const many = { service: 'web', lines: 5_000 };
    const reply = await report(stream, [
      await decision(1),
      await decision(2, { params: many, effect: 'deny' }),
      await decision(3, { params: { service: 'payroll', lines: 1 }, effect: 'require_approval' }),
    ]);
    expect(reply.body).toEqual({ decisions: [1, 2, 3].map((seq) => ({ seq, verdict: 'confirmed' })), mayGoOn: true });
    expect(await rowsOf(stream)).toMatchObject([
      { effect: 'allow' },
      { effect: 'deny' },
      { effect: 'require_approval' },
    ]);
    const told = (await entries('decision.reported')).filter((each) => each.stream === stream);
    expect(told).toHaveLength(3);
    expect(told[0]).toMatchObject({
      agent: 'agent',
      lane: 'cooperative',
      seq: 1,
      effect: 'allow',
      verdict: 'confirmed',
    });
    expect(JSON.stringify(told)).not.toMatch(/payroll|inputDigest/);
    expect(await stateOf('agent')).toBe('active');
  });

  test('sent again, also at once, are recorded once', async () => {
    const stream = randomUUID();
    const batch = [await decision(1), await decision(2)];
    const replies = await Promise.all(Array.from({ length: 6 }, () => report(stream, batch)));
    for (const { body } of replies)
      expect(body).toEqual({ decisions: [1, 2].map((seq) => ({ seq, verdict: 'confirmed' })), mayGoOn: true });
    expect(await rowsOf(stream)).toHaveLength(2);
    expect((await entries('decision.reported')).filter((each) => each.stream === stream)).toHaveLength(2);
    expect((await entries('decisions.gap')).filter((each) => each.stream === stream)).toEqual([]);
  });

  test('of another agent stand apart, under the same numbers', async () => {
    const stream = randomUUID();
    await report(stream, [await decision(1)]);
    const other = (await served({}, 'other-agent')).body.agent as AgentIdentity;
    expect((await report(stream, [await decision(1, {}, other)], 'other-agent')).body.decisions[0].verdict).toBe(
      'confirmed',
    );
    expect(await rowsOf(stream)).toHaveLength(2);
  });

  test('are judged as who the agent was told to be, for a while after that changed', async () => {
    const before = await decision(1);
    await h.superuser.query(`update agents set roles = '{}' where tenant = 'acme' and agent = 'agent'`);
    expect((await report(randomUUID(), [before])).body.decisions[0].verdict).toBe('confirmed');
    await h.superuser.query(`update agents set roles = '{mover}' where tenant = 'acme' and agent = 'agent'`);
    expect(await stateOf('agent')).toBe('active');
  });

  test('under the bundle before are confirmed, and not once every process has heard of the next', async () => {
    const old = bundle;
    const under = await decision(1);
    bundle = await putInForce(
      h,
      { ...COOPERATIVE, 'data/limits.yaml': 'read_log: { lines: 5 }\nsecret: { lines: 7 }\n' },
      2,
    );
    expect((await report(randomUUID(), [under])).body.decisions[0].verdict).toBe('confirmed');
    await h.superuser.query(`update bundles set activated_at = now() - interval '4 minutes'`);
    const stream = randomUUID();
    const late = await decision(1, { bundle: old.manifest.digest });
    expect((await report(stream, [late])).body.decisions[0].verdict).toBe('mismatch');
    expect(await rowsOf(stream)).toMatchObject([{ cause: 'replaced_bundle' }]);
    await activate();
    bundle = await putInForce(h, COOPERATIVE, 3);
  }, 60_000);

  test('that only the whole bundle contradicts are no fault of the agent', async () => {
    const stream = randomUUID();
    const secret = { service: 'web', lines: 7 };
    expect((await report(stream, [await decision(1, { params: secret })])).body.decisions[0].verdict).toBe('diverged');
    expect((await report(stream, [await decision(2, { effect: 'deny' })])).body.decisions[0].verdict).toBe('diverged');
    expect(await stateOf('agent')).toBe('active');
  });

  test('are judged by the clock that agents were told, whatever that of the gateway says', async () => {
    const { now } = Date;
    const spy = jest.spyOn(Date, 'now').mockImplementation(() => now() - 7_200_000);
    const reply = await report(randomUUID(), [await decision(1)]);
    spy.mockRestore();
    expect(reply.body.decisions[0].verdict).toBe('confirmed');
  });

  test('with a gap between them are recorded, and the gap with them', async () => {
    const stream = randomUUID();
    await report(stream, [await decision(1), await decision(4)]);
    await report(stream, [await decision(6)]);
    await report(stream, [await decision(7), await decision(2)]); // late, and after its gap was told
    const gaps = (await entries('decisions.gap')).filter((each) => each.stream === stream);
    expect(gaps).toMatchObject([
      { agent: 'agent', lane: 'cooperative', from: 2, to: 3 },
      { from: 5, to: 5 },
    ]);
    expect(await stateOf('agent')).toBe('active');
    const { rows } = await h.superuser.query(
      `select source, sum(count)::integer as n from security_events where kind = 'decisions_gap' group by source`,
    );
    expect(rows).toEqual([{ source: 'acme/agent', n: 2 }]);
  });

  test('that begin late lack their beginning', async () => {
    const stream = randomUUID();
    await report(stream, [await decision(3)]);
    expect((await entries('decisions.gap')).filter((each) => each.stream === stream)).toMatchObject([
      { from: 1, to: 2 },
    ]);
  });
});

describe('X75 false reports stop the agent', () => {
  const identity = async (): Promise<AgentIdentity> => (await served()).body.agent as AgentIdentity;

  test.each<readonly [string, () => Promise<ReportedDecision>, string]>([
    ['that it was allowed', () => decision(1, { params: { service: 'web', lines: 5_000 } }), 'not_allowed'],
    ['that nobody had to be asked', () => decision(1, { params: { service: 'payroll', lines: 1 } }), 'not_allowed'],
    [
      'to have a role',
      async () => decision(1, {}, { ...(await identity()), roles: ['admin', 'mover'] }),
      'wrong_input',
    ],
    ['to be another agent', async () => decision(1, {}, { ...(await identity()), id: 'other-agent' }), 'wrong_input'],
    ['to be of another tenant', async () => decision(1, {}, { ...(await identity()), tenant: 'rival' }), 'wrong_input'],
    ['of an input that it was not', () => decision(1, { inputDigest: `sha256:${'0'.repeat(64)}` }), 'wrong_input'],
    ['of a bundle that never was', () => decision(1, { bundle: `sha256:${'0'.repeat(64)}` }), 'unknown_bundle'],
    ['to guard what Countersign carries out', () => decision(1, { type: 'infra.restart_service' }), 'not_cooperative'],
    ['of parameters that do not fit', () => decision(1, { params: { service: 'web' } }), 'invalid_parameters'],
    ['of tomorrow', () => decision(1, { at: new Date(Date.now() + 86_400_000).toISOString() }), 'impossible_time'],
  ])('that claim %s', async (_, make, cause) => {
    const stream = randomUUID();
    const false_ = await make();
    expect((await report(stream, [false_])).body.decisions).toEqual([{ seq: 1, verdict: 'mismatch' }]);
    expect(await rowsOf(stream)).toMatchObject([{ verdict: 'mismatch', cause }]);
    expect(await stateOf('agent')).toBe('quarantined');
    expect((await entries('agent.quarantined')).filter((each) => each.stream === stream)).toMatchObject([
      { agent: 'agent', generation: 1, cause, seq: 1 },
    ]);
    // From now on it is refused, whatever it asks.
    expect((await report(stream, [false_])).body).toMatchObject({ mayGoOn: false });
    expect((await served()).body.code).toBe('agent_not_active');
    expect((await h.act()).body.code).toBe('agent_not_active');
  });

  test('that say another thing under a number that is taken', async () => {
    const stream = randomUUID();
    await report(stream, [await decision(1)]);
    const again = await report(stream, [await decision(1, { params: { service: 'db', lines: 2 } })]);
    expect(again.body.decisions).toEqual([{ seq: 1, verdict: 'mismatch' }]);
    expect(await rowsOf(stream)).toMatchObject([
      { verdict: 'confirmed' },
      { verdict: 'mismatch', cause: 'contradiction' },
    ]);
    expect(await stateOf('agent')).toBe('quarantined');
  });

  test('and were true ones before them, those are recorded too', async () => {
    const stream = randomUUID();
    const reply = await report(stream, [
      await decision(1),
      await decision(2, { params: { service: 'web', lines: 9_999 } }),
    ]);
    expect(reply.body.decisions.map(({ verdict }: { verdict: string }) => verdict)).toEqual(['confirmed', 'mismatch']);
    expect(await rowsOf(stream)).toHaveLength(2);
  });

  test('while a person stops it too: whoever comes first, neither is refused', async () => {
    const false_ = await decision(1, { params: { service: 'web', lines: 5_000 } });
    const somebodyWaitsFor = async (event: string): Promise<void> => {
      const waits = `select from pg_stat_activity where datname = current_database() and (wait_event_type, wait_event) = ('Lock', $1)`;
      const look = async (): Promise<boolean> => (await h.superuser.query(waits, [event])).rowCount === 1;
      await waitUntil(look, { what: `Nobody waits for ${event}`, withinMs: 5_000 });
    };
    const another = new Client({ connectionString: h.database.superuserUrl });
    await another.connect();
    try {
      // As any row that refers to the agent's. It keeps the person between the gate and that row.
      await another.query(`begin; select from agents where tenant = 'acme' and agent = 'agent' for key share`);
      const json = { do: 'pause', reason: 'drill' };
      const moved = h.request('POST', '/v1/admin/agents/agent/moves', { as: 'max', json });
      await somebodyWaitsFor('transactionid');
      const reported = report(randomUUID(), [false_]);
      await somebodyWaitsFor('advisory');
      await another.query('commit');
      expect([(await moved).status, (await reported).status]).toEqual([200, 200]);
    } finally {
      await another.end();
    }
    expect(await stateOf('agent')).toBe('quarantined');
  });
});

describe('what is not taken', () => {
  test('too many, too large, none, numbers that are none, names that are no action types', async () => {
    const one = await decision(1);
    const status = async (...decisions: object[]): Promise<number> =>
      (await report(randomUUID(), decisions as ReportedDecision[])).status;
    expect(await status()).toBe(400);
    expect(await status(...Array.from({ length: 101 }, (_, index) => ({ ...one, seq: index + 1 })))).toBe(400);
    expect(await status({ ...one, seq: 0 })).toBe(400);
    expect(await status({ ...one, type: 'Write this into the ledger' })).toBe(400);
    expect(await status({ ...one, agent: { id: 'other-agent' } })).toBe(400);
    expect(await status({ ...one, params: { ...one.params, note: 'x'.repeat(300_000) } })).toBe(413);
    expect((await report('not-a-stream', [one])).status).toBe(400);
  });

  test('an action that the agent must carry out itself, asked of Countersign', async () => {
    const { catalogue } = h.deps.pdp;
    const brokered = catalogue.actionTypes['warehouse.move_box'];
    const actionTypes = catalogue.actionTypes as Record<string, unknown>;
    actionTypes['warehouse.look'] = { ...brokered, id: 'warehouse.look', lane: 'cooperative', facts: {} };
    const json = { type: 'warehouse.look', params: { box: 'b-17', weightGrams: 1 } };
    expect((await h.act({ json })).body).toMatchObject({ status: 409, code: 'lane_not_taken' });
    expect((await h.request('POST', '/v1/actions:preview', { as: 'agent', json })).body).toMatchObject({
      code: 'lane_not_taken',
    });
    delete actionTypes['warehouse.look'];
  });
});

describe('the guard of the database', () => {
  test('stops nobody without a report that says why, and no other generation', async () => {
    const stream = randomUUID();
    await report(stream, [await decision(1)]);
    const ask = (generation: number, seq: number): Promise<boolean> =>
      asGateway((client) => quarantineAgent(client, 'acme', { agent: 'agent', generation, stream }, seq));
    expect([await ask(1, 1), await ask(1, 2), await ask(2, 1)]).toEqual([false, false, false]);
    expect(await stateOf('agent')).toBe('active');
    await h.superuser.query(`update reported_decisions set verdict = 'mismatch', cause = 'drill' where stream = $1`, [
      stream,
    ]);
    expect([await ask(2, 1), await ask(1, 1), await ask(1, 1)]).toEqual([false, true, false]);
    expect(await stateOf('agent')).toBe('quarantined');
  });

  test('alone writes that somebody was stopped, and alone stops', async () => {
    const gateway = await h.pool.connect();
    try {
      await gateway.query(`select set_config('app.tenant', 'acme', false)`);
      await expect(
        gateway.query(
          `select ledger_append('acme', '{quarantine/agent/1/x/1}', '{"{\\"event\\":\\"agent.quarantined\\"}"}', null)`,
        ),
      ).rejects.toThrow('by its guard alone');
      await expect(gateway.query(`update agents set state = 'quarantined'`)).rejects.toThrow('permission denied');
      await expect(gateway.query(`update reported_decisions set verdict = 'confirmed'`)).rejects.toThrow(
        'permission denied',
      );
      await expect(gateway.query(`delete from reported_decisions`)).rejects.toThrow('permission denied');
      await gateway.query(`select set_config('app.tenant', 'rival', false)`);
      const { rows } = await gateway.query('select from reported_decisions');
      expect(rows).toEqual([]);
    } finally {
      await gateway.query(`select set_config('app.tenant', '', false)`);
      gateway.release();
    }
  });
});
