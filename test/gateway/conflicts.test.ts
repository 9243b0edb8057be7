import { loadAction } from '../../db/load-action';
import { withTenant } from '../../db/with-tenant';
import { actionDigest, actionDocument } from '../../evidence/action-digest';
import { showKey } from '../helpers/show-key';
import { type Harness, PARAMS, type Reply, startHarness, TYPE } from './harness';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.stop());

/** What links people to an agent or to each other, taken back after each test. */
afterEach(async () => {
  await h.superuser.query(`update agents set owner = 'olga', creator = 'olga'`);
  await h.superuser.query('update agent_keys set issued_by = null');
  await h.superuser.query('update people set human = null');
  await h.superuser.query('delete from person_addresses');
  await h.superuser.query('delete from slack_identities');
  await h.superuser.query('delete from role_grants');
});

interface Open {
  readonly id: string;
  readonly digest: string;
  readonly action: string;
}

async function open(options: { onBehalfOf?: string; need?: number } = {}): Promise<Open> {
  const { onBehalfOf, need = 1 } = options;
  const { body } = await h.act({ json: { type: TYPE, params: PARAMS, waitMs: 0, onBehalfOf } });
  await h.deps.background.drain(5_000);
  return { ...(await h.openApproval(body.id, { need })), action: body.id };
}
const vote = ({ id, digest }: Open, as: string, json: object = {}): Promise<Reply> =>
  h.request('POST', `/v1/approvals/${id}/votes`, { as, json: { choice: 'approve', digest, ...json } });
const mine = async (as: string): Promise<string[]> =>
  (await h.request('GET', '/v1/approvals?for=me&limit=100', { as })).body.approvals.map(({ id }: Open) => id);
const told = async (request: Open): Promise<string[]> =>
  (
    await h.superuser.query<{ key: string }>(
      `select key from ledger where key like 'vote-refused/' || $1 || '/%' order by key`,
      [request.id],
    )
  ).rows.map(({ key }) => key.split('/').slice(2).join(' '));
/** Every answer to every kind of question. */
const FOUND_OUT: Readonly<Record<string, readonly string[]>> = {
  unknown_outcome: ['did_not_happen', 'happened'],
  undo_stuck: ['mended'],
  revocation_overdue: ['mended'],
};
const resolve = (task: string, resolution: string, as: string): Promise<Reply> =>
  h.request('POST', `/v1/admin/tasks/${task}/resolve`, { as, json: { resolution, reason: 'looked it up' } });
const resolved = async (action: string): Promise<object[]> =>
  (await h.superuser.query(`select from ledger where key like 'task/' || $1 || '%/resolved'`, [action])).rows;
const grantBob = (environment: string): Promise<unknown> =>
  h.superuser.query(
    `insert into role_grants (tenant, person, role, environment) values ('acme', 'bob', 'operator', $1)`,
    [environment],
  );
const sql = (statement: string) => (): Promise<unknown> => h.superuser.query(statement);
const address = (person: string, text: string): string =>
  `insert into person_addresses (tenant, person, address) values ('acme', '${person}', '${text}')`;
const slack = (person: string, team: string, user: string): string =>
  `insert into slack_identities (tenant, slack_team, slack_user, person, linked_by) values ('acme', '${team}', '${user}', '${person}', 'ada')`;

