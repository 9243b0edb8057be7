import { type Channel } from '../../channels/channel';
import { inTransaction } from '../../db/in-transaction';
import { holdNotices, takeDueNotices } from '../../db/take-due-notices';
import { waitUntil } from '../../stack/wait-until';
import { chain, type SeededAction, vote } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';
import { openRequest, readNotice, type Telling } from './telling';

/*
 * Whoever tells a request holds it for as long as that takes.
 */

type Show = Channel['show'];

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

/** A card, as Slack has it: updated where it is known to be older, and showing what was sent last. */
function card(meanwhile: (version: number, step: 'before' | 'after') => Promise<void>): { show: Show; sent: number[] } {
  const sent: number[] = [];
  const show: Show = async ({ version }, surfaces) => {
    const known = surfaces.all.find(({ surface }) => surface === 'slack/card');
    if (known !== undefined && known.version >= version) return { kind: 'shown' };
    await surfaces.intend('slack/card', 'slack', 'C1');
    await meanwhile(version, 'before');
    sent.push(version);
    await meanwhile(version, 'after');
    await surfaces.shown('slack/card', version, '1.1', `card ${String(version)}`);
    return { kind: 'shown' };
  };
  return { show, sent };
}
const endHold = (): Promise<unknown> =>
  world.rows(`update notices set held_until = '-infinity' where tenant = $1`, [tenant]);

it.each([
  ['shown', { kind: 'shown' }],
  ['failed to show', { kind: 'failed', code: 'slack.http_500', retryAfterMs: 600_000 }],
] as const)('is told once more where a loop that lost its hold has %s an older version last', async (_, end) => {
  const { show, sent } = card(async (version, step) => {
    if (version !== 1 || step !== 'before') return;
    await vote(world, action, 'bob');
    await endHold();
    await telling.round(slack)();
    expect(await readNotice(world, tenant, action.request)).toMatchObject({ version: 2, shown: 2 });
  });
  const slack = telling.channelOf('slack', async (notice, ...rest) => {
    await show(notice, ...rest);
    return notice.version === 1 ? end : { kind: 'shown' };
  });
  await telling.round(slack)();
  expect(sent).toEqual([2, 1]);
  expect(await readNotice(world, tenant, action.request)).toMatchObject({ due: true, attempts: 0 });
  await telling.round(slack)();
  await telling.round(slack)();
  expect(sent).toEqual([2, 1, 2]);
  expect(await readNotice(world, tenant, action.request)).toMatchObject({ version: 2, shown: 2, due: false });
});

it('is told once more where a loop that lost its hold spoke while the next was at it', async () => {
  let wake = (): void => undefined;
  const frozen = new Promise<void>((resolve) => (wake = resolve));
  let first: Promise<boolean> | undefined;
  const { show, sent } = card(async (version, step) => {
    if (version === 1) return await frozen;
    // The newer version was sent, and before that is written down the older is, and was.
    if (step === 'before' || first === undefined) return;
    wake();
    await first;
    first = undefined;
  });
  const slack = telling.channelOf('slack', show);
  first = telling.round(slack)();
  await waitUntil(async () => slack.shows.length === 1, { what: 'Nobody told it', withinMs: 10_000 });
  await vote(world, action, 'bob');
  await endHold();
  await telling.round(slack)();
  expect(sent).toEqual([2, 1]);
  // The hold of the second is not the first's to end.
  expect(await heldForSeconds()).toBeGreaterThan(10);
  await endHold();
  await telling.round(slack)();
  expect(sent).toEqual([2, 1, 2]);
  expect(await readNotice(world, tenant, action.request)).toMatchObject({ version: 2, shown: 2, due: false });
});

it('is not held on to by a loop that lost its hold to another', async () => {
  const [due] = await inTransaction(world.loops, (client) => takeDueNotices(client, 10));
  if (due === undefined) throw new Error('nothing is due');
  await world.rows(`update notices set held_until = now() + interval '2 seconds' where tenant = $1`, [tenant]);
  await inTransaction(world.loops, (client) => holdNotices(client, [{ ...due, hold: due.hold - 1 }]));
  expect(await heldForSeconds()).toBeLessThan(2);
  await inTransaction(world.loops, (client) => holdNotices(client, [due]));
  expect(await heldForSeconds()).toBeGreaterThan(10);
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
