import fc from 'fast-check';
import { Client } from 'pg';
import { createPostgresProvider } from '../../../providers/postgres/create-postgres-provider';
import { issueRole } from '../../../providers/postgres/issue-role';
import { roleName } from '../../../providers/postgres/role-name';
import { type Credential } from '../../../providers/postgres/session';
import { testServers } from '../../setup/servers';
import { callOf } from './call-of';
import { type Minting, startMinting } from './minting';

let minting: Minting;
let grants = 0;

beforeAll(async () => void (minting = await startMinting()));
afterEach(async () => {
  for (let grant = 1; grant <= grants; grant++) await minting.revoke(`grant-${grant}`);
});
afterAll(() => minting.end());

const profile = (): string => minting.books.target.operations['post']?.profile ?? '';

/** A credential as a call has it, for a longer while. */
async function credential(leftMs = 60_000, as = profile()): Promise<Credential & { grantId: string }> {
  const grantId = `grant-${++grants}`;
  const issue = {
    role: roleName(grantId),
    profile: as,
    connections: 1,
    leftMs: () => leftMs,
    allowSuperuser: false,
  };
  return { ...(await issueRole(minting.minter as never, issue)), grantId };
}

/** The SQLSTATE with which a statement is refused. */
async function refusal(client: Client, sql: string): Promise<string | undefined> {
  return await client.query(sql).then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );
}

describe('G1 the role of one call', () => {
  it('may do what its profile may, and nothing else', async () => {
    const { role, password } = await credential();
    const client = await minting.books.loginAs(role, password);
    expect(await refusal(client, `insert into entries (account, amount_minor) values ('a', 1)`)).toBeUndefined();
    for (const sql of [
      'select * from payroll',
      'update entries set amount_minor = 2',
      'truncate entries',
      'create role friend',
      'create database friend',
      `alter role ${role} createrole`,
      `alter role ${role} valid until 'infinity'`,
      `set role ${profile()}`,
      `set role ${minting.books.target.minter.role}`,
      `grant ${profile()} to ${minting.books.target.minter.role}`,
      'create table public.mine ()',
      'create temporary table mine ()',
      'delete from countersign.markers',
      `update countersign.markers set result = '{}'`,
      `copy entries to program 'cat'`,
      `select pg_read_file('PG_VERSION')`,
    ])
      expect([sql, await refusal(client, sql)]).toEqual([sql, '42501']);
    await client.end();
  });

  it('is good for one connection', async () => {
    const { role, password } = await credential();
    const first = await minting.books.loginAs(role, password);
    await expect(minting.books.loginAs(role, password)).rejects.toMatchObject({ code: '53300' });
    await first.end();
  });

  it('X54 does not log in after its time, though nobody ended it', async () => {
    const { role, password } = await credential(400);
    await (await minting.books.loginAs(role, password)).end();
    await new Promise((resolve) => setTimeout(resolve, 500));
    await expect(minting.books.loginAs(role, password)).rejects.toMatchObject({ code: '28P01' });
  });

  it('has a name of 28 bytes that follows from the grant, whatever the grant is called', () => {
    for (const grantId of ['', 'ä'.repeat(200), `"; drop role x; --`, 'act-1.pay.do.1'])
      expect(roleName(grantId)).toMatch(/^jit_[0-9a-f]{24}$/);
    expect(new Set(Array.from({ length: 1_000 }, (_, index) => roleName(`act-1.pay.do.${index}`))).size).toBe(1_000);
    expect(roleName('act-1.pay.do.1')).toBe('jit_8fb2c25f4deb598275b4d920');
  });

  it('X57 is one for each call, with the profile of that call alone', async () => {
    const [one, other] = [await credential(), await credential()];
    expect(one.role).not.toBe(other.role);
    expect(
      await minting.books.rows(
        `select roleid::regrole::text as profile, admin_option, inherit_option, set_option from pg_auth_members where member = $1::regrole`,
        [one.role],
      ),
    ).toEqual([{ profile: profile(), admin_option: false, inherit_option: true, set_option: false }]);
  });
});

