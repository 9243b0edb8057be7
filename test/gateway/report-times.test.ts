import { randomUUID } from 'node:crypto';
import { type AgentIdentity } from '../../domain/guard-input';
import { type SignedBundle } from '../../pdp/bundle-format';
import { COOPERATIVE } from '../bundle/cooperative-policies';
import { type Harness, startHarness } from './harness';
import { putInForce } from './put-in-force';
import { reporting } from './reporting';
import { moveFence } from '../helpers/move-fence';

let h: Harness;
let bundle: SignedBundle;
beforeAll(async () => {
  h = await startHarness();
  bundle = await putInForce(h, COOPERATIVE, 1);
  await createdBefore('30 days');
}, 60_000);
afterAll(() => h.stop());

/** The agent `agent` began so long ago. */
const createdBefore = (interval: string): Promise<unknown> =>
  h.superuser.query(`update agents set created_at = now() - $1::interval where tenant = 'acme' and agent = 'agent'`, [
    interval,
  ]);
/** The agent `agent`, from another or from nobody. */
const comesFrom = (parent: string): Promise<unknown> =>
  h.superuser.query(
    `update agents set (parent, parent_generation) = (${parent}) where tenant = 'acme' and agent = 'agent'`,
  );
const { served, decision, report, stateOf, activate, entries, rowsOf } = reporting(() => ({ h, bundle }));

afterEach(() => activate());

test('a time that no database knows is refused like any other that is none, and recorded as nothing', async () => {
  for (const at of ['0000-01-01T00:00:00.000Z', '0000-12-31T23:59:59.999Z']) {
    const stream = randomUUID();
    const { status, body } = await report(stream, [await decision(1, { at })]);
    expect([status, body.code]).toEqual([400, 'invalid_parameters']);
    expect(await rowsOf(stream)).toEqual([]);
  }
  const stream = randomUUID();
  await report(stream, [await decision(1, { at: '0001-01-01T00:00:00.000Z' })]);
  expect(await rowsOf(stream)).toMatchObject([{ verdict: 'mismatch', cause: 'impossible_time' }]);
});

describe('honest reports', () => {
  test('of two days ago are recorded as too late to judge, whoever the agent was by then', async () => {
    const stream = randomUUID();
    const at = new Date(Date.now() - 2 * 86_400_000).toISOString();
    const forgotten = { ...((await served()).body.agent as AgentIdentity), version: 'forgotten' };
    const reply = await report(stream, [await decision(1, { at }, forgotten), await decision(2)]);
    expect(reply.body).toEqual({
      decisions: [
        { seq: 1, verdict: 'diverged' },
        { seq: 2, verdict: 'confirmed' },
      ],
      mayGoOn: true,
    });
    expect((await entries('decision.reported')).filter((each) => each.stream === stream)).toMatchObject([
      { seq: 1, at, verdict: 'diverged', cause: 'too_late_to_judge' },
      { seq: 2, verdict: 'confirmed', cause: null },
    ]);
    expect(await stateOf('agent')).toBe('active');
  });

  test('of an agent that was just served are believed; of one that has not asked who it is for minutes they are not', async () => {
    const asked = (minutes: number) =>
      h.superuser.query(
        `update served_identities set served_at = now() - $1 * interval '1 minute' where agent = 'agent'`,
        [minutes],
      );
    const honest = await decision(1);
    await asked(3);
    expect((await report(randomUUID(), [honest])).body.decisions[0].verdict).toBe('confirmed');
    const stream = randomUUID();
    await asked(5);
    expect((await report(stream, [honest])).body.decisions[0].verdict).toBe('mismatch');
    expect(await rowsOf(stream)).toMatchObject([{ cause: 'replaced_identity' }]);
    await asked(0);
  });
});

