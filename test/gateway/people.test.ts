import { createHash, randomBytes } from 'node:crypto';
import { type Harness, type Reply, startHarness } from './harness';
import { changesBy, codeOf, peopleOf, REASON } from './new-person';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.stop());

const change = changesBy(() => h);
const add = (id: string, more: object = {}): Promise<Reply> =>
  h.request('POST', '/v1/admin/people', { as: 'ada', json: { id, name: id, ...REASON, ...more } });

interface Leaf {
  readonly entry: Record<string, unknown>;
  readonly body: string | null;
}
const ledger = async (event: string, tenant = 'acme'): Promise<Leaf[]> => {
  const { rows } = await h.superuser.query<{ leaf: string; body: string | null }>(
    `select l.leaf, b.body from ledger l left join ledger_bodies b using (tenant, seq)
     where l.tenant = $1 and l.leaf::jsonb -> 'entry' ->> 'event' = $2 order by seq`,
    [tenant, event],
  );
  return rows.map(({ leaf, body }) => ({ entry: (JSON.parse(leaf) as { entry: Leaf['entry'] }).entry, body }));
};

const newPerson = peopleOf(() => h);

describe('an admin', () => {
  test('adds somebody, who is in the ledger by id and beside it by name', async () => {
    const reply = await add('dana', { name: 'Dana Osei', address: 'dana@example.org' });
    expect([reply.status, reply.body]).toMatchObject([
      200,
      { id: 'dana', name: 'Dana Osei', state: 'active', roles: [], address: 'dana@example.org' },
    ]);
    expect(await codeOf(add('dana', { name: 'Dana Osei', address: 'dana@example.org' }))).toBe('done');
    expect(await codeOf(add('dana', { name: 'Another Dana' }))).toBe('person_exists');
    const entries = (await ledger('person.added')).filter(({ entry }) => entry['person'] === 'dana');
    expect(entries).toMatchObject([
      { entry: { actor: 'ada', person: 'dana' }, body: expect.stringContaining('Dana Osei') },
    ]);
    expect(JSON.stringify(entries.map(({ entry }) => entry))).not.toMatch(/Osei|example/);
  });

  test('must say why', async () => {
    const person = await newPerson();
    for (const reason of ['', undefined])
      expect((await change('ada', person, { do: 'leave', reason })).body.code).toBe('invalid_parameters');
    expect((await change('ada', person, { do: 'leave', reason: '  ' })).body.code).toBe('reason_required');
  });

  test('gives a role in one environment, and takes it away everywhere', async () => {
    const person = await newPerson();
    const given = await change('ada', person, { do: 'grant_role', role: 'approver', environment: 'production' });
    expect(given.body).toMatchObject({ roles: [], rolesIn: [{ role: 'approver', environment: 'production' }] });
    await change('ada', person, { do: 'grant_role', role: 'approver', environment: '*' });
    const taken = await change('ada', person, { do: 'revoke_role', role: 'approver', environment: '*' });
    expect(taken.body).toMatchObject({ roles: [], rolesIn: [] });
    const told = [...(await ledger('role.granted')), ...(await ledger('role.revoked'))].map(({ entry }) => entry);
    expect(told.filter((entry) => entry['person'] === person)).toMatchObject([
      { actor: 'ada', role: 'approver', environment: 'production' },
      { environment: '*' },
      { environment: '*' },
    ]);
  });

  test('issues a login that is shown once, works, and can be ended', async () => {
    const person = await newPerson(['viewer']);
    const issued = await h.request('POST', `/v1/admin/people/${person}/logins`, {
      as: 'ada',
      json: { hours: 1, ...REASON },
    });
    const headers = { authorization: `Bearer ${issued.body.token}` };
    expect((await h.request('GET', '/v1/me', { headers })).body).toMatchObject({ id: person });
    const { body } = await h.request('GET', '/v1/admin/people?limit=100', { as: 'ada' });
    const listed = body.people.find(({ id }: { id: string }) => id === person);
    expect(listed.logins).toContainEqual({
      id: issued.body.id,
      issuedBy: 'ada',
      expiresAt: expect.any(String),
    });
    expect(JSON.stringify([await ledger('login.issued'), body])).not.toContain(issued.body.token);
    await change('ada', person, { do: 'revoke_logins', login: issued.body.id });
    expect((await h.request('GET', '/v1/me', { headers })).status).toBe(401);
    expect((await h.request('GET', '/v1/me', { as: person })).status).toBe(200);
    await change('ada', person, { do: 'leave' });
    expect((await h.request('GET', '/v1/me', { as: person })).status).toBe(401);
  });

  test('X28 registers no address and no name that could be read as another', async () => {
    for (const address of ['"a@evil.com x"@corp.com', 'a@corp.com\r\nBcc: b@corp.com', '\u0430@corp.com'])
      expect((await add('mallory', { address })).body.problems).toMatchObject([{ path: '/address' }]);
    expect((await add('mallory', { name: 'Mallory\r\nBcc: x' })).body.problems).toMatchObject([{ path: '/name' }]);
    expect((await h.superuser.query(`select from people where person = 'mallory'`)).rowCount).toBe(0);
  });

  test('links an address and a Slack account to one person alone', async () => {
    const [one, other] = [await newPerson(), await newPerson()];
    const slack = { do: 'link_slack', slackTeam: 'T1', slackUser: 'U77' };
    expect(await codeOf(change('ada', one, slack))).toBe('done');
    expect(await codeOf(change('ada', one, slack))).toBe('done');
    expect(await codeOf(change('ada', other, slack))).toBe('identity_taken');
    expect(await codeOf(change('ada', one, { do: 'link_address', address: 'one@example.org' }))).toBe('done');
    expect(await codeOf(change('ada', other, { do: 'link_address', address: 'ONE@example.org' }))).toBe(
      'identity_taken',
    );
    expect(await codeOf(change('ada', one, { do: 'unlink_slack', slackTeam: 'T1' }))).toBe('done');
    expect(await codeOf(change('ada', other, slack))).toBe('done');
  });
});

