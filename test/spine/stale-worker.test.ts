import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWithLimit } from '../helpers/bundle-with-limit';
import { checkInvariants } from '../helpers/check-invariants';
import { ended, insist, invoice, largeInvoice, paymentsOf, vote } from '../helpers/pay';
import { startTestProcess, type TestProcess } from '../helpers/processes';
import { type Spine, startSpine } from '../helpers/spine';
import { startOrders } from '../helpers/start-orders';

let spine: Spine;
beforeEach(async () => (spine = await startSpine()));
afterEach(async () => await spine.stop());

/** The file of the next bundle; nobody gives it to the other worker. */
async function newer(limitMinor: number): Promise<string> {
  const path = join(spine.home, 'newer.json');
  writeFileSync(path, JSON.stringify(await bundleWithLimit(spine, limitMinor)));
  return path;
}

async function startWorker(settings: Readonly<Record<string, string>>): Promise<TestProcess> {
  const started = startTestProcess('worker', { ...spine.settings.worker, ...settings });
  await started.waitForLog('the worker runs', 30_000);
  return started;
}

it('a worker with an older bundle than the one in force leaves decisions to another, also of what it took, and ends in order', async () => {
  const stale = await startOrders(spine);
  await spine.worker().stop();
  // It puts its bundle in force.
  const bundle = { COUNTERSIGN_BUNDLE: await newer(90_000) };
  await (await startWorker(bundle)).stop();
  const small = await insist(spine, invoice());
  const large = await insist(spine, largeInvoice());
  for (const { id } of [small, large]) await stale.waitForLog(`"action":"${id}","activityType":"decide"`);
  await startWorker(bundle);

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

it('a worker with an older bundle leaves steps to another: what the newer policy alone allows is neither denied nor decided anew', async () => {
  const stale = await startWorker({ COUNTERSIGN_WORKER_ROLE: 'effects' });
  await spine.worker().stop();
  const bundle = await newer(300_000);
  await startOrders(spine, { bundle });
  const { id } = await insist(spine, largeInvoice());
  await Promise.race([stale.waitForLog(`"action":"${id}"`, 60_000), ended(spine, id, 60_000)]);
  await startWorker({ COUNTERSIGN_WORKER_ROLE: 'effects', COUNTERSIGN_BUNDLE: bundle });

  expect(await ended(spine, id, 90_000)).toMatchObject({ kind: 'executed' });
  expect(paymentsOf(spine, id)).toBe(1);
  const { rows } = await spine.auditor.query(
    `select r.round, count(distinct d.bundle_digest)::integer as bundles
     from action_rounds r join decisions d using (tenant, action, round) where r.action = $1 group by r.round`,
    [id],
  );
  expect(rows).toEqual([{ round: 1, bundles: 1 }]);
  expect(await checkInvariants(spine)).toEqual([]);
  await stale.stop();
  expect(await stale.ended).toEqual({ code: 0, signal: null });
}, 180_000);