/** Bob is in the group that decides. What makes him one who may not: */
const CONFLICTS: readonly (readonly [string, () => Promise<unknown>, { onBehalfOf?: string }])[] = [
  ['owns the agent now', sql(`update agents set owner = 'bob'`), {}],
  ['made the agent', sql(`update agents set creator = 'bob'`), {}],
  ['was shown the key of the agent', sql(`update agent_keys set issued_by = 'bob' where tenant = 'acme'`), {}],
  ['is whom the agent acts for', sql('select'), { onBehalfOf: 'bob' }],
  ['is a second account of the owner', sql(`update people set human = 'olga' where person = 'bob'`), {}],
  [
    'is a second account of whom the agent acts for',
    sql(`update people set human = 'cleo' where person = 'bob'`),
    { onBehalfOf: 'cleo' },
  ],
  [
    'has the same mailbox as the owner, written otherwise',
    sql(`${address('olga', 'olga@Example.org')}; ${address('bob', 'OLGA+bob@example.org')}`),
    {},
  ],
  [
    'has the same Slack user as the owner, in another workspace',
    sql(`${slack('olga', 'T1', 'U9')}; ${slack('bob', 'T2', 'U9')}`),
    {},
  ],
  [
    'is linked to the owner through a third account',
    sql(
      `update people set human = 'dan' where person = 'bob'; ${address('dan', 'o@example.org')}; ${address('olga', 'o+x@example.org')}`,
    ),
    {},
  ],
];

