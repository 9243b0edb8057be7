import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import { takeNamespace } from '../helpers/temporal';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const ask = async (url: string, query: string): Promise<unknown[]> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(query)).rows.map((row) => Object.values(row)[0]);
  } finally {
    await client.end();
  }
};

test.each(['ownerUrl', 'gatewayUrl', 'workerUrl', 'loopsUrl', 'auditorUrl'] as const)(
  'a test database lets its own role in: %s',
  async (url) => {
    expect(await ask(database[url], 'select current_user')).toEqual([`countersign_${url.replace('Url', '')}`]);
  },
);

test('the public may not connect', async () => {
  expect(
    await ask(database.superuserUrl, `select has_database_privilege('public', current_database(), 'connect')`),
  ).toEqual([false]);
});

test('a wrong password is refused', async () => {
  const url = new URL(database.gatewayUrl);
  url.password = 'wrong';
  await expect(ask(url.href, 'select 1')).rejects.toThrow(/password authentication failed/);
});

test('namespaces are taken once', () => {
  expect(takeNamespace().namespace).not.toBe(takeNamespace().namespace);
});

test('errors that Node makes outside the sandbox are errors inside it', async () => {
  class Own extends Error {}
  const thrown: unknown = await fetch('http://127.0.0.1:1').catch((error: unknown) => error);
  expect(thrown instanceof TypeError).toBe(true);
  expect(thrown instanceof Error).toBe(true);
  expect(thrown instanceof RangeError).toBe(false);
  expect(thrown instanceof Own).toBe(false);
});

test('a package that is ESM only can be imported', async () => {
  expect(typeof (await import('binaryen')).default.parseText).toBe('function');
});
