import { randomUUID } from 'node:crypto';
import { type AgentKey, assertion, enrol, enrolmentSecret, exchange, honest, newKey, tokenOf } from './agent-key';
import { type Harness, type Reply, startHarness } from './harness';

/* Who agreed on letting an agent go on agreed on the causes that were known then. Olga owns the agent, max operates, ada is an admin. */

let h: Harness;
beforeAll(async () => (h = await startHarness()));
afterAll(() => h.stop());

const post = (as: string, path: string, json: object): Promise<Reply> => h.request('POST', path, { as, json });
const move = (as: string, what: string, reason: string): Promise<Reply> =>
  post(as, '/v1/admin/agents/agent/moves', { do: what, reason });
const stateNow = async (): Promise<unknown> =>
  (await h.request('GET', '/v1/admin/agents/agent', { as: 'vic' })).body.state;

interface Proposal {
  readonly id: string;
  readonly digest: string;
}
const open = async (): Promise<readonly Proposal[]> =>
  ((await h.request('GET', '/v1/admin/proposals', { as: 'vic' })).body as { proposals: Proposal[] }).proposals;
/** What max proposes, as somebody else is shown it. */
async function proposed(): Promise<Proposal> {
  const { status, body } = await move('max', 'resume', 'it was mended');
  const shown = (await open()).find(({ id }) => id === (body as { proposal?: string }).proposal);
  expect([status, shown]).toEqual([202, expect.anything()]);
  return shown as Proposal;
}
const confirm = async ({ id, digest }: Proposal): Promise<unknown[]> => {
  const choice = { choice: 'confirm', digest, reason: 'looked' };
  const { status, body } = await post('ada', `/v1/admin/proposals/${id}/decision`, choice);
  return [status, body.code ?? body.state];
};

/** What the ledger says of quarantines since `seq`, with the words beside it. */
async function told(since: number): Promise<unknown[]> {
  const { rows } = await h.superuser.query<{ entry: Record<string, unknown>; body: string | null }>(
    `select l.leaf::jsonb -> 'entry' as entry, b.body from ledger l left join ledger_bodies b using (tenant, seq)
     where l.tenant = 'acme' and l.seq > $1
       and (l.leaf::jsonb -> 'entry' ->> 'to' = 'quarantined' or l.leaf::jsonb -> 'entry' ->> 'event' = 'agent.quarantined')
     order by l.seq`,
    [since],
  );
  return rows.map(({ entry, body }) =>
    entry['event'] === 'agent.quarantined'
      ? entry['cause']
      : [entry['actor'], entry['from'], (JSON.parse(body ?? '{}') as { reason?: string }).reason],
  );
}
const head = async (): Promise<number> =>
  (await h.superuser.query<{ seq: number }>(`select max(seq)::integer as seq from ledger where tenant = 'acme'`))
    .rows[0]?.seq ?? -1;

it('who agreed on one cause has not agreed on another that came since', async () => {
  const before = await head();
  expect((await move('max', 'quarantine', 'It named a vendor that nobody knows.')).status).toBe(200);
  const first = await proposed();
  expect((await move('olga', 'quarantine', 'Its machine was open to the world.')).status).toBe(200);
  expect(await open()).toEqual([]);
  expect(await confirm(first)).toEqual([409, 'proposal_closed']);
  expect(await stateNow()).toBe('quarantined');
  expect(await told(before)).toEqual([
    ['max', 'active', 'It named a vendor that nobody knows.'],
    ['olga', 'quarantined', 'Its machine was open to the world.'],
  ]);
  expect(await confirm(await proposed())).toEqual([200, 'confirmed']);
  expect(await stateNow()).toBe('active');
});

it('a cause is one cause however often it is told, until it comes after a resume', async () => {
  const before = await head();
  const causes = [
    ['max', 'It repeats itself.'],
    ['olga', 'It repeats itself.'],
    ['max', 'It still does.'],
  ] as const;
  for (const [as, reason] of causes) await move(as, 'quarantine', reason);
  const proposal = await proposed();
  for (const [as, reason] of causes) expect((await move(as, 'quarantine', reason)).status).toBe(200);
  expect(await told(before)).toHaveLength(3);
  expect(await confirm(proposal)).toEqual([200, 'confirmed']);
  await move('max', 'quarantine', 'It repeats itself.');
  expect((await told(before)).slice(3)).toEqual([['max', 'active', 'It repeats itself.']]);
  expect(await confirm(await proposed())).toEqual([200, 'confirmed']);
});

describe('X51 in quarantine for something else, an agent that runs what nobody registered', () => {
  const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
  const ask = (key: AgentKey, runs: string): Promise<Reply> => {
    const { header, claims } = honest(key);
    return exchange(h, assertion(key, header, { ...claims, config_digest: digest(runs) }));
  };

  it('is found out, once, and what was proposed without that is worth nothing', async () => {
    await h.superuser.query(
      `insert into agent_versions (tenant, agent, generation, version, digest, content, registered_by)
       select tenant, agent, generation, version, $1, '{}', 'olga' from agents where tenant = 'acme' and agent = 'agent'`,
      [digest('a')],
    );
    const key = newKey();
    expect((await enrol(h, await enrolmentSecret(h), key)).status).toBe(200);
    const before = await head();
    const reason = randomUUID();
    await move('max', 'quarantine', reason);
    const first = await proposed();
    expect((await ask(key, 'a')).body).toMatchObject({ code: 'agent_not_active' });
    expect(await open()).toHaveLength(1);
    expect((await ask(key, 'c')).body).toMatchObject({ code: 'agent_not_active' });
    expect(await confirm(first)).toEqual([409, 'proposal_closed']);
    expect(await stateNow()).toBe('quarantined');
    const second = await proposed();
    for (const runs of ['c', 'd', 'c']) expect((await ask(key, runs)).status).toBe(403);
    expect(await told(before)).toEqual([['max', 'active', reason], 'config_drift']);
    expect(await confirm(second)).toEqual([200, 'confirmed']);
    expect(await tokenOf(h, key, { config_digest: digest('a') })).toEqual(expect.any(String));
  });
});