describe('nobody decides on their own agent’s request:', () => {
  test.each(CONFLICTS)('X8 X9 whoever %s is refused, and that is in the ledger', async (_, link, options) => {
    const request = await open(options);
    await link();
    for (const json of [{}, { choice: 'deny', reason: 'x' }]) {
      const reply = await vote(request, 'bob', json);
      expect([reply.status, reply.body.code]).toEqual([403, 'self_approval']);
    }
    expect(await told(request)).toEqual(['bob approve self_approval', 'bob deny self_approval']);
    expect((await h.superuser.query('select from votes where request = $1', [request.id])).rowCount).toBe(0);
    expect(await mine('bob')).not.toContain(request.id);
    const shown = await h.request('GET', `/v1/approvals/${request.id}`, { as: 'vic' });
    expect(shown.body.excluded).toContain('bob');
  });

  test.each(CONFLICTS)('X8 nor says whoever %s what became of it', async (_, link, { onBehalfOf }) => {
    const { body } = await h.act({ json: { type: TYPE, params: PARAMS, waitMs: 0, onBehalfOf } });
    await h.deps.background.drain(5_000);
    await h.superuser.query(
      `insert into tasks (tenant, task, action, step, kind) select 'acme', $1 || '.move.' || k, $1, 'move', k from unnest($2::text[]) k`,
      [body.id, Object.keys(FOUND_OUT)],
    );
    await grantBob('test');
    await link();
    for (const [kind, resolutions] of Object.entries(FOUND_OUT))
      for (const resolution of resolutions) {
        const refused = await resolve(`${body.id}.move.${kind}`, resolution, 'bob');
        expect([refused.status, refused.body.code]).toEqual([403, 'self_approval']);
      }
    expect(await resolved(body.id)).toEqual([]);
    for (const [kind, resolutions] of Object.entries(FOUND_OUT))
      expect((await resolve(`${body.id}.move.${kind}`, resolutions[0] ?? '', 'max')).status).toBe(200);
    expect(await resolved(body.id)).toHaveLength(3);
    expect(h.woken.map(({ actionId }) => actionId)).toContain(body.id);
    // Nor afterwards, by saying the same.
    expect((await resolve(`${body.id}.move.undo_stuck`, 'mended', 'bob')).body.code).toBe('self_approval');
  });

  test('without a link, bob says what became of it, where he operates', async () => {
    const { body } = await h.act();
    await h.superuser.query(
      `insert into tasks (tenant, task, action, step, kind) values ('acme', $1 || '.move', $1, 'move', 'unknown_outcome')`,
      [body.id],
    );
    await grantBob('production');
    expect((await resolve(`${body.id}.move`, 'happened', 'bob')).body.code).toBe('forbidden');
    await grantBob('test');
    expect((await resolve(`${body.id}.move`, 'happened', 'bob')).body).toMatchObject({ resolvedBy: 'bob' });
  });

  test('X9 nor parts an admin accounts of their own by another address', async () => {
    await h.superuser.query(
      `update agents set owner = 'ada'; ${address('ada', 'ada@example.org')}; ${address('bob', 'ada+bob@example.org')}`,
    );
    const request = await open();
    const move = (person: string, to: string): Promise<Reply> =>
      h.request('POST', `/v1/admin/people/${person}/changes`, {
        as: 'ada',
        json: { do: 'link_address', address: to, reason: 'r' },
      });
    for (const person of ['bob', 'ada']) expect((await move(person, 'b@example.org')).body.code).toBe('own_change');
    expect((await vote(request, 'bob')).body.code).toBe('self_approval');
    // What stays one human is no parting.
    expect((await move('bob', 'ada+b@example.org')).status).toBe(200);
    await h.request('POST', '/v1/admin/people/bob/changes', {
      as: 'ada',
      json: { do: 'same', sameAs: 'ada', reason: 'r' },
    });
    for (const person of ['bob', 'ada']) expect((await move(person, `${person}@example.org`)).status).toBe(200);
    expect((await vote(request, 'bob')).body.code).toBe('self_approval');
  });

  test('X8 an owner who handed the agent on still is one for what it asked before', async () => {
    await h.superuser.query(`update agents set owner = 'bob'`);
    const request = await open();
    await h.superuser.query(`update agents set owner = 'olga'`);
    expect((await vote(request, 'bob')).body.code).toBe('self_approval');
  });

  test('X8 whoever was shown a key that was good when the agent asked still is one once it has ended', async () => {
    await h.superuser.query(`update agent_keys set issued_by = 'bob' where tenant = 'acme'`);
    const request = await open();
    const ended = (at: string): Promise<unknown> =>
      h.superuser.query(`update agent_keys set revoked_at = ${at} where tenant = 'acme'`);
    await ended('clock_timestamp()');
    expect((await vote(request, 'bob')).body.code).toBe('self_approval');
    await ended(`now() - interval '1 day'`);
    expect((await vote(request, 'bob')).status).toBe(200);
    await ended('null');
  });

  test('X8 nor does whoever was shown one after the agent asked step out by ending it', async () => {
    const request = await open();
    await showKey(h.superuser, 'acme', 'bob', { agent: 'agent', ended: 'clock_timestamp()' });
    expect((await vote(request, 'bob')).body.code).toBe('self_approval');
    await h.superuser.query('delete from agent_credentials');
    expect((await vote(request, 'bob')).status).toBe(200);
  });

  test('X10 an agent has no vote: its key is nobody’s login', async () => {
    const request = await open();
    for (const as of ['agent', 'other-agent']) expect((await vote(request, as)).status).toBe(401);
  });

  test('without a link, bob may', async () => {
    const request = await open({ onBehalfOf: 'cleo' });
    await h.superuser.query(
      `${address('olga', 'olga@example.org')}; ${address('bob', 'bob+olga@example.org')}; ${slack('olga', 'T1', 'U1')}; ${slack('bob', 'T1', 'U2')}`,
    );
    expect(await mine('bob')).toContain(request.id);
    expect((await vote(request, 'bob')).status).toBe(200);
  });
});

