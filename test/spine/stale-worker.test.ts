import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWithLimit } from '../helpers/bundle-with-limit';
import { checkInvariants } from '../helpers/check-invariants';
import { ended, insist, invoice, largeInvoice, paymentsOf, vote } from '../helpers/pay';
import { startTestProcess, type TestProcess } from '../helpers/processes';
import { type Spine, startSpine } from '../helpers/spine';
import { startOrders } from '../helpers/start-orders';

let spine: Spine;
beforeAll(async () => (spine = await startSpine()));
afterAll(async () => await spine.stop());

/** With the next bundle, which it puts in force; nobody gives that file to the other worker. */
async function startNewer(): Promise<TestProcess> {
  const path = join(spine.home, 'newer.json');
  writeFileSync(path, JSON.stringify(await bundleWithLimit(spine, 90_000)));
  const started = startTestProcess('worker', { ...spine.settings.worker, COUNTERSIGN_BUNDLE: path });
  await started.waitForLog('the worker runs', 30_000);
  return started;
}

it('a worker with an older bundle than the one in force leaves decisions to another, also of what it took, and ends in order', async () => {
  const stale = await startOrders(spine);
  await spine.worker().stop();
  await (await startNewer()).stop();
  const small = await insist(spine, invoice());
  const large = await insist(spine, largeInvoice());
  for (const { id } of [small, large]) await stale.waitForLog(`"action":"${id}","activityType":"decide"`);
  await startNewer();

  expect(await ended(spine, small.id)).toMatchObject({ kind: 'executed' });
  expect((await vote(spine, 'bob', large.id, 'approve')).status).toBe(200);
  expect(await ended(spine, large.id)).toMatchObject({ kind: 'executed' });
  const more = await Promise.all(Array.from({ length: 6 }, async () => await insist(spine, invoice())));
  for (const { id } of more) expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
  for (const { id } of [small, large, ...more]) expect(paymentsOf(spine, id)).toBe(1);
  expect(await checkInvariants(spine)).toEqual([]);

  await stale.stop();
  expect(await stale.ended).toEqual({ code: 0, signal: null });
}, 180_000);