describe('nobody', () => {
  test('but an admin changes people', async () => {
    for (const as of ['max', 'bob', 'vic', 'olga'])
      expect([as, await codeOf(change(as, 'nil', { do: 'join_group', group: 'keepers' }))]).toEqual([as, 'forbidden']);
    expect((await change('foreign-ada', 'dana', { do: 'leave' })).body.code).toBe('not_found');
  });

  test.each([
    { do: 'grant_role', role: 'approver', environment: '*' },
    { do: 'grant_role', role: 'operator', environment: 'test' },
    { do: 'join_group', group: 'keepers' },
    { do: 'unlink_address' },
    { do: 'unlink_slack', slackTeam: 'T1' },
  ])('changes $do in favour of themselves, nor of a second account', async (what) => {
    const second = await newPerson();
    expect(await codeOf(change('ada', 'ada', what))).toBe('own_change');
    expect((await ledger('people.refused')).map(({ entry }) => entry)).toContainEqual(
      expect.objectContaining({ actor: 'ada', person: 'ada', change: what.do, code: 'own_change' }),
    );
    await change('ada', second, { do: 'same', sameAs: 'ada' });
    expect(await codeOf(change('ada', second, what))).toBe('own_change');
    await h.superuser.query('update people set human = null');
  });

  test('takes the last admin away', async () => {
    expect(await codeOf(change('ada', 'ada', { do: 'leave' }))).toBe('last_admin');
    expect(await codeOf(change('ada', 'ada', { do: 'revoke_role', role: 'admin', environment: '*' }))).toBe(
      'last_admin',
    );
  });
});

