import { randomUUID } from 'node:crypto';
import { type Client } from 'pg';
import { CountersignError, type Credential } from '../../client';
import { checkInvariants } from '../helpers/check-invariants';
import { type Lending, startLending } from '../helpers/lending';
import { dieEverywhere, WITHIN_MS } from './die-everywhere';
import { keepRunning } from './keep-running';

let lending: Lending;
beforeAll(async () => {
  lending = await startLending();
  await lending.spine.worker().stop();
  await lending.spine.gateway().stop();
}, 60_000);
afterEach(async () => await lending.hangUp());
afterAll(async () => await lending.stop());

/** As an agent that outlives its gateway: whatever it sends may be sent again. */
async function persist<T>(send: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + WITHIN_MS;
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof CountersignError && error.retryable) || performance.now() > deadline) throw error;
    }
  }
}

it(
  'F1 F4 a process killed with -9 at every point of access that is lent: it works once, and ends',
  async () => {
    const lent: { readonly credential: Credential; readonly session: Client }[] = [];
    await dieEverywhere(lending.spine, 'lent', {
      ending: 'executed',
      // The reaper finds something only where a worker died before it could end the access itself.
      againAfterMs: 0,
      tell: async () => {
        const key = randomUUID();
        const handle = await persist(() => lending.ask('books.study', key));
        const claimed = await persist(() => handle.claim());
        if (claimed.kind !== 'claimed') throw new Error(claimed.outcome.say);
        const { credential } = claimed;
        const session = await lending.login(credential);
        lent.push({ credential, session });
        expect((await session.query('select count(*) from entries')).rowCount).toBe(1);
        await persist(() => handle.complete({}, { waitMs: 0 }));
        return handle.id;
      },
    });
    for (const { credential, session } of lent) await lending.expectDead(credential, session);
  },
  WITHIN_MS + 120_000,
);

it('leaves every invariant standing', async () => {
  const worker = keepRunning('worker', lending.spine.settings.worker);
  const gateway = keepRunning('gateway', lending.spine.settings.gateway);
  try {
    expect(await checkInvariants({ ...lending.spine, books: lending.books })).toEqual([]);
  } finally {
    await Promise.all([worker.stop(), gateway.stop()]);
  }
}, 240_000);
