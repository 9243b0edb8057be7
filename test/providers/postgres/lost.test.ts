import { createPostgresProvider, type PostgresProvider } from '../../../providers/postgres/create-postgres-provider';
import { createTargetDatabase, type TargetDatabase } from '../../helpers/target-database';
import { callOf } from './call-of';
import { type Proxy, startProxy } from './proxy';

let books: TargetDatabase;
let proxy: Proxy;
let provider: PostgresProvider;
const lostConnections: unknown[] = [];

beforeAll(async () => {
  books = await createTargetDatabase();
  proxy = await startProxy(books.host, books.port);
  provider = createPostgresProvider({
    addresses: {},
    secret: () => books.minterPassword,
    production: false,
    onLost: (lost) => lostConnections.push(lost),
  });
});
afterAll(async () => {
  await provider.close();
  await proxy.close();
  await books.drop();
});

/** COMMIT as it is sent in a session of a call; the minter sends its own otherwise. */
const COMMIT = '\0commit\0';

const entriesOf = (memo: unknown): Promise<object[]> => books.rows('select id from entries where memo = $1', [memo]);

describe('F6 a connection that is lost', () => {
  it.each([
    ['while the role is made', { at: 'create role', when: 'before' }, 'not_sent'],
    ['after the role was made', { at: 'create role', when: 'after' }, 'not_sent'],
    ['while the role logs in', { at: 'user\0jit_', when: 'after' }, 'not_sent'],
    ['before the statement', { at: 'insert into entries', when: 'before' }, 'not_committed'],
    ['after the statement', { at: 'insert into entries', when: 'after' }, 'not_committed'],
    ['after the marker', { at: 'insert into countersign.markers', when: 'after' }, 'not_committed'],
  ] as const)('%s changed nothing, and says so', async (_, cut, code) => {
    const call = callOf(proxy.through(books.target));
    proxy.cutNext(cut);
    expect(await provider.execute(call)).toEqual({ kind: 'failed', code });
    expect(await provider.revoke({ grantId: call.grantId, target: call.target, expired: false })).toEqual({
      kind: 'revoked',
    });
    expect(await provider.status({ ...call, grantId: `${call.grantId}.status` })).toEqual({ kind: 'absent' });
    expect(await entriesOf(call.values.params['memo'])).toEqual([]);
  });

  it('before COMMIT arrived is unknown, and then absent', async () => {
    const call = callOf(proxy.through(books.target));
    proxy.cutNext({ at: COMMIT, when: 'before' });
    expect(await provider.execute(call)).toEqual({ kind: 'unknown', code: 'target_connection_lost' });
    await provider.revoke({ grantId: call.grantId, target: call.target, expired: false });
    expect(await provider.status({ ...call, grantId: `${call.grantId}.status` })).toEqual({ kind: 'absent' });
    expect(await entriesOf(call.values.params['memo'])).toEqual([]);
  });

  it('X62 after COMMIT was done is unknown, and then found; sent again it is not done twice', async () => {
    const call = callOf(proxy.through(books.target));
    proxy.cutNext({ at: COMMIT, when: 'after' });
    expect(await provider.execute(call)).toEqual({ kind: 'unknown', code: 'target_connection_lost' });
    const found = await provider.status({ ...call, grantId: `${call.grantId}.status` });
    expect(found).toMatchObject({ kind: 'found', result: { amountMinor: 1_250 } });
    expect(await provider.execute({ ...call, grantId: `${call.grantId}.2` })).toEqual({ ...found, kind: 'done' });
    expect(await entriesOf(call.values.params['memo'])).toHaveLength(1);
  });
});

describe('a target that is away', () => {
  it('F20 keeps a credential alive in our books until it is back', async () => {
    const call = callOf(proxy.through(books.target));
    expect(await provider.execute(call)).toMatchObject({ kind: 'done' });
    await proxy.down();
    const grant = { grantId: call.grantId, target: call.target };
    expect(await provider.revoke({ ...grant, expired: false })).toMatchObject({ kind: 'live' });
    expect(await provider.revoke({ ...grant, expired: true })).toMatchObject({ kind: 'live' });
    expect(await provider.execute(callOf(call.target))).toEqual({ kind: 'failed', code: 'not_sent' });
    expect(await provider.status(call)).toMatchObject({ kind: 'unanswered' });
    await proxy.up();
    expect(await provider.revoke({ ...grant, expired: true })).toEqual({ kind: 'revoked' });
    expect(lostConnections).not.toEqual([]);
    expect(JSON.stringify(lostConnections)).not.toContain(books.minterPassword);
  });
});

describe('X58 the password', () => {
  it('is not shown to a server that cannot prove who it is', async () => {
    const target = proxy.through(books.target);
    const before = proxy.traffic().length;
    const call = callOf({ ...target, id: 'books-tls', address: target.address.replace('?sslmode=disable', '') });
    expect(await provider.execute(call)).toEqual({ kind: 'failed', code: 'not_sent' });
    // It asked for TLS (eight bytes), was told no (one), and said nothing more.
    expect(proxy.traffic().length - before).toBe(9);
  });

  it('of the minter or of a call never crosses the line', async () => {
    const call = callOf(proxy.through(books.target));
    expect(await provider.execute(call)).toMatchObject({ kind: 'done' });
    expect(proxy.traffic()).toContain('create role');
    expect(proxy.traffic()).not.toContain(books.minterPassword);
    // A verifier where a password would be: the server, and its log, never had the password of a call.
    expect(proxy.traffic()).toMatch(/password +'SCRAM-SHA-256\$4096:/);
    expect(proxy.traffic()).not.toMatch(/password +'(?!SCRAM-SHA-256\$)/);
  });
});
