import { createPostgresProvider, type PostgresProvider } from '../../../providers/postgres/create-postgres-provider';
import { NAUGHTY } from '../../helpers/naughty-strings';
import { createTargetDatabase, type TargetDatabase } from '../../helpers/target-database';
import { callOf } from './call-of';

let books: TargetDatabase;
let provider: PostgresProvider;

beforeAll(async () => {
  books = await createTargetDatabase();
  provider = createPostgresProvider({
    addresses: {},
    secret: (name) => (name === 'books-minter' ? books.minterPassword : undefined),
    production: false,
    onLost: () => undefined,
  });
});
afterAll(async () => {
  await provider.close();
  await books.drop();
});

const entriesOf = (memo: unknown): Promise<object[]> => books.rows('select id from entries where memo = $1', [memo]);

describe('an effect', () => {
  it('is done, answers its row as JSON, and leaves its marker', async () => {
    const call = callOf(books.target);
    const { memo } = call.values.params;
    const effect = await provider.execute(call);
    expect(effect).toMatchObject({ kind: 'done', result: { account: 'cash', amountMinor: 1_250, memo } });
    expect(await entriesOf(memo)).toHaveLength(1);
    const markers = await books.rows<{ role: string }>('select role from countersign.markers where key = $1', [
      call.values.key,
    ]);
    expect(markers).toEqual([{ role: expect.stringMatching(/^jit_[0-9a-f]{24}$/) as string }]);
  });

  it('X62 sent again under its key is answered as before, and done once', async () => {
    const call = callOf(books.target);
    const first = await provider.execute(call);
    expect(await provider.execute({ ...call, grantId: `${call.grantId}.again` })).toEqual(first);
    expect(await entriesOf(call.values.params['memo'])).toHaveLength(1);
  });

  it('is done once when twenty send it at the same time', async () => {
    const call = callOf(books.target);
    const sent = await Promise.all(
      Array.from({ length: 20 }, (_, index) => provider.execute({ ...call, grantId: `${call.grantId}${index}` })),
    );
    expect(sent.filter(({ kind }) => kind === 'unknown')).toEqual([]);
    expect(sent.filter(({ kind }) => kind === 'done').length).toBeGreaterThan(0);
    expect(await entriesOf(call.values.params['memo'])).toHaveLength(1);
  });

  it('is refused where its key stands for another statement', async () => {
    const { key } = callOf(books.target).values;
    await provider.execute(callOf(books.target, { key }));
    const other = callOf(books.target, { key });
    expect(await provider.execute(other)).toEqual({ kind: 'failed', code: 'target_conflict' });
    expect(await entriesOf(other.values.params['memo'])).toEqual([]);
  });

  it('is undone by another operation under a key of its own, once', async () => {
    const call = callOf(books.target);
    const posted = await provider.execute(call);
    const undo = callOf(books.target, {
      operation: 'remove',
      steps: { post: posted.kind === 'done' ? posted.result : {} },
    });
    expect(await provider.undo(undo)).toMatchObject({ kind: 'done' });
    expect(await provider.undo({ ...undo, grantId: `${undo.grantId}2` })).toMatchObject({ kind: 'done' });
    expect(await entriesOf(call.values.params['memo'])).toEqual([]);
  });

  it.each([
    ['breaks a constraint', { params: { amountMinor: -1 } }, 'target_refused_23514'],
    ['has a value of the wrong type', { params: { amountMinor: 'much' } }, 'target_refused_22P02'],
    ['has a value with a NUL', { params: { account: 'a\0b' } }, 'target_refused_22021'],
    ['needs what its profile lacks', { operation: 'salaries' }, 'target_refused_42501'],
    ['changes something under a profile that reads', { operation: 'postAsReader' }, 'target_refused_42501'],
    ['answers more than the target allows', { operation: 'large' }, 'target_answer_too_large'],
    ['does not exist', { operation: 'nothing' }, 'operation_unknown'],
    ['is an inherited name', { operation: 'constructor' }, 'operation_unknown'],
    ['points to nothing', { operation: 'remove' }, 'operation_unfillable'],
    ['has half a surrogate pair', { params: { account: '\ud800' } }, 'operation_unfillable'],
    ['takes too long', { operation: 'slow', withinMs: 1_500 }, 'not_committed'],
  ])('that %s is refused, and leaves nothing', async (_, changes, code) => {
    const call = callOf(books.target, changes);
    expect(await provider.execute(call)).toEqual({ kind: 'failed', code });
    expect(await entriesOf(call.values.params['memo'] ?? null)).toEqual([]);
    expect(await books.rows('select 1 from countersign.markers where key = $1', [call.values.key])).toEqual([]);
  });

  it('that is refused by COMMIT itself left nothing', async () => {
    const first = callOf(books.target);
    const { memo } = first.values.params;
    await provider.execute(first);
    const second = callOf(books.target, { params: { memo: memo ?? '' } });
    expect(await provider.execute(second)).toEqual({ kind: 'failed', code: 'target_refused_23505' });
    expect(await entriesOf(memo)).toHaveLength(1);
    expect(await provider.status({ ...second, grantId: `${second.grantId}.status` })).toEqual({ kind: 'absent' });
  });

  it('of several rows is undone before anybody saw it', async () => {
    await provider.execute(callOf(books.target));
    await provider.execute(callOf(books.target));
    const before = await books.rows('select id from entries');
    expect(await provider.execute(callOf(books.target, { operation: 'removeAll' }))).toEqual({
      kind: 'failed',
      code: 'target_answer_not_one_row',
    });
    expect(await books.rows('select id from entries')).toEqual(before);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('X53 is not sent within %s ms', async (withinMs) => {
    const call = callOf(books.target, { withinMs });
    expect(await provider.execute(call)).toEqual({ kind: 'failed', code: 'not_sent' });
    expect(await entriesOf(call.values.params['memo'])).toEqual([]);
  });
});

describe('the status of an effect', () => {
  it('is found with its answer, under a credential of its own', async () => {
    const call = callOf(books.target);
    const effect = await provider.execute(call);
    await provider.revoke({ grantId: call.grantId, target: books.target, expired: false });
    expect(await provider.status({ ...call, grantId: `${call.grantId}.status` })).toEqual({ ...effect, kind: 'found' });
  });

  it('is absent where no statement was run under the key', async () => {
    expect(await provider.status(callOf(books.target))).toEqual({ kind: 'absent' });
  });

  it('is absent after a refusal', async () => {
    const call = callOf(books.target, { params: { amountMinor: 0 } });
    await provider.execute(call);
    expect(await provider.status({ ...call, grantId: `${call.grantId}.status` })).toEqual({ kind: 'absent' });
  });

  it('is not answered while a statement is at it, for that may still be committed', async () => {
    const { key } = callOf(books.target).values;
    const slow = provider.execute(callOf(books.target, { operation: 'slow', key, withinMs: 1_500 }));
    await new Promise((resolve) => setTimeout(resolve, 700));
    const asked = callOf(books.target, { operation: 'slow', key });
    expect(await provider.status(asked)).toEqual({ kind: 'unanswered', code: 'target_at_it' });
    expect(await slow).toEqual({ kind: 'failed', code: 'not_committed' });
    // The cancelled session has let go a moment after we gave it up.
    let found = await provider.status(asked);
    while (found.kind === 'unanswered' && found.code === 'target_at_it') found = await provider.status(asked);
    expect(found).toEqual({ kind: 'absent' });
  });

  it('is not answered where the key stands for another statement, or the markers are not there', async () => {
    const call = callOf(books.target);
    await provider.execute(call);
    const other = callOf(books.target, { key: call.values.key });
    expect(await provider.status(other)).toEqual({ kind: 'unanswered', code: 'target_conflict' });
    await books.rows('alter table countersign.markers rename to hidden');
    expect(await provider.status(callOf(books.target))).toEqual({ kind: 'unanswered', code: 'target_error_42P01' });
    expect(await provider.execute(callOf(books.target))).toEqual({ kind: 'failed', code: 'target_refused_42P01' });
    await books.rows('alter table countersign.hidden rename to markers');
  });
});

describe('text that would be SQL', () => {
  it.each(NAUGHTY)('X52 %p stays text in every parameter, key and id', async (text) => {
    const call = callOf(books.target, { params: { account: text, memo: `memo ${text}` }, key: `key ${text}` });
    const named = { ...call, grantId: `grant ${text}`, tenant: text, agentId: text, actionId: text };
    expect(await provider.execute(named)).toMatchObject({
      kind: 'done',
      result: { account: text, memo: `memo ${text}` },
    });
    expect(await provider.status({ ...named, grantId: `grant ${text}.status` })).toMatchObject({ kind: 'found' });
    expect(await provider.revoke({ grantId: named.grantId, target: books.target, expired: false })).toEqual({
      kind: 'revoked',
    });
    expect(await books.rows('select salary from payroll')).toEqual([{ salary: '1000' }]);
  });
});
