import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { type Credential, type JsonObject } from '../../client';
import { type Finding, type Reconciliation } from '../../domain/reconciliation';
import { waitUntil } from '../../stack/wait-until';
import { ended, vote } from '../helpers/pay';
import { checkInvariants } from '../helpers/check-invariants';
import { type Lending, sqlState, startLending } from '../helpers/lending';
import { runCountersign } from '../helpers/run-countersign';
import { testServers } from '../setup/servers';
import { moveFenceAt } from '../helpers/move-fence';

let lending: Lending;
beforeAll(async () => (lending = await startLending()), 60_000);
afterEach(async () => await lending.hangUp());
afterAll(async () => await lending.stop());

describe('access of an agent’s own', () => {
  it('G1 X57 does what its profile may, and is refused everything else', async () => {
    const handle = await lending.ask();
    const credential = await lending.claim(handle);
    const session = await lending.login(credential);
    expect((await session.query('select count(*)::integer as n from entries')).rows).toEqual([{ n: 0 }]);
    for (const sql of [
      'select * from payroll',
      `insert into entries (account, amount_minor) values ('x', 1)`,
      'create table mine ()',
      'create temporary table mine ()',
      'create role other login',
      `alter role current_user valid until 'infinity'`,
      `set role ${lending.books.target.operations['post']?.profile ?? ''}`,
    ])
      expect([sql, await sqlState(session.query(sql))]).toEqual([sql, '42501']);
    const own = new URL(lending.spine.database.ownerUrl).pathname.slice(1);
    for (const database of [own, new URL(testServers().superuserUrl).pathname.slice(1)])
      if (database !== 'postgres')
        expect([database, await sqlState(lending.login(credential, database))]).toEqual([database, '42501']);
    await lending.login(credential);
    await lending.login(credential);
    expect(await sqlState(lending.login(credential))).toBe('53300'); // three at once
    expect(Date.parse(credential.expiresAt) - Date.now()).toBeLessThanOrEqual(60_000);
    await handle.complete();
  });

  it('G8 X55 ends within a second of being given back: login, sessions and role; and its report is marked as the agent’s own', async () => {
    const handle = await lending.ask();
    const credential = await lending.claim(handle);
    const session = await lending.login(credential);
    const outcome = await handle.complete({ result: { rows: 12 } });
    expect(outcome).toMatchObject({ kind: 'executed', result: { look: { reportedByAgent: { rows: 12 } } } });
    const { rows } = await lending.spine.auditor.query<{ tookMs: number }>(
      `select extract(epoch from revoked_at - returned_at)::float8 * 1000 as "tookMs" from grants where action = $1`,
      [handle.id],
    );
    expect(rows[0]?.tookMs).toBeLessThan(1_000);
    await lending.expectDead(credential, session);
    expect(await lending.eventsOf(handle.id)).toEqual([
      ...['action.requested', 'action.decided', 'effect.begun', 'grant.claimed', 'grant.minted', 'grant.returned'],
      ...['grant.ended', 'effect.done', 'action.settled'],
    ]);
    const unused = await lending.spine.auditor.query(
      `select (leaf::jsonb -> 'entry' ->> 'unusedMs')::integer as ms from ledger where key = $1`,
      [`grant/${credential.grant}/returned`],
    );
    expect(unused.rows[0]?.ms).toBeGreaterThan(30_000);
  });

  it('X57 is each action’s own: of two on the same right, the end of one leaves the other as it was', async () => {
    const handles = [await lending.ask(), await lending.ask()] as const;
    const [first, second] = [await lending.claim(handles[0]), await lending.claim(handles[1])];
    const sessions = [await lending.login(first), await lending.login(second)] as const;
    expect(new Set([first.user, second.user, first.password, second.password]).size).toBe(4);
    expect((await handles[0].complete()).kind).toBe('executed');
    expect(await sqlState(sessions[0].query('select 1'))).not.toBeUndefined();
    expect(await sqlState(lending.login(first))).toBe('28P01');
    expect((await sessions[1].query('select count(*)::integer as n from entries')).rows).toEqual([{ n: 0 }]);
    expect(await sqlState(lending.login({ ...second, password: first.password }))).toBe('28P01');
    await lending.login(second);
    expect((await handles[1].complete()).kind).toBe('executed');
    await lending.expectDead(second, sessions[1]);
  });

  it('ends with the work that it was for, also where that throws', async () => {
    const { agent } = lending;
    const sessions: Client[] = [];
    const roles: string[] = [];
    const count = async (credential: Credential): Promise<JsonObject> => {
      const session = await lending.login(credential);
      sessions.push(session);
      roles.push(...(await lending.books.jitRoles()));
      return (await session.query<JsonObject>('select count(*)::integer as n from entries')).rows[0] ?? {};
    };
    const options = { key: randomUUID(), waitMs: 20_000 };
    const outcome = await agent.withGrant('books.look', { why: 'to count' }, options, count);
    expect(outcome).toMatchObject({ kind: 'executed', result: { look: { reportedByAgent: { n: 0 } } } });
    const failing = agent.withGrant(
      'books.look',
      { why: 'to fail' },
      { ...options, key: randomUUID() },
      async (given) => {
        await count(given);
        throw new Error('a bug of the agent');
      },
    );
    await expect(failing).rejects.toThrow('a bug of the agent');
    await waitUntil(async () => (await lending.books.jitRoles()).length === 0, { what: 'A role', withinMs: 5_000 });
    expect(roles).toHaveLength(2);
    for (const session of sessions) expect(await sqlState(session.query('select 1'))).not.toBeUndefined();
  });

  it.each<[string, JsonObject, object]>([
    ['is too large', { text: 'x'.repeat(17_000) }, { code: 'invalid_parameters' }],
    ['is larger than any body', { text: 'x'.repeat(70_000) }, { code: 'body_too_large' }],
    ['cannot be said in JSON', { rows: NaN }, { name: 'TypeError' }],
  ])('ends with the work, also where what that returns %s', async (_, report, why) => {
    const key = randomUUID();
    const done = lending.agent.withGrant('books.look', { why: 'all of it' }, { key, waitMs: 20_000 }, async (given) => {
      await lending.login(given);
      return report;
    });
    await expect(done).rejects.toMatchObject(why);
    await waitUntil(async () => (await lending.books.jitRoles()).length === 0, { what: 'A role', withinMs: 5_000 });
    const { rows } = await lending.spine.auditor.query(
      `select returned_as as "as", report from grants join actions using (tenant, action) where idempotency_key = $1`,
      [key],
    );
    expect(rows).toEqual([{ as: 'done', report: null }]);
  });

  it('ends when the agent reports that it failed', async () => {
    const handle = await lending.ask();
    const credential = await lending.claim(handle);
    const session = await lending.login(credential);
    const outcome = await handle.complete({ failed: true, result: { error: 'no such book' } });
    expect(outcome).toMatchObject({ kind: 'undone', reasons: [{ code: 'agent_failed' }] });
    await lending.expectDead(credential, session);
  });

  it('X54 X55 ends at its time, with its sessions, and says that what was done stands', async () => {
    const handle = await lending.ask('books.glance');
    const credential = await lending.claim(handle);
    const session = await lending.login(credential);
    expect(await handle.result({ waitMs: 20_000 })).toMatchObject({
      kind: 'expired',
      reasons: [{ code: 'grant_lapsed' }],
    });
    await lending.expectDead(credential, session);
    const { rows } = await lending.spine.auditor.query<{ lateMs: number }>(
      `select extract(epoch from revoked_at - expires_at)::float8 * 1000 as "lateMs" from grants where action = $1`,
      [handle.id],
    );
    expect(rows[0]?.lateMs).toBeLessThan(4_000);
  });

  it('is nothing that happened where nobody claims it', async () => {
    const handle = await lending.ask('books.glance');
    const outcome = await handle.result({ waitMs: 20_000 });
    expect(outcome).toMatchObject({ kind: 'expired', reasons: [{ code: 'grant_unclaimed' }] });
    expect(outcome.say).not.toContain('nobody decided');
    expect(await lending.eventsOf(handle.id)).not.toContain('grant.minted');
  });

  it('asks a person to look where it could change something and nobody says what it did', async () => {
    const handle = await lending.ask('books.mend');
    await vote(lending.spine, 'bob', handle.id, 'approve');
    await vote(lending.spine, 'carol', handle.id, 'approve');
    const credential = await lending.claim(handle);
    const session = await lending.login(credential);
    await session.query(`insert into entries (account, amount_minor) values ('by hand', 5)`);
    expect(await handle.complete({ failed: true })).toMatchObject({
      kind: 'undo_stuck',
      reasons: [{ code: 'agent_failed' }],
    });
    await lending.expectDead(credential, session);
    const { rows } = await lending.spine.auditor.query('select kind from tasks where action = $1', [handle.id]);
    expect(rows).toEqual([{ kind: 'undo_stuck' }]);
  });

  it('is the same for the same key, another password for another key, and nothing for a fourth', async () => {
    const handle = await lending.ask();
    const first = await lending.claim(handle);
    const session = await lending.login(first);
    expect(await lending.claim(handle)).toEqual(first);
    const second = await lending.claim(lending.agent.action(handle.id));
    expect(second.password).not.toBe(first.password);
    expect(await sqlState(session.query('select 1'))).not.toBeUndefined();
    expect(await sqlState(lending.login(first))).toBe('28P01');
    await lending.login(second);
    await expect(handle.claim()).rejects.toMatchObject({ code: 'claim_superseded', status: 409 });
    await lending.claim(lending.agent.action(handle.id));
    await expect(lending.agent.action(handle.id).claim()).rejects.toMatchObject({
      code: 'claims_exhausted',
      status: 409,
    });
    expect((await lending.eventsOf(handle.id)).filter((event) => event.startsWith('grant.'))).toEqual([
      ...['grant.claimed', 'grant.minted', 'grant.claimed', 'grant.rotated', 'grant.claimed', 'grant.rotated'],
    ]);
    expect((await handle.complete()).kind).toBe('executed');
  });

  it('is refused and ended by a fence, whoever holds it', async () => {
    const held = await lending.ask();
    const credential = await lending.claim(held);
    const session = await lending.login(credential);
    const open = await lending.ask();
    await waitUntil(
      async () => (await lending.spine.auditor.query(`select from grants where action = $1`, [open.id])).rowCount === 1,
      {
        what: 'No grant',
        withinMs: 10_000,
      },
    );
    const grants = await lending.spine.auditor.query<{ id: string }>(
      'select grant_id as id from grants where action = $1',
      [open.id],
    );
    const fence = (closed: boolean): Promise<void> =>
      moveFenceAt(lending.spine.database.superuserUrl, 'action-type:books.look', closed);
    await fence(true);
    const response = await fetch(`${lending.spine.gatewayUrl}/v1/grants/${grants.rows[0]?.id ?? ''}/claim`, {
      method: 'POST',
      headers: { authorization: `Bearer ${lending.spine.agentKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        publicKey: { kty: 'OKP', crv: 'X25519', x: 'hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo' },
      }),
    });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([409, 'grant_over']);
    await lending.expectDead(credential, session);
    expect(await ended(lending.spine, held.id)).toMatchObject({ kind: 'denied', reasons: [{ code: 'grant_lapsed' }] });
    expect(await ended(lending.spine, open.id)).toMatchObject({ kind: 'denied', reasons: [{ code: 'scope_fenced' }] });
    await fence(false);
  });

  it('X85 S21 what is planted at its database is found, and what is taken away is missed; what nobody knows is ended for a reason alone', async () => {
    const { spine, books } = lending;
    const minter = await books.loginAs(books.target.minter.role, books.minterPassword);
    const profile = books.target.operations['list']?.profile ?? '';
    const aliens = Array.from({ length: 3 }, () => `jit_${randomUUID().replaceAll('-', '').slice(8)}`);
    const neighbour = `jit_${randomUUID().slice(0, 8)}`;
    for (const role of [...aliens, neighbour])
      await minter.query(`create role "${role}" login password 'planted' in role ${profile}`);
    const holder = await lending.ask('books.study');
    const kept = await lending.claim(holder);
    const handles = await Promise.all([1, 2, 3].map(() => lending.ask('books.study')));
    const missing: Credential[] = [];
    for (const handle of handles) missing.push(await lending.claim(handle));
    for (const { user } of missing) await books.rows(`drop role ${user}`);
    const owner = new Client({ connectionString: spine.database.superuserUrl });
    await owner.connect();
    await owner.query(`update people set roles = roles || '{operator}' where person = 'bob'`);

    const env = { COUNTERSIGN_ADMIN_URL: spine.adminUrl, COUNTERSIGN_TOKEN: spine.people.bob.token };
    const reconcile = async (...more: string[]): Promise<[number, Reconciliation, Finding[]]> => {
      const { code, out } = await runCountersign(['grants', 'reconcile', '--json', ...more], env);
      const found = JSON.parse(out) as Reconciliation;
      // Other tests have minters of their own on the same server.
      return [code, found, (found.findings ?? []).filter(({ kind }) => kind !== 'foreign')];
    };
    const planted = (user: string): Promise<string | undefined> =>
      sqlState(lending.login({ ...kept, user, password: 'planted' }));
    try {
      const [code, report, found] = await reconcile();
      expect(code).toBe(1);
      const named = found.map(({ kind, role }) => [kind, role]);
      const expected = [...aliens.map((role) => ['alien', role]), ...missing.map(({ user }) => ['missing', user])];
      expect(named.toSorted()).toEqual(expected.toSorted());
      for (const role of aliens) expect([role, await planted(role)]).toEqual([role, undefined]);
      for (const credential of missing) expect(await sqlState(lending.login(credential))).toBe('28P01');

      const [, , after] = await reconcile('--end-aliens', report.id, '--reason', 'Nobody of the team knows them.');
      expect(after.filter(({ done }) => done === 'ended').map(({ role }) => role)).toEqual(aliens.toSorted());
      expect(after.filter(({ kind }) => kind === 'missing')).toHaveLength(3);
      for (const role of aliens) expect([role, await planted(role)]).toEqual([role, '28P01']);
      expect([await planted(neighbour), await sqlState(lending.login(kept))]).toEqual([undefined, undefined]);

      // What is missing ends like everything that was lent.
      for (const handle of [holder, ...handles]) expect((await handle.complete()).kind).toBe('executed');
      const [, , quiet] = await reconcile();
      expect(quiet).toEqual([]);
    } finally {
      await lending.hangUp();
      await books.rows(`drop owned by "${neighbour}"; drop role "${neighbour}"`);
      await Promise.all([minter.end(), owner.end()]);
    }
  }, 90_000);

  it('leaves every invariant standing', async () => {
    expect(await checkInvariants({ ...lending.spine, books: lending.books })).toEqual([]);
  });
});
