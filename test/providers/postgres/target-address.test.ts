import { type PostgresTarget } from '../../../domain/documents';
import { targetAddress } from '../../../providers/postgres/target-address';

const target = (address: string): PostgresTarget => ({
  ...{ id: 'books', provider: 'postgres', address, operations: {} },
  minter: { role: 'books_minter', secret: 'books-minter' },
  limits: { timeoutMs: 1, responseBytes: 1 },
});
const strict = { allowPlaintext: false, addresses: {} };

it('is host, port and database, over TLS that verifies unless the address says otherwise', () => {
  const books = { host: 'db.internal', port: 5432, database: 'books', ssl: { rejectUnauthorized: true } };
  expect(targetAddress(target('postgres://db.internal/books'), strict)).toEqual(books);
  expect(targetAddress(target('postgresql://db.internal:5432/books?sslmode=verify-full'), strict)).toEqual(books);
  expect(targetAddress(target('postgres://[::1]:6432/b%20c'), strict)).toMatchObject({
    ...{ host: '::1', port: 6432, database: 'b c' },
  });
});

it('without TLS only where that is allowed', () => {
  const plain = target('postgres://db.internal/books?sslmode=disable');
  expect(targetAddress(plain, strict)).toBeUndefined();
  expect(targetAddress(plain, { ...strict, allowPlaintext: true })).toMatchObject({ ssl: false });
});

it('of the deployment goes before that of the document', () => {
  const addresses = { books: 'postgres://other/ledger' };
  expect(targetAddress(target('postgres://db/books'), { ...strict, addresses })).toMatchObject({
    ...{ host: 'other', database: 'ledger' },
  });
});

it.each([
  'postgres://user@db/books',
  'postgres://user:password@db/books',
  'postgres://db',
  'postgres://db/',
  'postgres:///books',
  'postgres://db/books?sslmode=prefer',
  'postgres://db/books?sslmode=disable&sslmode=disable',
  'postgres://db/books?options=-crole%3Dpostgres',
  'postgres://db/books?sslmode=verify-full&host=evil',
  'http://db/books',
  '/var/run/postgresql',
  '',
])('%p is none', (address) => {
  expect(targetAddress(target(address), { ...strict, allowPlaintext: true })).toBeUndefined();
});