describe('a further admin', () => {
  const propose = (person: string): Promise<string> => codeOf(change('ada', person, { do: 'propose_admin' }));
  const confirm = (as: string, person: string): Promise<string> =>
    codeOf(h.request('POST', `/v1/admin/people/${person}/confirm-admin`, { as, json: REASON }));
  const isAdmin = async (person: string): Promise<boolean> =>
    (
      await h.superuser.query(`select from people where tenant = 'acme' and person = $1 and 'admin' = any (roles)`, [
        person,
      ])
    ).rowCount === 1;
  afterEach(() => h.superuser.query(`update people set roles = array_remove(roles, 'admin') where person <> 'ada'`));

  test('is not made by granting a role', async () => {
    const reply = await change('ada', 'vic', { do: 'grant_role', role: 'admin', environment: '*' });
    expect(reply.status).toBe(400);
  });

  test('needs a second human: with one admin, an owner or operator who is neither the proposer nor the candidate', async () => {
    const candidate = await newPerson(['operator']);
    const second = await newPerson(['operator']);
    await change('ada', second, { do: 'same', sameAs: candidate });
    expect(await confirm('max', candidate)).toBe('not_found');
    expect(await propose(candidate)).toBe('done');
    for (const as of ['ada', candidate, second, 'bob', 'vic'])
      expect([as, await confirm(as, candidate)]).toEqual([as, 'second_person_needed']);
    expect(await isAdmin(candidate)).toBe(false);
    await confirm('vic', candidate);
    const refused = (await ledger('people.refused')).filter(({ entry }) => entry['person'] === candidate);
    expect(refused.map(({ entry }) => entry['actor'])).toEqual(['ada', candidate, second, 'bob', 'vic']);
    expect(refused[0]?.entry).toMatchObject({ change: 'confirm_admin', code: 'second_person_needed' });
    expect(await confirm('max', candidate)).toBe('done');
    expect(await isAdmin(candidate)).toBe(true);
    expect((await ledger('admin.appointed')).map(({ entry }) => entry)).toContainEqual(
      expect.objectContaining({ person: candidate, proposedBy: 'ada', actor: 'max' }),
    );
  });

  test('needs another admin, where there is one', async () => {
    const [admin, candidate] = [await newPerson(['admin']), await newPerson()];
    await propose(candidate);
    expect(await confirm('max', candidate)).toBe('second_person_needed');
    expect(await confirm(admin, candidate)).toBe('done');
  });

  test('is not confirmed by an admin who has a login from the proposer', async () => {
    const [ben, candidate] = [await newPerson(['admin']), await newPerson()];
    await h.superuser.query(`update person_tokens set issued_by = 'ada' where person = $1`, [ben]);
    await propose(candidate);
    expect(await confirm(ben, candidate)).toBe('second_person_needed');
    await h.superuser.query(`update person_tokens set issued_by = person where person = $1`, [ben]);
    expect(await confirm(ben, candidate)).toBe('done');
  });

  test('needs another admin even where the proposer made that one look like an account of their own', async () => {
    const [ben, candidate] = [await newPerson(['admin']), await newPerson()];
    await h.superuser.query(`insert into person_addresses (tenant, person, address) values ('acme', $1, 'ben@b.org')`, [
      ben,
    ]);
    await change('ada', 'ada', { do: 'link_address', address: 'ben+x@b.org' });
    await propose(candidate);
    expect(await confirm('max', candidate)).toBe('second_person_needed');
    expect(await codeOf(change('ada', ben, { do: 'leave' }))).toBe('second_person_needed');
    await h.superuser.query(`delete from person_addresses where address like '%@b.org'`);
  });

  test('is not made by a proposal that lapsed, or whose author is no admin any more', async () => {
    const [lapsed, orphan, other] = [await newPerson(), await newPerson(), await newPerson(['admin'])];
    await propose(lapsed);
    await h.superuser.query('update admin_proposals set expires_at = now() where person = $1', [lapsed]);
    expect(await confirm(other, lapsed)).toBe('not_found');
    expect(await codeOf(change(other, orphan, { do: 'propose_admin' }))).toBe('done');
    await h.superuser.query(`update people set state = 'left' where person = $1`, [other]);
    expect(await confirm('ada', orphan)).toBe('second_person_needed'); // an admin, and a third one
  });
});

