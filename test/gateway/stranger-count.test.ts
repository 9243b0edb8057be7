import { createStrangerCount } from '../../gateway/stranger-count';
import { createWorld, type World } from '../helpers/world';

const A_MINUTE = 60_000;
const FLUSHES = 3;
const SOURCES = 60;

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());

it('a flood from ever new addresses makes a hundred rows a minute and one for the rest, and every request is counted', async () => {
  let now = 10 * A_MINUTE;
  const lost: unknown[] = [];
  const strangers = createStrangerCount(
    world.gateway,
    { warn: (about: unknown) => void lost.push(about) },
    { count: () => undefined },
    () => now,
  );
  const flood = async (minute: string): Promise<void> => {
    for (let flush = 0; flush < FLUSHES; flush++) {
      for (let n = 0; n < SOURCES; n++) strangers.add('unknown_credentials', `${minute}-${flush}-${n}`);
      strangers.add('unknown_credentials', `${minute}-0-0`);
      await strangers.flush();
    }
  };
  const counted = async () =>
    await world.rows(
      `select count(distinct source)::integer as sources, sum(count)::integer as requests,
         (sum(count) filter (where source = 'others'))::integer as others from security_events`,
    );
  await flood('first');
  const others = FLUSHES * SOURCES - 100;
  expect(await counted()).toEqual([{ sources: 101, requests: FLUSHES * (SOURCES + 1), others }]);
  now += A_MINUTE;
  await flood('second');
  expect(await counted()).toEqual([{ sources: 201, requests: 2 * FLUSHES * (SOURCES + 1), others: 2 * others }]);
  expect(lost).toEqual([]);
});
