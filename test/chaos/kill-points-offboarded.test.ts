import { waitUntil } from '../../stack/wait-until';
import { checkInvariants } from '../helpers/check-invariants';
import { type Lending, startLending } from '../helpers/lending';
import { offboard } from '../helpers/offboard';
import { dieEverywhere, WITHIN_MS } from './die-everywhere';
import { keepRunning } from './keep-running';

let lending: Lending;
beforeAll(async () => (lending = await startLending()), 60_000);
afterAll(async () => {
  await lending.hangUp();
  await lending.stop();
});

it(
  'F1 L3 a process killed with -9 at every point of an offboarding: it comes to its end once, and nothing of the agent lives',
  async () => {
    const waiting = await lending.ask('books.mend');
    const credential = await lending.claim(await lending.ask('books.study'));
    const session = await lending.login(credential);
    await lending.spine.worker().stop();
    await lending.spine.gateway().stop();
    await dieEverywhere(lending.spine, 'offboarded', {
      ending: 'cancelled',
      tell: async () => {
        expect(await offboard(lending.spine, lending.agentId)).toEqual({ moved: 'done' });
        return waiting.id;
      },
    });
    await lending.expectDead(credential, session);
  },
  WITHIN_MS + 60_000,
);

it('leaves every invariant standing, and one receipt', async () => {
  const worker = keepRunning('worker', lending.spine.settings.worker);
  const gateway = keepRunning('gateway', lending.spine.settings.gateway);
  try {
    const receipts = async (): Promise<number | null> =>
      (
        await lending.spine.auditor.query(
          `select from receipts join agents using (tenant, agent) where state = 'offboarded'`,
        )
      ).rowCount;
    await waitUntil(async () => (await receipts()) === 1, { what: 'There was no receipt', withinMs: 60_000 });
    expect(await checkInvariants({ ...lending.spine, books: lending.books })).toEqual([]);
  } finally {
    await Promise.all([worker.stop(), gateway.stop()]);
  }
}, 240_000);