describe('the first admin', () => {
  const redeem = (given: string): Promise<Reply> => h.request('POST', '/v1/init', { json: { secret: given } });
  async function offer(tenant: string, person = 'robin'): Promise<string> {
    const given = `countersign_init_${randomBytes(32).toString('base64url')}`;
    await h.superuser.query('insert into tenants (tenant, name) values ($1, $1) on conflict do nothing', [tenant]);
    await h.superuser.query(
      `insert into init_links (tenant, secret_hash, person, name, address) values ($1, $2, $3, 'Robin', 'robin@example.org')`,
      [tenant, createHash('sha256').update(given).digest(), person],
    );
    return given;
  }

  test('comes in by a secret that works once', async () => {
    const given = await offer('newly');
    const { status, body } = await redeem(given);
    expect([status, body]).toMatchObject([200, { tenant: 'newly', person: 'robin' }]);
    const me = await h.request('GET', '/v1/me', { headers: { authorization: `Bearer ${body.token}` } });
    expect(me.body).toMatchObject({ tenant: 'newly', id: 'robin', roles: ['admin'] });
    expect((await ledger('admin.appointed', 'newly')).map(({ entry }) => entry['person'])).toEqual(['robin']);
    await h.superuser.query(`update people set roles = '{}' where tenant = 'newly'`);
    expect((await redeem(given)).body.code).toBe('init_link_spent');
  });

  test('X82 does not come in after its time, nor when there is an admin; that is in the ledger', async () => {
    const late = await offer('lately');
    await h.superuser.query(`update init_links set expires_at = now() where tenant = 'lately'`);
    expect([(await redeem(late)).status, (await redeem(late)).body.code]).toEqual([410, 'init_link_spent']);
    expect((await ledger('init.refused', 'lately')).map(({ entry }) => entry['code'])).toEqual(['init_link_spent']);
    const second = await offer('acme');
    expect((await redeem(second)).body.code).toBe('init_closed');
    expect(await ledger('init.refused')).toHaveLength(1);
  });

  test('of two who redeem at once, for one tenant, only one comes in', async () => {
    const [one, other] = [await offer('racing'), await offer('racing', 'someone')];
    const replies = await Promise.all([one, other, one, other].map(redeem));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    const { rowCount } = await h.superuser.query(
      `select from people where tenant = 'racing' and 'admin' = any (roles)`,
    );
    expect(rowCount).toBe(1);
  });

  test('a secret that nobody gave out is nobody’s, and counted', async () => {
    expect((await redeem('countersign_init_guess-guess')).status).toBe(401);
    await h.deps.strangers.flush();
    const { rowCount } = await h.superuser.query(`select from security_events where kind = 'unknown_init_secret'`);
    expect(rowCount).toBe(1);
  });
});

describe('an operator of one environment', () => {
  test('sees and ends the actions of that environment alone', async () => {
    const [here, there] = [await newPerson(), await newPerson()];
    await change('ada', here, { do: 'grant_role', role: 'operator', environment: 'test' });
    await change('ada', there, { do: 'grant_role', role: 'operator', environment: 'production' });
    const { id } = (await h.act()).body;
    const statuses = async (as: string): Promise<unknown[]> => [
      (await h.request('GET', `/v1/admin/actions/${id}`, { as })).status,
      (await h.request('GET', '/v1/admin/actions', { as })).body.actions.length > 0,
      (await h.request('POST', `/v1/admin/actions/${id}/cancel`, { as, json: { reason: 'x' } })).status,
    ];
    expect(await statuses(there)).toEqual([403, false, 403]);
    expect(await statuses(here)).toEqual([200, true, 202]);
  });
});
