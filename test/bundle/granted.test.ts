import { readCatalogue } from '../../bundle/documents/read-catalogue';
import { readDirectory } from '../../bundle/files/read-directory';
import { type Files, policyDirectory, problemsOf } from './policy-directory';

const TYPE = 'action-types/look.yaml';
const BOOKS = 'targets/books.json';
const operations = {
  reading: { profile: 'books_reader' },
  count: { profile: 'books_reader', sql: 'select count(*) as n from entries' },
};

const FILES: Files = {
  [BOOKS]: JSON.stringify({
    ...{ kind: 'Target', id: 'books', provider: 'postgres', address: 'postgres://db.internal:5432/books' },
    ...{ minter: { role: 'books_minter', secret: 'books-minter' }, operations },
  }),
  'targets/shop.json': JSON.stringify({
    ...{ kind: 'Target', id: 'shop', provider: 'http', address: 'http://127.0.0.1:1', token: { audience: 'shop' } },
    operations: { orders: { method: 'GET', path: '/orders' } },
  }),
  [TYPE]: `
kind: ActionType
id: books.look
version: 1
owner: team:finance
risk: high
effect: read
lane: granted
params:
  type: object
  additionalProperties: false
  required: [amountMinor]
  properties: { amountMinor: { type: integer, minimum: 1, maximum: 10 } }
steps:
  - { id: look, target: books, do: reading }
grantTtl: 15m
card: { headline: 'Look into the books' }
`,
};

const type = (from: string, to: string): Files => ({ ...FILES, [TYPE]: (FILES[TYPE] ?? '').replace(from, to) });
const target = (changes: object): Files => ({
  ...FILES,
  [BOOKS]: JSON.stringify({ ...(JSON.parse(FILES[BOOKS] ?? '') as object), operations: { ...operations, ...changes } }),
});

it('an operation without sql lends its profile to an agent', async () => {
  expect(await problemsOf(FILES)).toEqual([]);
  const { directory } = await readDirectory(await policyDirectory(FILES));
  const { catalogue } = readCatalogue(directory.documents, directory.data);
  expect(catalogue.targets['books']?.operations['reading']).toEqual({ profile: 'books_reader' });
  expect(catalogue.actionTypes['books.look']).toMatchObject({ lane: 'granted', grantTtlMs: 900_000 });
});

const cases: readonly (readonly [name: string, files: Files, file: string, path: string])[] = [
  ['an effect that would have to be undone', type('effect: read', 'effect: compensable'), TYPE, '/effect'],
  ['an effect that claims to be undone', type('effect: read', 'effect: reversible'), TYPE, '/effect'],
  ['a budget', type('steps:', 'budget: { per: [team], amount: /params/amountMinor }\nsteps:'), TYPE, '/budget'],
  ['two steps', type('grantTtl', '  - { id: again, target: books, do: reading }\ngrantTtl'), TYPE, '/steps'],
  ['a service', type('target: books, do: reading', 'target: shop, do: orders'), TYPE, '/steps/0/target'],
  ['an undo', type('do: reading', 'do: reading, undo: count'), TYPE, '/steps/0/undo'],
  ['a status', type('do: reading', 'do: reading, status: count'), TYPE, '/steps/0/status'],
  ['a check', type('do: reading', 'do: reading, verify: { /n: /params/amountMinor }'), TYPE, '/steps/0/verify'],
  ['a statement', type('do: reading', 'do: count'), TYPE, '/steps/0/do'],
  ['a brokered login', type('lane: granted', 'lane: brokered'), TYPE, '/steps/0/do'],
  ['no operation', type('do: reading', 'do: raeding'), TYPE, '/steps/0/do'],
  [
    'params without a statement',
    target({ reading: { profile: 'books_reader', params: ['/key'] } }),
    BOOKS,
    '/operations/reading/params',
  ],
  ['a role of the server', target({ reading: { profile: 'pg_monitor' } }), BOOKS, '/operations/reading/profile'],
];

it.each(cases)('refuses %s, with its place and a remedy', async (_, files, file, path) => {
  const problems = await problemsOf(files);
  expect(problems).toContainEqual(expect.objectContaining({ file, path }));
  for (const problem of problems) expect(problem.remedy).not.toBe('');
});

describe('X53 the life of a grant', () => {
  const lives = (ttl: string): Files => type('15m', ttl);

  it.each([
    ...[
      "'0s'",
      "'-1s'",
      "'-0s'",
      "'1e12s'",
      "'1e3s'",
      "'∞'",
      "'∞s'",
      "'NaN'",
      "'NaNs'",
      "'Infinity'",
      "''",
      "' 30s'",
      "'1.5s'",
    ],
    ...[
      "'2h'",
      "'61m'",
      "'3601s'",
      "'999999999999s'",
      "'999ms'",
      "'P1D'",
      "'PT30S'",
      "'PT0S'",
      "'1h30m'",
      "'0x1es'",
      "'30'",
    ],
    ...['30', '0', '-1', '1e12', '.inf', '.nan', 'null', 'true', '[30s]', "'٣٠s'", "'30S'", "'forever'"],
  ])('X53 of %s is refused when the policy is built', async (ttl) => {
    expect(await problemsOf(lives(ttl))).toContainEqual(expect.objectContaining({ file: TYPE, path: '/grantTtl' }));
  });

  it.each([
    ['1s', 1_000],
    ['90s', 90_000],
    ['60m', 3_600_000],
    ['1h', 3_600_000],
  ])('X53 of %s is taken as it is written', async (ttl, grantTtlMs) => {
    const { directory } = await readDirectory(await policyDirectory(lives(ttl)));
    expect(readCatalogue(directory.documents, directory.data).catalogue.actionTypes['books.look']).toMatchObject({
      grantTtlMs,
    });
  });
});
