import { type Target } from '../../domain/documents';
import { type FactReader } from '../../domain/provider';
import { readFacts } from '../../domain/read-facts';

const bank = { id: 'bank' } as unknown as Target;
const TARGETS = { bank };
const source = (query: string, args: Readonly<Record<string, string>> = { id: '/params/vendor' }) => ({
  source: 'bank',
  query,
  args,
  missing: 'deny' as const,
});
const reader = (answers: Readonly<Record<string, Awaited<ReturnType<FactReader['read']>>>>) => ({
  read: jest.fn<ReturnType<FactReader['read']>, Parameters<FactReader['read']>>(({ operation }) =>
    Promise.resolve(answers[operation] ?? { kind: 'missing' }),
  ),
});

it('asks each source once, with the parameters that it names', async () => {
  const asked = reader({ vendorById: { kind: 'found', fact: { name: 'Ann' } } });
  const sources = { vendor: source('vendorById'), other: source('nothing') };
  expect(await readFacts(asked, TARGETS, 'demo', sources, { vendor: 'v-1' })).toEqual({
    kind: 'read',
    facts: { vendor: { name: 'Ann' }, other: null },
  });
  expect(asked.read.mock.calls).toEqual([
    [{ tenant: 'demo', target: bank, operation: 'vendorById', args: { id: 'v-1' } }],
    [{ tenant: 'demo', target: bank, operation: 'nothing', args: { id: 'v-1' } }],
  ]);
});

it('knows nothing of a subject that was not named, and asks nobody', async () => {
  const asked = reader({});
  expect(await readFacts(asked, TARGETS, 'demo', { vendor: source('vendorById') }, {})).toEqual({
    kind: 'read',
    facts: { vendor: null },
  });
  expect(asked.read).not.toHaveBeenCalled();
});

it('ends with what a source did not answer: nobody could decide without it', async () => {
  const asked = reader({
    vendorById: { kind: 'found', fact: 1 },
    balance: { kind: 'unanswered', code: 'target_unreachable' },
  });
  const sources = { vendor: source('vendorById'), balance: source('balance', {}) };
  expect(await readFacts(asked, TARGETS, 'demo', sources, { vendor: 'v-1' })).toEqual({
    kind: 'unanswered',
    fact: 'balance',
    code: 'target_unreachable',
  });
});

it('does not answer for a source that is not in the catalogue', async () => {
  const sources = { vendor: { ...source('vendorById'), source: 'nobody' } };
  expect(await readFacts(reader({}), TARGETS, 'demo', sources, { vendor: 'v-1' })).toEqual({
    kind: 'unanswered',
    fact: 'vendor',
    code: 'target_unknown',
  });
});
