import { join } from 'node:path';
import { readCatalogue } from '../../bundle/documents/read-catalogue';
import { readDirectory } from '../../bundle/files/read-directory';
import { packageRoot } from '../../config/paths';
import { type Books, openBooks } from '../../demo/books/open-books';
import { loginRoleOf } from '../../demo/reckoning/login-role';
import { type PostgresTarget } from '../../domain/documents';
import { type JsonObject } from '../../domain/json';
import { type ProviderCall } from '../../domain/provider';
import { createPostgresProvider, type PostgresProvider } from '../../providers/postgres/create-postgres-provider';
import { testServers } from '../setup/servers';

/** The real provider on the demo's general ledger, as the demo's own documents describe it. */
let books: Books;
let provider: PostgresProvider;
let target: PostgresTarget;

beforeAll(async () => {
  books = await openBooks(testServers().superuserUrl);
  const read = await readDirectory(join(packageRoot(), 'demo', 'policies'));
  const found = readCatalogue(read.directory.documents, read.directory.data).catalogue.targets['books'];
  if (found?.provider !== 'postgres') throw new Error('the demo has no books');
  target = found;
  provider = createPostgresProvider({
    addresses: { books: books.url },
    secret: (name) => (name === 'books-minter' ? books.minterPassword : undefined),
    production: false,
    onLost: () => undefined,
  });
});
afterAll(async () => {
  await provider.close();
  await books.close();
});

function call(
  operation: string,
  invoiceId: string,
  changes: JsonObject = {},
  steps = {},
): ProviderCall<PostgresTarget> {
  const step = operation === 'insertPosting' ? 'post/do' : 'post/undo';
  return {
    ...{
      tenant: 'demo',
      agentId: 'invoice-agent',
      actionId: `act-${invoiceId}`,
      digest: 'sha256:aa',
      target,
      operation,
    },
    values: {
      params: { invoiceId, account: '6000', amountMinor: 1_000, currency: 'EUR', ...changes },
      facts: {},
      steps,
      key: `demo/act-${invoiceId}/${step}`,
    },
    grantId: `act-${invoiceId}.${step.replace('/', '.')}.1`,
    withinMs: 2_000,
  };
}

const end = (of: ProviderCall<PostgresTarget>): Promise<object> =>
  provider.revoke({ grantId: of.grantId, target, expired: false });

test('an invoice is posted and reversed once each, and the database saw by whom', async () => {
  const insert = call('insertPosting', 'INV-1');
  const posted = await provider.execute(insert);
  expect(posted).toMatchObject({ kind: 'done', result: { account: '6000', amountMinor: 1_000, currency: 'EUR' } });
  const steps = { post: posted.kind === 'done' ? posted.result : {} };
  const reverse = call('reversePosting', 'INV-1', {}, steps);
  for (let i = 0; i < 2; i += 1) expect(await provider.undo(reverse)).toMatchObject({ kind: 'done' });
  expect(await books.rolesAlive()).toEqual([insert, reverse].map(({ grantId }) => loginRoleOf(grantId)).sort());
  await Promise.all([insert, reverse].map(end));
  expect(await books.rolesAlive()).toEqual([]);
  expect(await books.rolesSeen()).toEqual([insert, reverse].map(({ grantId }) => loginRoleOf(grantId)).sort());
  expect(await books.witness()).toMatchObject([
    { operation: 'insertPosting', tokenId: loginRoleOf(insert.grantId), actionId: 'act-INV-1', amountMinor: 1_000 },
    { operation: 'reversePosting', tokenId: loginRoleOf(reverse.grantId), actionId: 'act-INV-1', amountMinor: -1_000 },
  ]);
});

test('an account that does not exist is refused by the books themselves', async () => {
  const before = await books.witness();
  const insert = call('insertPosting', 'INV-2', { account: '9999' });
  expect(await provider.execute(insert)).toEqual({ kind: 'failed', code: 'target_refused_23503' });
  await end(insert);
  expect(await books.witness()).toEqual(before);
});

test('whoever posts to an account that is held runs out of time and changes nothing', async () => {
  const before = await books.witness();
  const insert = call('insertPosting', 'INV-3', { account: '6815' });
  const hold = await books.holdAccount('6815');
  const [posted] = await Promise.all([provider.execute(insert), hold.happened]);
  expect(posted).toMatchObject({ kind: 'failed' });
  await end(insert);
  expect(await books.witness()).toEqual(before);
});
