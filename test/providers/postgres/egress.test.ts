import { type LookupAddress } from 'node:dns';
import { createPostgresProvider, type PostgresProvider } from '../../../providers/postgres/create-postgres-provider';
import { type Resolve } from '../../../providers/pinned-lookup';
import { createTargetDatabase, type TargetDatabase } from '../../helpers/target-database';
import { callOf } from './call-of';

let books: TargetDatabase;
beforeAll(async () => (books = await createTargetDatabase()));
afterAll(() => books.drop());

const v4 = (address: string): LookupAddress => ({ address, family: 4 });
const FORBIDDEN = { kind: 'failed', code: 'target_address_forbidden' };

async function using<T>(resolve: Resolve, work: (provider: PostgresProvider) => Promise<T>): Promise<T> {
  const secret = (): string => books.minterPassword;
  const provider = createPostgresProvider({
    ...{ addresses: {}, secret, production: false, onLost: () => undefined, resolve },
  });
  try {
    return await work(provider);
  } finally {
    await provider.close();
  }
}

/** The same database, by a name. */
const named = (): TargetDatabase['target'] => {
  const url = new URL(books.target.address);
  url.hostname = 'books.test';
  return { ...books.target, address: url.href };
};

describe('X60 names of databases', () => {
  it.each([
    ['metadata', [v4('169.254.169.254')]],
    ['a good address and a bad one', [v4('127.0.0.1'), v4('169.254.169.254')]],
    ['everybody', [v4('255.255.255.255')]],
    ['nothing', []],
  ])('one that leads to %s is refused, and nothing is asked there', async (_, addresses) => {
    const call = callOf(named());
    await using(
      () => Promise.resolve(addresses),
      async (provider) => {
        expect(await provider.execute(call)).toEqual(FORBIDDEN);
        expect(await provider.status(call)).toEqual({ kind: 'unanswered', code: FORBIDDEN.code });
      },
    );
  });

  it('one is resolved once for each connection, and what was judged is what is connected to', async () => {
    const asked: string[] = [];
    // Rebinding: the minter is shown the database, and who logs in after it something else.
    const resolve = (host: string): Promise<readonly LookupAddress[]> =>
      Promise.resolve([v4(asked.push(host) <= 2 ? books.host : '169.254.169.254')]);
    await using(resolve, async (provider) => {
      const calls = [callOf(named()), callOf(named())] as const;
      expect(await provider.execute(calls[0])).toMatchObject({ kind: 'done' });
      expect(asked).toEqual(['books.test', 'books.test']);
      expect(await provider.execute(calls[1])).toEqual(FORBIDDEN);
      expect(asked).toHaveLength(3);
      for (const { grantId, target } of calls)
        expect(await provider.revoke({ grantId, target, expired: false })).toEqual({ kind: 'revoked' });
    });
  });
});

describe('X60 addresses of databases', () => {
  it.each(['169.254.169.254', '[fd00:ec2::254]', '0.0.0.0', '[::ffff:169.254.169.254]'])('%s is none', async (host) => {
    const target = { ...books.target, address: `postgres://${host}:5432/books?sslmode=disable` };
    await using(
      () => Promise.reject(new Error('a literal address was resolved')),
      async (provider) => expect(await provider.execute(callOf(target))).toEqual(FORBIDDEN),
    );
  });
});
