import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { waitUntil } from '../../stack/wait-until';
import { type RunningServers } from '../setup/start-servers';
import { checkInvariants } from '../helpers/check-invariants';
import { ended, insist, invoice, largeInvoice, paymentsOf, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';
import { startOwnServers } from './own-servers';

const SEED = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);
const CRASHES = 4;

let servers: RunningServers;
let spine: Spine;
beforeAll(async () => {
  servers = await startOwnServers();
  spine = await startSpine({ servers });
});
afterAll(async () => {
  await spine.stop();
  await servers.stop();
});

it(`F5 Postgres that is stopped at once and started again, in the middle of whatever it does (seed ${String(SEED)})`, async () => {
  // How long it runs, and how long it is away.
  const plan = fc.sample(fc.tuple(fc.integer({ min: 1_000, max: 5_000 }), fc.integer({ min: 0, max: 2_000 })), {
    seed: SEED,
    numRuns: CRASHES,
  });
  let crashing = true;
  const taken: Promise<string>[] = [];
  const work = async (): Promise<void> => {
    while (crashing) {
      taken.push(paid(), countersigned());
      await sleep(700);
    }
  };
  const working = work();
  for (const [runsMs, awayMs] of plan) {
    await sleep(runsMs);
    await servers.postgres.end('SIGQUIT'); // what `pg_ctl stop -m immediate` sends
    await sleep(awayMs);
    await servers.postgres.start();
  }
  crashing = false;
  await working;

  for (const id of await Promise.all(taken)) {
    expect(await ended(spine, id, 120_000)).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(spine, id)).toBe(1);
  }
  expect([spine.gateway().hasEnded(), spine.worker().hasEnded()]).toEqual([false, false]);
  expect(await checkInvariants(spine)).toEqual([]);
}, 400_000);

async function paid(): Promise<string> {
  return (await insist(spine, invoice(), { withinMs: 120_000 })).id;
}

async function countersigned(): Promise<string> {
  const { id } = await insist(spine, largeInvoice(), { withinMs: 120_000 });
  const voted = async (): Promise<boolean> => {
    try {
      const { status } = await vote(spine, 'bob', id, 'approve');
      return status === 200 || status === 409; // 409: it had counted, and nobody heard of it
    } catch {
      return false; // the auditor's own connection broke
    }
  };
  await waitUntil(voted, { what: 'The vote was not taken', withinMs: 120_000 });
  return id;
}
