import { type Client } from 'pg';
import { createPostgresProvider, type PostgresProvider } from '../../../providers/postgres/create-postgres-provider';
import { createTargetDatabase, type TargetDatabase } from '../../helpers/target-database';

export interface Minting {
  readonly books: TargetDatabase;
  readonly provider: PostgresProvider;
  /** The minter's own session: what is made by it lasts longer than a call. */
  readonly minter: Client;
  readonly revoke: (grantId: string) => ReturnType<PostgresProvider['revoke']>;
  readonly end: () => Promise<void>;
}

/** A target's database, and whoever makes and ends logins there. */
export async function startMinting(): Promise<Minting> {
  const books = await createTargetDatabase();
  const provider = createPostgresProvider({
    addresses: {},
    secret: () => books.minterPassword,
    production: false,
    onLost: () => undefined,
  });
  const minter = await books.loginAs(books.target.minter.role, books.minterPassword);
  await minter.query(`set createrole_self_grant = 'inherit'`);
  return {
    ...{ books, provider, minter },
    revoke: (grantId) => provider.revoke({ grantId, target: books.target, expired: false }),
    async end() {
      await minter.end();
      await provider.close();
      await books.drop();
    },
  };
}
