import { type PreviewDeps } from '../../gateway/preview-action';
import { ROUTES } from '../../gateway/routes';
import { readAsTenant } from '../../db/read-as-tenant';
import { type Harness, PARAMS, type Reply, startHarness, TYPE } from './harness';

let h: Harness;
beforeAll(async () => (h = await startHarness()));
afterAll(() => h.stop());
beforeEach(() => {
  h.play.decision = { effect: 'allow', findings: [{ code: 'floor.mover', effect: 'allow' }], chains: [] };
  h.play.fact = () => Promise.resolve({ kind: 'found', fact: { shelf: 's-3' } });
});

const preview = (json: object = { type: TYPE, params: PARAMS }, as = 'agent'): Promise<Reply> =>
  h.request('POST', '/v1/actions:preview', { as, json });
const ask = (chain: string): Harness['play']['decision'] => ({
  effect: 'require_approval',
  findings: [
    { code: 'floor.mover', effect: 'allow' },
    { code: 'floor.heavy', effect: 'approval', chain, message: 'It is heavy.' },
  ],
  chains: [chain],
});

/** Every row of every table, by number and by what Postgres counts as written. */
/** But for the signs of life of processes, which come whatever is asked. */
async function everything(): Promise<object[]> {
  const { rows } = await h.superuser.query<{ table: string }>(
    `select relname as table from pg_class
     where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'processes' order by 1`,
  );
  const counts: object[] = [];
  for (const { table } of rows) {
    const { rows: all } = await h.superuser.query(
      `select md5(coalesce(string_agg(t::text, '' order by t::text), '')) as rows from ${table} t`,
    );
    counts.push({ table, ...all[0] });
  }
  return counts;
}

test('it shows the decision, the card and on whom it would wait', async () => {
  h.play.decision = ask('keepers-one');
  const { status, body } = await preview();
  expect(status).toBe(200);
  expect(body).toEqual({
    decision: 'require_approval',
    reasons: [{ code: 'floor.heavy', message: 'It is heavy.' }],
    chains: ['keepers-one'],
    card: {
      headline: 'Move b-17 off s-3',
      fields: [
        { label: 'box', value: 'b-17' },
        { label: 'shelf', value: 's-3' },
      ],
    },
    wouldWaitOn: ['bob', 'cleo'], // and not Olga, whose agent it is
  });
  const route = ROUTES.find(({ path }) => path === '/v1/actions:preview');
  expect(route?.answers[200]?.schema.safeParse(body)).toMatchObject({ success: true });
});

test('an allowance waits on nobody; a denial says why and what would help', async () => {
  expect((await preview()).body).toMatchObject({ decision: 'allow', reasons: [], chains: [], wouldWaitOn: [] });
  h.play.decision = {
    effect: 'deny',
    findings: [{ code: 'floor.night', effect: 'deny', message: 'It is night.', remedy: 'Wait.' }],
    chains: [],
  };
  expect((await preview()).body).toMatchObject({
    decision: 'deny',
    reasons: [{ code: 'floor.night', message: 'It is night.', remedy: 'Wait.' }],
    wouldWaitOn: [],
  });
  h.play.decision = { effect: 'deny', findings: [], chains: [] };
  expect((await preview()).body).toMatchObject({ decision: 'deny', reasons: [{ code: 'policy_denied' }] });
});

test('whom policy denies it is told nothing that the gateway read for it', async () => {
  h.play.fact = () => Promise.resolve({ kind: 'found', fact: { shelf: 'canary-9c1f' } });
  expect((await preview()).text).toContain('canary-9c1f');
  h.play.decision = { effect: 'deny', findings: [], chains: [] };
  const { text, body } = await preview();
  expect(text).not.toContain('canary-9c1f');
  expect(body.card).toEqual({
    headline: 'Move b-17 off (nothing)',
    fields: [
      { label: 'box', value: 'b-17' },
      { label: 'shelf', value: '(nothing)' },
    ],
  });
});

test.each([
  [
    'fact_missing',
    'the system of record does not know the box',
    () => (h.play.fact = () => Promise.resolve({ kind: 'missing' })),
  ],
  ['approval_unsatisfiable', 'nobody could countersign', () => (h.play.decision = ask('no-such-chain'))],
])('it is a denial by %s when %s', async (code, _, arrange) => {
  arrange();
  expect((await preview()).body).toMatchObject({ decision: 'deny', reasons: [{ code }], chains: [], wouldWaitOn: [] });
});

test('it is a denial while its scope is fenced', async () => {
  await h.superuser.query(
    `insert into fences (tenant, scope, closed, reason, actor) values ('acme', 'team:floor', true, 'r', 'max')`,
  );
  try {
    expect((await preview()).body).toMatchObject({ decision: 'deny', reasons: [{ code: 'scope_fenced' }] });
    expect((await preview(undefined, 'foreign-agent')).body).toMatchObject({ decision: 'allow' });
  } finally {
    await h.superuser.query(`delete from fences where tenant = 'acme'`);
  }
});

test.each<[string, number, object]>([
  ['unknown_action_type', 404, { type: 'constructor', params: {} }],
  ['invalid_parameters', 400, { type: TYPE, params: { ...PARAMS, weightGrams: 0 } }],
  ['invalid_parameters', 400, { type: TYPE, params: PARAMS, waitMs: 1 }],
])('it is checked like a request: %s', async (code, _, json) => {
  const reply = await preview(json);
  expect(reply.body).toMatchObject({ code });
  const asked = await h.act({ json: { ...json, ...('waitMs' in json ? { extra: 1 } : {}) } });
  expect([reply.status, reply.body.code]).toEqual([asked.status, asked.body.code]);
});

test('it needs an agent that is active, and facts that are answered', async () => {
  expect((await preview(undefined, 'max')).status).toBe(401);
  h.play.fact = () => Promise.resolve({ kind: 'unanswered', code: 'timeout' });
  expect((await preview()).body).toMatchObject({ status: 503, code: 'fact_unanswered' });
  await h.superuser.query(`update agents set state = 'paused' where tenant = 'acme' and agent = 'other-agent'`);
  expect((await preview(undefined, 'other-agent')).body).toMatchObject({ code: 'agent_not_active' });
});

test('X43 nothing is recorded anywhere, and nobody is woken', async () => {
  h.play.decision = ask('keepers-one');
  const before = await everything();
  const json = { type: TYPE, params: PARAMS, because: 'who knows', context: { model: 'm-1' } };
  expect((await preview(json)).status).toBe(200);
  expect(await everything()).toEqual(before);
  expect([h.submitted, h.woken]).toEqual([[], []]);
});

test('X43 it holds nothing that could record or begin anything', async () => {
  type Held = keyof PreviewDeps;
  const held: readonly Held[] = ['pdp', 'facts', 'log', 'read'];
  const nothingElse: Exclude<Held, 'pdp' | 'facts' | 'log' | 'read'> extends never ? true : false = true;
  expect([held.length, nothingElse]).toEqual([4, true]);
  const write = readAsTenant(h.pool, 'acme', (client) => client.query(`update actions set cancel_requested_by = 'x'`));
  await expect(write).rejects.toThrow('read-only transaction');
});
