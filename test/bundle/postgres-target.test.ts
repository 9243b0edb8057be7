import { readCatalogue } from '../../bundle/documents/read-catalogue';
import { readDirectory } from '../../bundle/files/read-directory';
import { type Files, policyDirectory, problemsOf } from './policy-directory';

const TARGET = 'targets/books.json';
const TYPE = 'action-types/post.yaml';

const BOOKS = {
  kind: 'Target',
  id: 'books',
  provider: 'postgres',
  address: 'postgres://db.internal:5432/books',
  minter: { role: 'books_minter', secret: 'books-minter' },
  operations: {
    post: {
      profile: 'books_writer',
      sql: 'insert into entries (account, amount_minor) values ($1, $2) returning id',
      params: ['/params/account', '/params/amountMinor'],
    },
    remove: {
      profile: 'books_writer',
      sql: 'delete from entries where id = $1 returning id',
      params: ['/steps/post/id'],
    },
  },
};

const FILES: Files = {
  [TARGET]: JSON.stringify(BOOKS),
  [TYPE]: `
kind: ActionType
id: books.post
version: 1
owner: team:finance
risk: high
effect: compensable
lane: brokered
params:
  type: object
  additionalProperties: false
  required: [account, amountMinor]
  properties:
    account: { type: string, maxLength: 100 }
    amountMinor: { type: integer, minimum: 1, maximum: 1000000 }
steps:
  - { id: post, target: books, do: post, undo: remove }
grantTtl: 30s
card:
  headline: 'Post to {account}'
  account: { text: /params/account }
`,
};

const target = (changes: object): Files => ({ ...FILES, [TARGET]: JSON.stringify({ ...BOOKS, ...changes }) });
const operation = (changes: object): Files =>
  target({ operations: { ...BOOKS.operations, post: { ...BOOKS.operations.post, ...changes } } });
const sql = (text: string): Files => operation({ sql: text, params: [] });
const type = (from: string, to: string): Files => ({ ...FILES, [TYPE]: (FILES[TYPE] ?? '').replace(from, to) });

it('a database is a target; its steps are asked about by their markers', async () => {
  expect(await problemsOf(FILES)).toEqual([]);
  const { directory } = await readDirectory(await policyDirectory(FILES));
  const { catalogue } = readCatalogue(directory.documents, directory.data);
  expect(catalogue.actionTypes['books.post']?.steps).toEqual([
    { id: 'post', target: 'books', do: 'post', undo: 'remove', status: 'post' },
  ]);
  expect(catalogue.targets['books']).toEqual({
    ...{ id: 'books', provider: 'postgres', address: BOOKS.address, minter: BOOKS.minter },
    limits: { timeoutMs: 2_000, responseBytes: 65_536 },
    operations: BOOKS.operations,
  });
});

describe('each mistake is found, with its place and a remedy', () => {
  const SQL = '/operations/post/sql';
  const cases: readonly (readonly [name: string, files: Files, file: string, path: string])[] = [
    ['an address with a password', target({ address: 'postgres://u:p@db/books' }), TARGET, '/address'],
    ['an address with a user', target({ address: 'postgres://u@db/books' }), TARGET, '/address'],
    ['an address without a database', target({ address: 'postgres://db:5432' }), TARGET, '/address'],
    ['an address that sets options', target({ address: 'postgres://db/books?options=-crole' }), TARGET, '/address'],
    [
      'an address that tries without TLS first',
      target({ address: 'postgres://db/b?sslmode=prefer' }),
      TARGET,
      '/address',
    ],
    ['an address of another kind', target({ address: 'https://db/books' }), TARGET, '/address'],
    ['a password', target({ minter: { ...BOOKS.minter, password: 'x' } }), TARGET, '/minter/password'],
    ['a secret that is a path', target({ minter: { ...BOOKS.minter, secret: '../x' } }), TARGET, '/minter/secret'],
    ['fields of another provider', target({ token: { audience: 'x' } }), TARGET, '/token'],
    ['a role in capitals', operation({ profile: 'Writer' }), TARGET, '/operations/post/profile'],
    ['a role of the server', operation({ profile: 'pg_write_all_data' }), TARGET, '/operations/post/profile'],
    ['a role of another call', operation({ profile: 'jit_0123' }), TARGET, '/operations/post/profile'],
    ['everybody as a role', operation({ profile: 'public' }), TARGET, '/operations/post/profile'],
    ['two statements', sql('delete from a returning 1; drop table b'), TARGET, SQL],
    ['a semicolon at the end', sql('select 1;'), TARGET, SQL],
    ['the end of the transaction', sql('commit'), TARGET, SQL],
    ['a change of role', sql('set role postgres'), TARGET, SQL],
    ['a definition', sql('create table a ()'), TARGET, SQL],
    ['code', sql('do $x$ begin end $x$'), TARGET, SQL],
    ['a comment that hides the beginning', sql('/* select */ drop table a'), TARGET, SQL],
    ['a backslash', sql(`select E'\\'; drop table a --'`), TARGET, SQL],
    ['a change that returns nothing', sql('delete from entries'), TARGET, SQL],
    ['a change that returns nothing, and selects', sql('insert into entries select 1'), TARGET, SQL],
    ['fewer params than the statement uses', operation({ params: ['/params/account'] }), TARGET, SQL],
    ['more params than the statement uses', operation({ params: ['/params/account', '/key', '/key'] }), TARGET, SQL],
    ['a number that only stands in a string', operation({ sql: `select $1, '$2'` }), TARGET, SQL],
    ['numbers with a gap', operation({ sql: 'select $1, $3' }), TARGET, SQL],
    ['a value that may be absent', operation({ params: ['/params/account', '/params/x'] }), TYPE, '/steps/0/do'],
    ['an unknown operation', type('do: post', 'do: pots'), TYPE, '/steps/0/do'],
    ['an unknown undo', type('undo: remove', 'undo: erase'), TYPE, '/steps/0/undo'],
    ['a status', type('undo: remove', 'undo: remove, status: post'), TYPE, '/steps/0/status'],
    [
      'a fact of a database',
      type('steps:', 'facts:\n  a: { source: books, query: post }\nsteps:'),
      TYPE,
      '/facts/a/source',
    ],
  ];
  it.each(cases)('%s', async (_, files, file, path) => {
    const problems = await problemsOf(files);
    expect(problems.map((problem) => [problem.file, problem.path])).toContainEqual([file, path]);
    for (const { message, remedy } of problems) expect([message, remedy]).not.toContain('');
  });

  it('a provider that we do not know, and which we do', async () => {
    expect(await problemsOf(target({ provider: 'mysql' }))).toEqual([
      {
        file: TARGET,
        path: '/provider',
        message: 'has a value that is not allowed.',
        remedy: 'Write http or postgres.',
      },
    ]);
  });
});

describe('what stands in quotes is no code', () => {
  it.each([
    `select ';' as semicolon`,
    `select "a;b" from entries`,
    `select 1 -- one; two $1`,
    `select $x$; commit; $1$x$ as text`,
    `select 'it''s; $1' as text`,
    `with gone as (delete from entries returning id) select count(*) from gone`,
  ])('%s', async (text) => {
    expect(await problemsOf(sql(text))).toEqual([]);
  });
});
