import { type Client } from 'pg';
import { issueRole } from '../../../providers/postgres/issue-role';
import { roleName } from '../../../providers/postgres/role-name';
import { callOf } from './call-of';
import { type Minting, startMinting } from './minting';

let minting: Minting;
let grants = 0;

beforeAll(async () => void (minting = await startMinting()));
afterAll(() => minting.end());

const profile = (): string => minting.books.target.operations['post']?.profile ?? '';
const isThere = async (role: string): Promise<boolean> =>
  (await minting.books.rows('select from pg_roles where rolname = $1', [role])).length > 0;

interface Login {
  readonly grantId: string;
  readonly role: string;
  readonly client: Client;
  readonly again: () => Promise<Client>;
}

/** What an agent has that was lent access: it logs in, and does there what it likes. */
async function login(): Promise<Login> {
  const grantId = `hostile-${++grants}`;
  const issue = { profile: profile(), connections: 3, leftMs: () => 60_000, allowSuperuser: false };
  const { role, password } = await issueRole(minting.minter as never, { role: roleName(grantId), ...issue });
  const again = (): Promise<Client> => minting.books.loginAs(role, password);
  return { grantId, role, client: await again(), again };
}

const LOCK = 'select pg_advisory_lock(hashtextextended($1::text, 0))';

describe('X55 an agent that does not want to be revoked', () => {
  it.each<[string, (own: Login) => Promise<unknown>]>([
    ['holds the lock under which its role is ended', ({ client, role }) => client.query(LOCK, [role])],
    [
      'holds it, and waits for it in a second session',
      async ({ client, role, again }) => {
        await client.query(LOCK, [role]);
        const second = await again();
        void Promise.allSettled([second.query(LOCK, [role])]);
      },
    ],
    [
      'holds the row of its role',
      async ({ client, role }) => {
        await client.query('begin');
        await client.query(`alter role ${role} password 'mine'`);
      },
    ],
  ])('%s, and is revoked at once all the same', async (_, resist) => {
    const own = await login();
    await resist(own);
    expect(await minting.revoke(own.grantId)).toEqual({ kind: 'revoked' });
    await expect(own.client.query('select from entries')).rejects.toThrow();
    expect(await isThere(own.role)).toBe(false);
  });

  it('has another login of ours hold the lock, which is let go of', async () => {
    const [own, other] = [await login(), await login()];
    await other.client.query(LOCK, [own.role]);
    expect(await minting.revoke(own.grantId)).toEqual({ kind: 'revoked' });
    await expect(own.client.query('select from entries')).rejects.toThrow();
    expect(await isThere(own.role)).toBe(false);
    expect(await isThere(other.role)).toBe(true);
    expect(await minting.revoke(other.grantId)).toEqual({ kind: 'revoked' });
  });
});

describe('X88 an agent that may make functions', () => {
  const BACKDOOR = 'backdoor_of_an_agent';
  beforeAll(async () => void (await minting.books.rows(`grant create on schema public to ${profile()}`)));
  afterAll(async () => {
    await minting.books.rows(`revoke create on schema public from ${profile()}`);
    await minting.books.rows(`drop role if exists ${BACKDOOR}`);
  });

  /** Named like those of the server that we call, and a better fit for what is given to them. */
  const plant = async ({ client }: Login, then: string): Promise<unknown> =>
    await client.query(`
      create function public.hashtextextended(text, integer) returns bigint language plpgsql as
        $$ begin ${then}; return pg_catalog.hashtextextended($1, $2); end $$;
      create function public.slower(float8, integer) returns float8 language plpgsql as
        $$ begin ${then}; return $1 / $2::float8; end $$;
      create operator public./ (leftarg = float8, rightarg = integer, function = public.slower)`);

  it('has none of them run as the minter', async () => {
    const own = await login();
    const backdoor = `if current_user = '${minting.books.target.minter.role}' and not exists (select from pg_roles where rolname = '${BACKDOOR}') then
      create role ${BACKDOOR} login; end if`;
    await plant(own, backdoor);
    const call = callOf(minting.books.target);
    expect(await minting.provider.execute(call)).toMatchObject({ kind: 'done' });
    expect(await minting.revoke(call.grantId)).toEqual({ kind: 'revoked' });
    expect(await minting.revoke(own.grantId)).toEqual({ kind: 'revoked' });
    expect(await isThere(BACKDOOR)).toBe(false);
  });

  it('has none of them run as the login of another call', async () => {
    const own = await login();
    await plant(
      own,
      `if current_user <> '${own.role}' then insert into entries (account, amount_minor) values ('planted', 1); end if`,
    );
    const call = callOf(minting.books.target);
    expect(await minting.provider.execute(call)).toMatchObject({ kind: 'done' });
    expect(await minting.books.rows(`select from entries where account = 'planted'`)).toEqual([]);
    for (const grantId of [call.grantId, own.grantId])
      expect(await minting.revoke(grantId)).toEqual({ kind: 'revoked' });
  });
});

describe('a forgotten role that cannot be ended', () => {
  it('keeps no other from being swept', async () => {
    const [stuck, forgotten] = [await login(), await login()].sort((one, other) => (one.role < other.role ? -1 : 1));
    if (stuck === undefined || forgotten === undefined) throw new Error('two logins were made');
    await minting.books.rows(`create table held_by_${stuck.role} ()`);
    await minting.books.rows(`alter table held_by_${stuck.role} owner to ${stuck.role}`);
    await minting.books.rows(`create view seen as select from held_by_${stuck.role}`);
    for (const { role } of [stuck, forgotten]) await minting.books.rows(`alter role ${role} valid until '2020-01-01'`);
    expect(await minting.provider.sweep(minting.books.target)).toEqual({
      kind: 'swept',
      ended: [forgotten.role],
      left: [stuck.role],
    });
    expect(await isThere(forgotten.role)).toBe(false);
    await expect(stuck.client.query('select from entries')).rejects.toThrow();
    await minting.books.rows('drop view seen');
    expect(await minting.provider.sweep(minting.books.target)).toEqual({
      kind: 'swept',
      ended: [stuck.role],
      left: [],
    });
  });
});