it('X57 whatever is granted at once, each login may do what its own profile may, and nothing of the others', async () => {
  const READER = minting.books.target.operations['list']?.profile ?? '';
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 2, maxLength: 4 }), async (writers) => {
      const logins = await Promise.all(
        writers.map(async (writes) => ({ writes, ...(await credential(60_000, writes ? profile() : READER)) })),
      );
      for (const { writes, role, password } of logins) {
        const client = await minting.books.loginAs(role, password);
        const insert = `insert into entries (account, amount_minor) values ('x57', 1)`;
        expect([writes, await refusal(client, insert)]).toEqual([writes, writes ? undefined : '42501']);
        expect(await refusal(client, 'select from entries limit 1')).toBeUndefined();
        for (const other of logins.filter((login) => login.role !== role)) {
          expect(await refusal(client, `set role ${other.role}`)).toBe('42501');
          expect(await refusal(client, `grant ${role} to ${other.role}`)).toBe('42501');
        }
        await client.end();
      }
      for (const { grantId } of logins) await minting.revoke(grantId);
    }),
    { numRuns: 8 },
  );
});

describe('G2 a revoked role', () => {
  it('X55 has no session any more, does not log in, and is gone with all it owned', async () => {
    const { role, password, grantId } = await credential();
    const open = await minting.books.loginAs(role, password);
    const { rows } = await open.query<{ oid: number }>('select lo_create(0) as oid');
    await open.query('begin');
    await open.query(`insert into entries (account, amount_minor) values ('ghost', 1)`);
    expect(await minting.revoke(grantId)).toEqual({ kind: 'revoked' });
    await expect(open.query('commit')).rejects.toThrow();
    await expect(minting.books.loginAs(role, password)).rejects.toMatchObject({ code: '28P01' });
    expect(await minting.books.rows('select from pg_roles where rolname = $1', [role])).toEqual([]);
    expect(await minting.books.rows(`select from entries where account = 'ghost'`)).toEqual([]);
    expect(await minting.books.rows('select from pg_largeobject_metadata where oid = $1', [rows[0]?.oid])).toEqual([]);
  });

  it('may be revoked again, and by several at once', async () => {
    const { grantId } = await credential();
    const all = await Promise.all(Array.from({ length: 5 }, () => minting.revoke(grantId)));
    expect(all).toEqual(Array.from({ length: 5 }, () => ({ kind: 'revoked' })));
  });

  it('G3 that was never made is revoked, from the id of its grant alone', async () => {
    expect(await minting.revoke('an intent that nobody carried out')).toEqual({ kind: 'revoked' });
  });

  it('G3 that is just being made is waited for, and ended', async () => {
    const role = roleName('in flight');
    await minting.minter.query('begin');
    await minting.minter.query('select pg_advisory_xact_lock(hashtextextended($1::text, 0))', [role]);
    await minting.minter.query(`create role ${role} login`);
    const revoking = minting.revoke('in flight');
    await new Promise((resolve) => setTimeout(resolve, 200));
    await minting.minter.query('commit');
    expect(await revoking).toEqual({ kind: 'revoked' });
    expect(await minting.books.rows('select from pg_roles where rolname = $1', [role])).toEqual([]);
  });

  it('is revoked together with the credential that asked about it', async () => {
    const call = callOf(minting.books.target);
    await minting.provider.execute(call);
    await minting.provider.status({ ...call, grantId: `${call.grantId}.status` });
    expect(await minting.books.jitRoles()).toEqual([roleName(call.grantId), roleName(`${call.grantId}.status`)].sort());
    expect(await minting.revoke(call.grantId)).toEqual({ kind: 'revoked' });
    expect(await minting.books.jitRoles()).toEqual([]);
  });

  it('stays live in our books while another database still holds something of it', async () => {
    const { role, grantId } = await credential();
    const elsewhere = new Client({ connectionString: testServers().superuserUrl });
    await elsewhere.connect();
    await elsewhere.query(`create table left_by_${role} ()`);
    await elsewhere.query(`alter table left_by_${role} owner to ${role}`);
    expect(await minting.revoke(grantId)).toEqual({ kind: 'live', code: 'target_error_2BP01' });
    await elsewhere.query(`drop table left_by_${role}`);
    await elsewhere.end();
    expect(await minting.revoke(grantId)).toEqual({ kind: 'revoked' });
  });
});

