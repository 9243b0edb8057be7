import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signBundle } from '../../bundle/sign-bundle';
import { findBundle } from '../../db/find-bundle';
import { listDecisionsInFull } from '../../db/list-decisions-in-full';
import { recheckDecision } from '../../evidence/recheck-decision';
import { type SignedBundle } from '../../pdp/bundle-format';
import { createPdp, type Pdp } from '../../pdp/create-pdp';
import { openBundle } from '../../pdp/open-bundle';
import { waitUntil } from '../../stack/wait-until';
import { bundleWithLimit } from '../helpers/bundle-with-limit';
import { checkInvariants } from '../helpers/check-invariants';
import { ended, insist, invoice, pay, paymentsOf, vote } from '../helpers/pay';
import { startTestProcess, type TestProcess } from '../helpers/processes';
import { type Spine, startSpine } from '../helpers/spine';

const UNDER_WAY = 30;

let spine: Spine;
beforeAll(async () => (spine = await startSpine()));
afterAll(async () => await spine.stop());

const key = (name: string): string => readFileSync(join(spine.home, 'keys', name), 'utf8');
const inForce = (): SignedBundle => JSON.parse(readFileSync(join(spine.home, 'bundle.json'), 'utf8')) as SignedBundle;

/** Another worker, beside the one that runs, with a bundle of its own. */
function workerWith(name: string, bundle: string): TestProcess {
  const path = join(spine.home, `${name}.json`);
  writeFileSync(path, bundle);
  return startTestProcess('worker', { ...spine.settings.worker, COUNTERSIGN_BUNDLE: path });
}

async function goesOnAsBefore(): Promise<void> {
  const { id } = await pay(spine, invoice());
  expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
  expect(paymentsOf(spine, id)).toBe(1);
}

it('F18 a bundle that was damaged is refused by who starts with it, and the others go on with the last good one', async () => {
  const good = JSON.stringify(inForce());
  for (const [name, damaged] of [
    ['cut-off', good.slice(0, -100)],
    ['changed', good.replace('"finance":{"EUR":100000', '"finance":{"EUR":900000')],
  ] as const) {
    expect(damaged).not.toBe(good);
    expect(await workerWith(name, damaged).ended).toMatchObject({ code: 1 });
  }
  await goesOnAsBefore();
});

it('F18 a bundle that is signed and does not run never comes into force', async () => {
  const { content, manifest } = inForce();
  const broken = { ...content, wasm: content.wasm.slice(0, 4_000) };
  const signed = signBundle(broken, manifest.version + 1, key('bundle.key.pem'));
  expect(await workerWith('does-not-run', JSON.stringify(signed)).ended).toMatchObject({ code: 1 });
  await goesOnAsBefore();
});

it('F18 a bundle that changes while many are judged: each decision is of one bundle, and what begins is of the newest', async () => {
  const ask = async (): Promise<string> => (await insist(spine, invoice())).id;
  const ids = await Promise.all(Array.from({ length: UNDER_WAY }, ask));
  const stricter = await bundleWithLimit(spine, 100); // every payment is asked for
  const next = workerWith('stricter', JSON.stringify(stricter));
  const more = Array.from({ length: UNDER_WAY }, ask);
  await next.waitForLog('the worker runs', 60_000);
  await spine.worker().stop();
  const all = [...ids, ...(await Promise.all(more))];
  for (const id of all) await endedOrDenied(id);

  const points = new Map<string, Pdp>();
  for (const id of all)
    for (const decision of await listDecisionsInFull(spine.auditor, 'demo', id)) {
      const point = points.get(decision.bundleDigest) ?? (await pointOf(decision.bundleDigest));
      points.set(decision.bundleDigest, point);
      expect(recheckDecision(decision, point, undefined).differences).toEqual([]);
    }
  expect(points.size).toBe(2);
  expect(points.has(stricter.manifest.digest)).toBe(true);

  // A moment later than its row says, for it is in force when that is committed.
  const { rows } = await spine.auditor.query(
    `select e.action from effects e join decisions d using (tenant, action, round), bundles b
     where e.kind = 'do' and d.stage = 'preflight/' || e.step and d.bundle_digest <> b.digest
       and b.digest = $1 and e.begun_at > b.activated_at + interval '2 seconds'`,
    [stricter.manifest.digest],
  );
  expect(rows).toEqual([]);
  expect(await checkInvariants(spine)).toEqual([]);
}, 300_000);

async function pointOf(digest: string): Promise<Pdp> {
  const signed = await findBundle(spine.auditor, digest);
  if (signed === undefined) throw new Error(`the bundle ${digest} is not stored`);
  return await createPdp(openBundle(signed, key('bundle.pub.pem')));
}

/** Executed, or asked for and then denied. */
async function endedOrDenied(id: string): Promise<void> {
  const over = async (): Promise<boolean> => {
    const { rows } = await spine.auditor.query<{ settled: boolean; state: string }>(
      'select settled_at is not null as settled, state from actions where action = $1',
      [id],
    );
    if (rows[0]?.state === 'waiting') await vote(spine, 'bob', id, 'deny');
    return rows[0]?.settled === true;
  };
  await waitUntil(over, { what: `Action ${id} did not end`, withinMs: 120_000 });
}
