import { waitUntil } from '../../stack/wait-until';
import { chain, type SeededAction, vote } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';
import { openRequest, readNotice, type Telling } from './telling';

/*
 * Whoever tells a request holds it for as long as that takes.
 */

let world: World;
let tenant: string;
let action: SeededAction;
let telling: Telling;
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => ({ tenant, action, telling } = await openRequest(world, chain('finance', 2))));
afterAll(() => world.close());

const heldForSeconds = async (): Promise<number> => {
  const [row] = await world.rows<{ s: number }>(
    'select extract(epoch from held_until - clock_timestamp())::float8 as s from notices where tenant = $1',
    [tenant],
  );
  return row?.s ?? NaN;
};

it('is told by nobody else, also when it changes meanwhile: no two cards of one request', async () => {
  const versions: number[] = [];
  const slack = telling.channelOf('slack', async ({ version }) => {
    versions.push(version);
    if (version === 1) {
      await vote(world, action, 'bob');
      await telling.round(slack)();
    }
    versions.push(-version);
    return { kind: 'shown' };
  });
  await telling.round(slack)();
  await telling.round(slack)();
  expect(versions).toEqual([1, -1, 2, -2]);
});

it('is told again at once where it changed while its channel failed', async () => {
  const slack = telling.channelOf('slack', async () => {
    await vote(world, action, 'bob');
    return { kind: 'failed', code: 'slack.http_500', retryAfterMs: 600_000 };
  });
  await telling.round(slack)();
  expect(await readNotice(world, tenant, action.request)).toMatchObject({ due: true, attempts: 1 });
  expect(await heldForSeconds()).toBe(-Infinity);
});

it('is held for as long as that takes, and is free soon after its loop has died', async () => {
  jest.useFakeTimers({
    doNotFake: ['setTimeout', 'setImmediate', 'nextTick', 'queueMicrotask', 'Date', 'performance'],
  });
  try {
    const held: number[] = [];
    await telling.round(
      telling.channelOf('slack', async () => {
        held.push(await heldForSeconds());
        await world.rows(`update notices set held_until = now() + interval '2 seconds' where tenant = $1`, [tenant]);
        jest.advanceTimersByTime(5_000);
        await waitUntil(async () => (await heldForSeconds()) > 10, { what: 'Nobody held on', withinMs: 10_000 });
        held.push(await heldForSeconds());
        return { kind: 'shown' };
      }),
    )();
    expect(held).toHaveLength(2);
    expect(Math.max(...held)).toBeLessThanOrEqual(20);
  } finally {
    jest.useRealTimers();
  }
});
