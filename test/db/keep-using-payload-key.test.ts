import { randomBytes, createSecretKey } from 'node:crypto';
import { keepUsingPayloadKey } from '../../db/keep-using-payload-key';

const KEYS = { current: 'k1', keys: new Map([['k1', createSecretKey(randomBytes(32))]]) };

afterEach(() => void jest.useRealTimers());

test('a process says every hour that it uses its key, and goes on where that fails', async () => {
  jest.useFakeTimers();
  const said = jest.fn((sql: string) =>
    Promise.resolve({ rows: sql.includes('use_payload_key') ? [{ known: true }] : [] }),
  );
  const failed = jest.fn();
  const uses = (): number => said.mock.calls.filter(([sql]) => sql.includes('use_payload_key')).length;
  await keepUsingPayloadKey({ query: said as never }, KEYS, failed);
  expect(uses()).toBe(1);
  await jest.advanceTimersByTimeAsync(3_600_000);
  expect(uses()).toBe(2);
  said.mockRejectedValueOnce(new Error('the database is away'));
  await jest.advanceTimersByTimeAsync(3_600_000);
  expect([uses(), failed.mock.calls.length]).toEqual([2, 1]);
  await jest.advanceTimersByTimeAsync(3_600_000);
  expect(uses()).toBe(3);
});
