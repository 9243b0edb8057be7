import { type Client, type PoolClient } from 'pg';
import { Socket } from 'node:net';
import { elapsedMs } from '../../../providers/elapsed-ms';
import { beginCall } from '../../../providers/postgres/begin-call';
import { fillStatement } from '../../../providers/postgres/fill-statement';
import { issueRole } from '../../../providers/postgres/issue-role';
import { roleName } from '../../../providers/postgres/role-name';
import { runStatement } from '../../../providers/postgres/run-statement';
import { type Credential, openSession, type Session } from '../../../providers/postgres/session';
import { targetAddress } from '../../../providers/postgres/target-address';
import { type PostgresStatement } from '../../../domain/documents';
import { createTargetDatabase, type TargetDatabase } from '../../helpers/target-database';
import { callOf } from './call-of';

/** What a worker meets that was frozen (a paused machine, a long collection of garbage) and wakes up too late. */
let books: TargetDatabase;
let minter: Client;
beforeAll(async () => {
  books = await createTargetDatabase();
  minter = await books.loginAs(books.target.minter.role, books.minterPassword);
});
afterEach(() => jest.restoreAllMocks());
afterAll(async () => {
  await minter.query(`drop owned by ${roleName('frozen')}`);
  await minter.query(`drop role ${roleName('frozen')}`);
  await minter.end();
  await books.drop();
});

const sleep = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms));

async function login(leftMs: number): Promise<{ session: Session; credential: Credential }> {
  const profile = books.target.operations['post']?.profile ?? '';
  const address = targetAddress(books.target, { allowPlaintext: true, addresses: {} });
  if (address === undefined) throw new Error('no address');
  const issue = { role: roleName('frozen'), profile, connections: 1, leftMs: () => leftMs, allowSuperuser: false };
  await minter.query(`set createrole_self_grant = 'inherit'`);
  const credential = await issueRole(minter as never, issue);
  return {
    credential,
    session: await openSession({ ...address, stream: () => new Socket() }, credential, elapsedMs() + leftMs),
  };
}

it('X80 between login and beginning: the target counts the time, and nothing begins any more', async () => {
  const { session, credential } = await login(2_000);
  const call = callOf(books.target);
  const operation = books.target.operations['post'] as PostgresStatement | undefined;
  const statement = operation && fillStatement(operation, { ...call.values });
  if (statement === undefined) throw new Error('not filled');
  expect(credential.until).toMatch(/\+00$/);
  const past = { key: call.values.key, statement, until: '2020-01-01 00:00:00+00', maxBytes: 1_000 };
  expect(await runStatement(session, past)).toEqual({ kind: 'failed', code: 'not_sent' });
  expect(await books.rows('select from entries where memo = $1', [call.values.params['memo']])).toEqual([]);
  await session.close();
});

it('X80 while its role was made, which is fresh afterwards: suspended time counts, and it does not log in', async () => {
  const wall = Date.now;
  const minterThatFreezes = {
    use: async <T>(_: unknown, work: (client: PoolClient) => Promise<T>): Promise<T> => {
      const made = await work(minter as never);
      jest.spyOn(Date, 'now').mockImplementation(() => wall() + 600_000);
      return made;
    },
    addressOf: jest.fn(),
    close: async () => undefined,
  };
  const call = { ...callOf(books.target), grantId: 'frozen' };
  await expect(beginCall(minterThatFreezes, call, { allowSuperuser: false })).rejects.toMatchObject({
    code: 'not_sent',
  });
  expect(minterThatFreezes.addressOf).not.toHaveBeenCalled();
});

it('in the middle of a transaction: the server ends it, and nothing of it stands', async () => {
  const { session } = await login(400);
  await session.query('begin');
  await session.query(`insert into entries (account, amount_minor) values ('frozen', 1)`);
  await sleep(700);
  expect(await books.rows('select from pg_stat_activity where usename = $1', [roleName('frozen')])).toEqual([]);
  await expect(session.query('commit')).rejects.toThrow();
  expect(await books.rows(`select from entries where account = 'frozen'`)).toEqual([]);
  await session.close();
});