describe('a forgotten role', () => {
  it('is swept once its time was over long ago, if it is ours', async () => {
    const [forgotten, alive, late] = [await credential(), await credential(), await credential(1)];
    const foreign = roleName(`foreign ${forgotten.grantId} ${minting.books.target.minter.role}`);
    await minting.books.rows(`alter role ${forgotten.role} valid until '2020-01-01'`);
    const other = `other_${minting.books.target.minter.role}`;
    await minting.books.rows(`create role ${other} createrole`);
    await minting.books.rows(`grant ${other} to ${minting.books.target.minter.role} with inherit true`);
    await minting.books.rows(`set role ${other}`);
    await minting.books.rows(`create role ${foreign} login valid until '2020-01-01'`);
    await minting.books.rows('reset role');
    expect(await minting.provider.sweep(minting.books.target)).toEqual({
      kind: 'swept',
      ended: [forgotten.role],
      left: [],
    });
    expect(await minting.provider.sweep(minting.books.target)).toEqual({ kind: 'swept', ended: [], left: [] });
    expect(await minting.books.jitRoles()).toEqual([alive.role, late.role].sort());
    await minting.books.rows(`drop role ${foreign}, ${other}`);
  });
});

describe('the minter', () => {
  it('has no access to data of its own, and administers nobody but its profiles', async () => {
    expect(await minting.books.jitRoles()).toEqual([]);
    for (const sql of [
      'select * from entries',
      'select * from payroll',
      'select * from countersign.markers',
      `set role ${profile()}`,
      'create database friend',
      'create role friend superuser',
      'create role friend replication',
      'create role friend bypassrls',
      'alter role postgres nologin',
      'drop role countersign_worker',
      `grant pg_read_all_data to ${minting.books.target.minter.role}`,
      `grant countersign_owner to ${minting.books.target.minter.role}`,
      "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres' limit 1",
    ])
      expect([sql, await refusal(minting.minter, sql)]).toEqual([sql, '42501']);
  });

  it('X84 is refused where it is a superuser, in production', async () => {
    const superuser = new Client({ connectionString: testServers().superuserUrl });
    await superuser.connect();
    const issue = {
      role: roleName('super'),
      profile: profile(),
      connections: 1,
      leftMs: () => 1_000,
      allowSuperuser: false,
    };
    await expect(issueRole(superuser as never, issue)).rejects.toMatchObject({ code: 'target_minter_superuser' });
    await superuser.end();
    expect(await minting.books.rows('select from pg_roles where rolname = $1', [roleName('super')])).toEqual([]);
  });

  it('without its secret, or in production without TLS, does nothing', async () => {
    const options = { addresses: {}, secret: () => undefined, production: false, onLost: () => undefined };
    const call = callOf(minting.books.target);
    const grant = { grantId: call.grantId, target: call.target, expired: true };
    const poor = createPostgresProvider(options);
    expect(await poor.execute(call)).toEqual({ kind: 'failed', code: 'target_secret_missing' });
    expect(await poor.status(call)).toEqual({ kind: 'unanswered', code: 'target_secret_missing' });
    expect(await poor.revoke(grant)).toEqual({ kind: 'live', code: 'target_secret_missing' });
    expect(await poor.sweep(call.target)).toEqual({ kind: 'unanswered', code: 'target_secret_missing' });
    const open = createPostgresProvider({ ...options, secret: () => minting.books.minterPassword, production: true });
    expect(await open.execute(call)).toEqual({ kind: 'failed', code: 'target_address_forbidden' });
    expect(await open.revoke(grant)).toEqual({ kind: 'live', code: 'target_address_forbidden' });
  });
});
