import { type Pool } from 'pg';
import pino from 'pino';
import { createPool } from '../../db/pool';
import { type Scoped, type StopWatch, watchStops } from '../../db/stop-watch';
import { waitUntil } from '../../stack/wait-until';
import { hostOf, type Line, over, startLine } from '../helpers/line';
import { seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';
import { moveFence } from '../helpers/move-fence';

let world: World;
let line: Line;
let pool: Pool;
let watch: StopWatch;
let tenant: string;
let neighbour: string;
beforeAll(async () => {
  world = await createWorld();
  [tenant, neighbour] = [await seedTenant(world), await seedTenant(world)];
  line = await startLine(hostOf(world.gatewayUrl));
  pool = createPool(over(line, world.gatewayUrl), () => undefined);
  watch = await watchStops(pool, 'gateway', pino({ enabled: false }));
});
afterAll(async () => {
  await watch.close();
  await pool.end();
  await line.down();
  await world.close();
});

const of = (changed: Partial<Scoped> = {}): Scoped => ({
  ...{ tenant, agent: 'payer', team: 'finance', type: 'pay.invoice' },
  ...changed,
});
const move = (scope: string, closed: boolean): Promise<void> => moveFence(world.superuser, tenant, scope, closed);
const heard = async (is: boolean, what = of()): Promise<void> =>
  await waitUntil(() => Promise.resolve(watch.stops(what) === is), { what: 'Nobody heard', withinMs: 20_000 });
const unheard = async (): Promise<readonly { process: string }[]> =>
  (await world.gateway.query<{ process: string }>('select process from unheard_by()')).rows;

it.each([
  ['tenant', of({ tenant: 'another' })],
  ['team:finance', of({ team: 'sales' })],
  ['agent:payer', of({ agent: 'other' })],
  ['action-type:pay.invoice', of({ type: 'pay.refund' })],
] as const)('K1 hears that %s is stopped, for what is in it alone, and that it is lifted', async (scope, outside) => {
  await move(scope, true);
  await heard(true);
  expect([watch.stops(outside), watch.stops(of({ tenant: neighbour }))]).toEqual([false, false]);
  await move(scope, false);
  await heard(false);
});

it('K1 hears of a stop of everything, whoever the tenant is', async () => {
  await move('global', true);
  await heard(true, of({ tenant: neighbour }));
  await move('global', false);
  await heard(false, of({ tenant: neighbour }));
});

it('says what it has heard, only once it has', async () => {
  const deaf = await world.rows(
    `insert into processes (process, kind, moves_heard) values ('deaf', 'worker', 0) returning process`,
  );
  await move('tenant', true);
  await waitUntil(async () => (await unheard()).length === 1, { what: 'It does not say so', withinMs: 20_000 });
  expect(watch.stops(of())).toBe(true);
  expect(await unheard()).toEqual(deaf);
  await world.rows(`update processes set heard_at = now() - interval '2 minutes' where process = 'deaf'`);
  await waitUntil(async () => (await world.rows('select from processes')).length === 1, {
    what: 'Whoever was silent for a minute is still there',
    withinMs: 20_000,
  });
  await move('tenant', false);
  await heard(false);
});

it('hears without being told, where the notification was lost', async () => {
  await world.rows('alter table fences disable trigger told');
  await move('tenant', true);
  await heard(true);
  await world.rows('alter table fences enable trigger told');
  await move('tenant', false);
  await heard(false);
});

it('X69 F25 is deaf within its bound when the database is out of reach, and hears again when it is not', async () => {
  expect(watch.isDeaf()).toBe(false);
  const silentSince = performance.now();
  line.weather({ silent: ['there', 'back'] });
  await waitUntil(() => Promise.resolve(watch.isDeaf()), { what: 'It trusts what it knows', withinMs: 20_000 });
  // Not at once: a hiccup is no outage.
  expect(performance.now() - silentSince).toBeGreaterThan(3_000);
  await move('tenant', true);
  expect(watch.stops(of())).toBe(false);
  line.weather({});
  await heard(true);
  expect(watch.isDeaf()).toBe(false);
  await move('tenant', false);
  await heard(false);
}, 60_000);

it('is gone from the list when it ends', async () => {
  const another = await watchStops(pool, 'worker', pino({ enabled: false }));
  const there = `select from processes where kind = 'worker'`;
  expect(await world.rows(there)).toHaveLength(1);
  await another.close();
  expect(await world.rows(there)).toHaveLength(0);
});
