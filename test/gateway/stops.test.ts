import { randomUUID } from 'node:crypto';
import { waitUntil } from '../../stack/wait-until';
import { DatabaseFault } from '../helpers/database-fault';
import { type Harness, PARAMS, type Reply, startHarness, TYPE } from './harness';
import { moveFence } from '../helpers/move-fence';

let harness: Harness;
beforeAll(async () => (harness = await startHarness()));
afterAll(() => harness.stop());

const move = (scope: string, closed: boolean): Promise<void> => moveFence(harness.superuser, 'acme', scope, closed);
const recorded = async (): Promise<number> =>
  (await harness.superuser.query('select from actions')).rowCount ?? Number.NaN;
const stopped = async (): Promise<void> =>
  await waitUntil(async () => (await harness.act()).status === 403, { what: 'It takes requests', withinMs: 20_000 });
const until = async (status: number, ask: () => Promise<Reply>): Promise<Reply> => {
  let reply = await ask();
  await waitUntil(async () => (reply = await ask()).status === status, {
    what: `No ${String(status)}`,
    withinMs: 20_000,
  });
  return reply;
};

it.each(['tenant', 'team:floor', 'agent:agent', `action-type:${TYPE}`, 'global'])(
  'K1 takes no request for what is stopped as %s, and records none; and takes the first one after it was lifted',
  async (scope) => {
    await move(scope, true);
    await stopped();
    const before = await recorded();
    expect(await harness.act()).toMatchObject({ status: 403, body: { code: 'scope_fenced' } });
    expect(await recorded()).toBe(before);
    await move(scope, false);
    expect(await harness.act()).toMatchObject({ status: 202 });
  },
);

it('answers a request that it took before as it did then, whatever is stopped since', async () => {
  const key = randomUUID();
  const first = await harness.act({ key });
  await move('tenant', true);
  await stopped();
  const again = await harness.request('POST', '/v1/actions', {
    as: 'agent',
    key,
    json: { type: TYPE, params: PARAMS, waitMs: 0 },
  });
  expect([again.status, again.body.id]).toEqual([202, first.body.id]);
  await move('tenant', false);
});

it('X69 F25 takes nothing while it cannot hear what is stopped, says why, and goes on by itself', async () => {
  const fault = await DatabaseFault.of(harness.database);
  const before = await recorded();
  const readyz = (): Promise<Reply> => harness.request('GET', '/readyz');
  try {
    await fault.locked('processes', async () => {
      await waitUntil(() => Promise.resolve(harness.deps.stops.isDeaf()), { what: 'It hears', withinMs: 20_000 });
      expect(await harness.act()).toMatchObject({ status: 503, body: { code: 'not_ready' } });
      expect(await recorded()).toBe(before);
    });
  } finally {
    await fault.close();
  }
  await waitUntil(() => Promise.resolve(!harness.deps.stops.isDeaf()), { what: 'It is deaf', withinMs: 20_000 });
  await until(202, () => harness.act());
  expect((await readyz()).status).toBe(200);
}, 60_000);
