import { checkInvariants } from '../helpers/check-invariants';
import { ended, invoice, largeInvoice, pay, vote } from '../helpers/pay';
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

const paymentsOf = (id: string): number =>
  spine.services.payments.book
    .records()
    .filter(({ kind, actionId, operation }) => kind === 'effect' && actionId === id && operation === 'createPayment')
    .length;

it('F3 a worker that is asked to end finishes what it has begun, and the next one repeats nothing', async () => {
  const asked = await Promise.all(Array.from({ length: 10 }, () => pay(spine, invoice(), { waitMs: 0 })));
  expect(await spine.worker().stop()).toEqual({ code: 0, signal: null });
  await spine.startWorker();
  for (const { id } of asked) {
    expect(await ended(spine, id, WITHIN_MS)).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(id)).toBe(1);
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
    expect(paymentsOf(id)).toBe(1);
  }
}, 240_000);

it('leaves every invariant standing', async () => {
  expect(await checkInvariants(spine, { quietWithinMs: WITHIN_MS })).toEqual([]);
}, 240_000);