describe('whom an agent acts for', () => {
  test('X81 is its own claim: whoever it names is entitled to nothing by it, and may at most decide less', async () => {
    const named = await open({ onBehalfOf: 'dan' }); // may approve, and is in no group that is asked
    expect((await vote(named, 'dan')).status).toBe(403);
    expect(await mine('dan')).not.toContain(named.id);
    expect((await h.superuser.query('select from votes where request = $1', [named.id])).rowCount).toBe(0);
    // Nor is anybody else: what was asked of the keepers is asked of them still.
    expect(await mine('bob')).toContain(named.id);
    expect((await vote(named, 'bob')).status).toBe(200);
  });

  test('is bound by the digest, the same for gateway and worker, and shown', async () => {
    const [one, other] = [await open({ onBehalfOf: 'cleo' }), await open()];
    const { body } = await h.request('GET', `/v1/approvals/${one.id}`, { as: 'bob' });
    expect(body).toMatchObject({ claimed: { onBehalfOf: 'cleo' }, document: { onBehalfOf: 'cleo' } });
    const actionType = h.deps.pdp.catalogue.actionTypes[TYPE];
    for (const { action, digest } of [one, other]) {
      const stored = await withTenant(h.pool, 'acme', (client) => loadAction(client, 'acme', action));
      if (stored === undefined || actionType === undefined) throw new Error('not there');
      expect(actionDigest(actionDocument(actionType, stored))).toBe(digest);
      expect(actionDigest(actionDocument(actionType, { ...stored, onBehalfOf: 'dan' }))).not.toBe(digest);
    }
    const without = await h.request('GET', `/v1/approvals/${other.id}`, { as: 'bob' });
    expect(without.body.document).not.toHaveProperty('onBehalfOf');
  });

  test('is in the ledger, and another person is another request', async () => {
    const json = { type: TYPE, params: PARAMS, waitMs: 0, onBehalfOf: 'cleo' };
    const { id } = (await h.act({ key: 'for-cleo', json })).body;
    const { rows } = await h.superuser.query<{ entry: object }>(
      `select leaf::jsonb -> 'entry' as entry from ledger where key = 'action/' || $1 || '/requested'`,
      [id],
    );
    expect(rows[0]?.entry).toMatchObject({ onBehalfOf: 'cleo' });
    expect((await h.act({ key: 'for-cleo', json })).body.id).toBe(id);
    expect((await h.act({ key: 'for-cleo', json: { ...json, onBehalfOf: 'bob' } })).body.code).toBe(
      'idempotency_key_reused',
    );
  });

  test.each(['nobody', 'Bob', 'zed'])('is a person of the tenant: %s is not', async (onBehalfOf) => {
    await h.superuser.query(
      `insert into people (tenant, person, name) values ('rival', 'zed', 'Z') on conflict do nothing`,
    );
    const { body } = await h.act({ json: { type: TYPE, params: PARAMS, onBehalfOf } });
    expect(body).toMatchObject({ code: 'invalid_parameters', problems: [{ path: '/onBehalfOf' }] });
  });
});

describe('one human counts once:', () => {
  test('X17 a second account of one who voted is refused, whichever way they are linked', async () => {
    const request = await open({ need: 2 });
    expect((await vote(request, 'bob')).status).toBe(200);
    await h.superuser.query(`${address('bob', 'b@example.org')}; ${address('cleo', 'B+cleo@example.org')}`);
    expect(await mine('cleo')).not.toContain(request.id);
    const reply = await vote(request, 'cleo');
    expect([reply.status, reply.body.code]).toEqual([409, 'already_voted']);
    expect(await told(request)).toEqual(['cleo approve already_voted']);
    expect((await vote(request, 'cleo', { choice: 'deny', reason: 'took it back' })).status).toBe(200);
  });
});

describe('an approver of one environment', () => {
  test('decides there alone', async () => {
    await h.superuser.query(`update people set roles = '{viewer}' where tenant = 'acme' and person = 'bob'`);
    const request = await open();
    const grant = (environment: string): Promise<unknown> =>
      h.request('POST', '/v1/admin/people/bob/changes', {
        as: 'ada',
        json: { do: 'grant_role', role: 'approver', environment, reason: 'r' },
      });
    await grant('production');
    expect((await vote(request, 'bob')).body.code).toBe('not_entitled');
    expect(await mine('bob')).not.toContain(request.id);
    await grant('test'); // where the agent is
    expect(await mine('bob')).toContain(request.id);
    expect((await vote(request, 'bob')).status).toBe(200);
    await h.superuser.query(`update people set roles = '{approver}' where tenant = 'acme' and person = 'bob'`);
  });
});