describe('X75 false reports stop the agent', () => {
  test.each([
    ['quarantined', 'quarantined', 1],
    ['paused', 'quarantined', 1],
    ['offboarded', 'offboarded', 0],
  ])(
    'and what an agent that is %s did before is recorded, and judged; it hears that it may not go on',
    async (state, then, more) => {
      const stream = randomUUID();
      const done = [await decision(1), await decision(2, { params: { service: 'web', lines: 5_000 } })];
      const quarantined = (await entries('agent.quarantined')).length;
      await h.superuser.query(`update agents set state = $1 where tenant = 'acme' and agent = 'agent'`, [state]);
      const reply = await report(stream, done);
      expect([reply.status, reply.body]).toEqual([
        200,
        {
          decisions: [
            { seq: 1, verdict: 'confirmed' },
            { seq: 2, verdict: 'mismatch' },
          ],
          mayGoOn: false,
        },
      ]);
      expect((await entries('decision.reported')).filter((each) => each.stream === stream)).toMatchObject([
        { seq: 1, verdict: 'confirmed' },
        { seq: 2, verdict: 'mismatch', cause: 'not_allowed' },
      ]);
      expect(await stateOf('agent')).toBe(then);
      expect(await entries('agent.quarantined')).toHaveLength(quarantined + more);
    },
  );

  test.each([60_000, 2 * 86_400_000])('and are dated %d ms before there was such an agent', async (ms) => {
    const stream = randomUUID();
    await createdBefore('3 minutes');
    const soon = await decision(1, { at: new Date(Date.now() - 4 * 60_000).toISOString() });
    const never = await decision(1, { at: new Date(Date.now() - 5 * 60_000 - ms).toISOString() });
    const [honest, false_] = [await report(randomUUID(), [soon]), await report(stream, [never])];
    await createdBefore('30 days');
    // Its clock may be behind ours by two minutes.
    expect(honest.body.decisions).toEqual([{ seq: 1, verdict: 'confirmed' }]);
    expect(false_.body).toEqual({ decisions: [{ seq: 1, verdict: 'mismatch' }], mayGoOn: false });
    expect(await rowsOf(stream)).toMatchObject([{ cause: 'impossible_time' }]);
    expect(await stateOf('agent')).toBe('quarantined');
  });

  test('and whose time goes back', async () => {
    const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
    const stream = randomUUID();
    await report(stream, [await decision(1, { at: ago(1) })]);
    const little = await report(stream, [await decision(2, { at: ago(2) })]);
    expect(little.body.decisions[0].verdict).toBe('confirmed');
    const batch = [await decision(3, { at: ago(0) }), await decision(4, { at: ago(10) }), await decision(5)];
    const reply = await report(stream, batch);
    expect(reply.body.decisions.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
      'confirmed',
      'mismatch',
      'confirmed',
    ]);
    await activate();
    // By little steps, too, and in a batch of its own.
    expect((await report(stream, [await decision(6, { at: ago(4) })])).body.decisions[0].verdict).toBe('mismatch');
    expect((await rowsOf(stream)).map(({ cause }) => cause)).toEqual([
      null,
      null,
      null,
      'time_went_back',
      null,
      'time_went_back',
    ]);
    // Sent again, it is what it was.
    expect((await report(stream, batch)).body.decisions).toEqual(reply.body.decisions);
  });

  test.each(['global', 'tenant', 'team:floor', 'agent:agent', 'action-type:infra.read_log', 'agent:other-agent'])(
    'and were made under a stop of %s that everybody had heard of by then',
    async (scope) => {
      if (scope === 'agent:other-agent') await comesFrom(`'other-agent', 1`);
      const team = ((await served()).body.agent as AgentIdentity).team;
      const closed = scope.replace('floor', team);
      const move = (is: boolean): Promise<void> => moveFence(h.superuser, 'acme', closed, is);
      const stream = randomUUID();
      await move(true);
      const soon = await report(stream, [await decision(1)]);
      await h.superuser.query(`update fences set moved_at = now() - interval '4 minutes' where scope = $1`, [closed]);
      const denied = await decision(2, { params: { service: 'web', lines: 5_000 }, effect: 'deny' });
      const late = await report(stream, [denied, await decision(3)]);
      await move(false);
      await comesFrom('null, null');
      const verdicts = [...soon.body.decisions, ...late.body.decisions].map(({ verdict }) => verdict);
      expect(verdicts).toEqual(['confirmed', 'confirmed', 'mismatch']);
      expect((await rowsOf(stream)).at(-1)).toMatchObject({ cause: 'stop_ignored' });
      expect(await stateOf('agent')).toBe('quarantined');
    },
  );

  test('but not under a stop of another team, type or tenant', async () => {
    const scopes = ['team:others', 'agent:other-agent', 'action-type:infra.restart_service'];
    for (const scope of scopes) await moveFence(h.superuser, 'acme', scope, true);
    await moveFence(h.superuser, 'rival', 'tenant', true);
    await h.superuser.query(`update fences set moved_at = now() - interval '1 hour'`);
    expect((await report(randomUUID(), [await decision(1)])).body.decisions[0].verdict).toBe('confirmed');
    await h.superuser.query(`update fences set closed = false`);
  });
});
