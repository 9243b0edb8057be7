import { freePort } from '../../config/free-port';
import { waitUntil } from '../../stack/wait-until';
import { checkInvariants } from '../helpers/check-invariants';
import { ended, invoice, largeInvoice, pay, paymentsOf, vote } from '../helpers/pay';
import { startTestProcess, type TestProcess } from '../helpers/processes';
import { type Spine, startSpine } from '../helpers/spine';
import { type RunningServers } from '../setup/start-servers';
import { startOwnServers } from './own-servers';

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

const WITHIN_MS = 150_000;

it('F3 a worker that is asked to end finishes what it has begun, and the next one repeats nothing', async () => {
  const asked = await Promise.all(Array.from({ length: 10 }, () => pay(spine, invoice(), { waitMs: 0 })));
  expect(await spine.worker().stop()).toEqual({ code: 0, signal: null });
  await spine.startWorker();
  for (const { id } of asked) {
    expect(await ended(spine, id, WITHIN_MS)).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(spine, id)).toBe(1);
  }
}, 240_000);

it('F10 Temporal killed with -9 and started again: what waited goes on, and what was asked meanwhile starts', async () => {
  const waiting = await pay(spine, largeInvoice(), { waitMs: 5_000 });
  const inFlight = await pay(spine, invoice(), { waitMs: 0 });
  await vote(spine, 'bob', waiting.id, 'approve');
  await servers.temporal.end('SIGKILL');
  const meanwhile = await pay(spine, invoice(), { waitMs: 0 });
  expect(meanwhile.status).toBe(202);
  await servers.temporal.start();
  for (const { id } of [waiting, inFlight, meanwhile]) {
    expect(await ended(spine, id, WITHIN_MS)).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(spine, id)).toBe(1);
  }
}, 240_000);

describe('F10 a worker that is started while Temporal is away', () => {
  let port: number;
  const start = (): TestProcess =>
    startTestProcess('worker', { ...spine.settings.worker, COUNTERSIGN_WORKER_PORT: String(port) });
  const waits = async (worker: TestProcess): Promise<void> => {
    await worker.waitForLog('Temporal does not answer; this worker waits for it', 60_000);
    expect(worker.log()).not.toContain('the worker runs');
  };
  const readiness = async (): Promise<{ readonly status: number; readonly text: string }> => {
    const answer = await fetch(`http://127.0.0.1:${String(port)}/readyz`);
    return { status: answer.status, text: await answer.text() };
  };
  beforeAll(async () => {
    port = await freePort();
    await spine.worker().stop();
    await servers.temporal.end('SIGKILL');
  });

  it('waits, says so, and does meanwhile what Postgres alone is needed for', async () => {
    const worker = start();
    await waits(worker);
    // It listens once it hears of stops, which is not awaited before Temporal is asked for.
    const listens = async (): Promise<boolean> => await readiness().then(Boolean, () => false);
    await waitUntil(listens, { what: 'Nobody listens', withinMs: 60_000 });
    const { status, text } = await readiness();
    expect([status, text]).toEqual([503, expect.stringMatching(/temporal_unavailable.*pollers_stopped/)]);
    const { id } = await pay(spine, invoice(), { waitMs: 0 });
    const signed = async (): Promise<boolean> => {
      const newest = `select from ledger l where key = $1 and seq < (select max(size) from checkpoints c where c.tenant = l.tenant)`;
      return (await spine.auditor.query(newest, [`action/${id}/requested`])).rowCount === 1;
    };
    await waitUntil(signed, { what: 'Nothing was signed', withinMs: 60_000 });
    expect(worker.hasEnded()).toBe(false);

    await servers.temporal.start();
    await worker.waitForLog('the worker runs', 60_000);
    await waitUntil(async () => (await readiness()).status === 200, { what: 'It was not ready', withinMs: 60_000 });
    expect(await ended(spine, id, WITHIN_MS)).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(spine, id)).toBe(1);
    expect(await worker.stop()).toEqual({ code: 0, signal: null });
  }, 240_000);

  it('ends well when it is asked to, though it never ran', async () => {
    await servers.temporal.end('SIGKILL');
    const worker = start();
    await waits(worker);
    expect(await worker.stop()).toEqual({ code: 0, signal: null });
    expect(worker.log()).toContain('the worker has stopped');
    await servers.temporal.start();
    await spine.startWorker();
  }, 240_000);
});

it('leaves every invariant standing', async () => {
  expect(await checkInvariants(spine, { quietWithinMs: WITHIN_MS })).toEqual([]);
}, 240_000);
