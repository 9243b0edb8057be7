import { setImmediate } from 'node:timers/promises';
import { createLedger } from '../../db/ledger';
import { LedgerBusyError } from '../../db/ledger-queue';
import { entries, keyOf } from './log';

interface Statement {
  readonly tenant: string;
  readonly keys: readonly string[];
  finish(error?: Error): void;
}

/** A pool whose statements wait until the test lets them finish. */
const pausedPool = (): { pool: Parameters<typeof createLedger>[0]; statements: Statement[] } => {
  const statements: Statement[] = [];
  const query = (_: string, [tenant, keys]: [string, string[]]): Promise<void> =>
    new Promise((resolve, reject) => {
      statements.push({ tenant, keys, finish: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  return { pool: { query } as unknown as Parameters<typeof createLedger>[0], statements };
};

/** Of two entries of each. */
const keysOf = (...prefixes: string[]): string[] => prefixes.flatMap((prefix) => [keyOf(prefix, 0), keyOf(prefix, 1)]);

/** Two turns of the event loop: the queue takes one to gather callers. */
const settled = async (): Promise<void> => {
  await setImmediate();
  await setImmediate();
};

describe('the coalescer', () => {
  test('callers of one turn share a statement, and so do those that come while it is under way', async () => {
    const { pool, statements } = pausedPool();
    const ledger = createLedger(pool);
    const append = (prefix: string): Promise<void> => ledger.append('demo', entries(prefix, 2));
    const calls = ['a', 'b'].map(append);
    await settled();
    calls.push(append('c'));
    await settled();
    calls.push(append('d'));
    await settled();
    expect(statements.map(({ keys }) => keys)).toEqual([keysOf('a', 'b')]);
    statements[0]?.finish();
    await settled();
    expect(statements.slice(1).map(({ keys }) => keys)).toEqual([keysOf('c', 'd')]);
    statements[1]?.finish();
    await Promise.all(calls);
  });

  test('those who come back as soon as their entry is written are in the next statement together', async () => {
    const { pool, statements } = pausedPool();
    const ledger = createLedger(pool);
    const calls = ['a', 'b', 'c'].map((prefix) =>
      ledger.append('demo', entries(prefix, 1)).then(() => ledger.append('demo', entries(`${prefix}2`, 1))),
    );
    await settled();
    statements[0]?.finish();
    await settled();
    expect(statements.map(({ keys }) => keys)).toEqual([
      ['a', 'b', 'c'].map((prefix) => keyOf(prefix, 0)),
      ['a2', 'b2', 'c2'].map((prefix) => keyOf(prefix, 0)),
    ]);
    statements[1]?.finish();
    await Promise.all(calls);
  });

  test('nothing resolves before its own statement has', async () => {
    const { pool, statements } = pausedPool();
    const ledger = createLedger(pool);
    const done: string[] = [];
    const calls = [ledger.append('demo', entries('a', 1)).then(() => done.push('a'))];
    await settled();
    calls.push(ledger.append('demo', entries('b', 1)).then(() => done.push('b')));
    await settled();
    expect(done).toEqual([]);
    statements[0]?.finish();
    await settled();
    expect(done).toEqual(['a']);
    statements[1]?.finish();
    await Promise.all(calls);
  });

  test('an error reaches the callers of that statement and nobody else', async () => {
    const { pool, statements } = pausedPool();
    const ledger = createLedger(pool);
    const calls = [ledger.append('demo', entries('a', 1))];
    await settled();
    calls.push(...['b', 'c'].map((prefix) => ledger.append('demo', entries(prefix, 1))));
    const outcomes = Promise.allSettled(calls);
    statements[0]?.finish();
    await settled();
    statements[1]?.finish(new Error('connection lost'));
    await settled();
    const later = ledger.append('demo', entries('d', 1));
    await settled();
    statements[2]?.finish();
    await later;
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  test('tenants have statements of their own', async () => {
    const { pool, statements } = pausedPool();
    const ledger = createLedger(pool);
    const calls = ['one', 'two'].map((tenant) => ledger.append(tenant, entries('a', 1)));
    await settled();
    expect(statements.map(({ tenant }) => tenant)).toEqual(['one', 'two']);
    for (const statement of statements) statement.finish();
    await Promise.all(calls);
  });

  test('a statement takes at most 500 entries and never half a call', async () => {
    const { pool, statements } = pausedPool();
    const ledger = createLedger(pool);
    const calls = ['a', 'b', 'c', 'd'].map((prefix) => ledger.append('demo', entries(prefix, 200)));
    for (let i = 0; i < 2; i += 1) {
      await settled();
      statements[i]?.finish();
    }
    await Promise.all(calls);
    expect(statements.map(({ keys }) => keys.length)).toEqual([400, 400]);
    await expect(ledger.append('demo', entries('e', 501))).rejects.toThrow(RangeError);
  });

  test('when too much is waiting, a call fails at once, and works again later', async () => {
    const { pool, statements } = pausedPool();
    const ledger = createLedger(pool);
    const calls = Array.from({ length: 100 }, (_, i) => ledger.append('demo', entries(`p${i}`, 500)));
    await settled();
    await expect(ledger.append('demo', entries('late', 1))).rejects.toThrow(LedgerBusyError);
    await expect(ledger.append('other', entries('late', 1))).rejects.toThrow(LedgerBusyError);
    statements[0]?.finish();
    await settled();
    calls.push(ledger.append('demo', entries('late', 1)));
    for (let i = 1; i <= 100; i += 1) {
      statements[i]?.finish();
      await settled();
    }
    await Promise.all(calls);
  });

  test('an entry without canonical text fails alone, before anything is sent', async () => {
    const { pool, statements } = pausedPool();
    const ledger = createLedger(pool);
    await expect(ledger.append('demo', [{ key: 'a', event: 'a.b', entry: { x: Number.NaN } }])).rejects.toThrow(
      TypeError,
    );
    await expect(ledger.append('demo', [{ key: 'a', event: 'a.b', entry: { event: 'a.c' } }])).rejects.toThrow(
      /contradicts/,
    );
    await ledger.append('demo', []);
    expect(statements).toEqual([]);
  });
});
