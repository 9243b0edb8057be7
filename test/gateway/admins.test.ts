import { Client } from 'pg';
import { type Harness, type Reply, secret, startHarness } from './harness';
import { changesBy, codeOf, peopleOf, REASON } from './new-person';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.stop());

const change = changesBy(() => h);

const newPerson = peopleOf(() => h);

describe('another admin', () => {
  const login = (as: string, person: string, given = secret(as)): Promise<Reply> =>
    h.request('POST', `/v1/admin/people/${person}/logins`, {
      headers: { authorization: `Bearer ${given}` },
      json: { hours: 1, ...REASON },
    });
  afterEach(() => h.superuser.query(`update people set roles = array_remove(roles, 'admin') where person <> 'ada'`));

  test('is given no login, no address and no Slack account by one admin alone, and is not taken away', async () => {
    const ben = await newPerson(['admin', 'viewer']);
    const puppet = await newPerson();
    expect(await codeOf(login('ada', ben))).toBe('second_person_needed');
    for (const what of [
      { do: 'link_slack', slackTeam: 'T1', slackUser: 'U88' },
      { do: 'unlink_slack', slackTeam: 'T1' },
      { do: 'link_address', address: 'ben@example.org' },
      { do: 'unlink_address' },
      { do: 'same', sameAs: puppet },
      { do: 'revoke_role', role: 'admin', environment: '*' },
      { do: 'leave' },
    ])
      expect([what.do, await codeOf(change('ada', ben, what))]).toEqual([what.do, 'second_person_needed']);
    expect(await codeOf(change('ada', puppet, { do: 'same', sameAs: ben }))).toBe('second_person_needed');
    const told = await h.superuser.query(
      `select from ledger where tenant = 'acme' and key = 'people-refused/ada/' || $1 || '/issue_login/second_person_needed'`,
      [ben],
    );
    expect(told.rowCount).toBe(1);
    // What takes nothing over is done, by others and by themselves.
    expect(await codeOf(change('ada', ben, { do: 'revoke_role', role: 'viewer', environment: '*' }))).toBe('done');
    expect(await codeOf(login(ben, ben))).toBe('done');
    expect(await codeOf(change(ben, ben, { do: 'revoke_role', role: 'admin', environment: '*' }))).toBe('done');
    expect(await codeOf(login('ada', ben))).toBe('done');
  });

  test('who cannot act any more is taken out by whoever owns the database, as docs/people.md says', async () => {
    const ben = await newPerson(['admin']);
    const owner = new Client({ connectionString: h.database.ownerUrl });
    await owner.connect();
    await owner.query(`set app.tenant = 'acme'`);
    await owner.query(
      `update people set roles = array_remove(roles, 'admin') where tenant = 'acme' and person = '${ben}'`,
    );
    await owner.end();
    expect(await codeOf(login('ada', ben))).toBe('done');
  });

  test('gives nothing to whoever issued a login of theirs, until they have one of their own', async () => {
    const [ben, ada] = [await newPerson(), await newPerson(['admin'])];
    const issued = await login(ada, ben);
    await h.superuser.query(`update people set roles = '{admin}' where person = $1`, [ben]);
    const roles = { do: 'grant_role', role: 'approver', environment: '*' };
    expect(await codeOf(change(ben, ada, roles))).toBe('second_person_needed');
    expect(await codeOf(change(ben, ada, { do: 'join_group', group: 'keepers' }))).toBe('second_person_needed');
    expect((await login(ben, ben, issued.body.token as string)).status).toBe(200);
    await change(ben, ben, { do: 'revoke_logins', login: issued.body.id });
    expect(await codeOf(change(ben, ada, roles))).toBe('done');
  });
});
