import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism, setPriority } from 'node:os';
import { checkInvariants } from '../helpers/check-invariants';
import { ended, invoice, largeInvoice, pay, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';
import { insist } from './insist';

/** The last in the queue for a processor. */
const LAST = 19;
const WITHIN_MS = 300_000;

let spine: Spine;
const busy: ChildProcess[] = [];

beforeAll(async () => {
  spine = await startSpine();
  for (const { pid } of [spine.worker(), spine.gateway()]) setPriority(pid, LAST);
  // Twice as many as there are processors: whoever comes last gets a few hundredths of one.
  for (let n = 0; n < 2 * availableParallelism(); n++)
    busy.push(spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
});
afterAll(async () => {
  for (const child of busy) child.kill('SIGKILL');
  await spine.stop();
});

describe('F23 a worker and a gateway that hardly get a processor', () => {
  it('are slower, and do each thing once', async () => {
    const ids = await Promise.all(
      Array.from({ length: 8 }, async (_, n) => {
        const params = n % 2 === 0 ? invoice() : largeInvoice();
        const { id } = await insist(() => pay(spine, params, { waitMs: 0 }), WITHIN_MS);
        if (n % 2 === 1) await insist(() => vote(spine, 'bob', id, 'approve'), WITHIN_MS);
        return id;
      }),
    );
    for (const id of ids) expect(await ended(spine, id, WITHIN_MS)).toMatchObject({ kind: 'executed' });
    const paid = spine.services.payments.book
      .records()
      .flatMap(({ kind, operation, actionId }) => (kind === 'effect' && operation === 'createPayment' ? actionId : []));
    expect(paid.toSorted()).toEqual(ids.toSorted());
  }, 400_000);

  it('leave every invariant standing', async () => {
    expect(await checkInvariants(spine, { quietWithinMs: WITHIN_MS })).toEqual([]);
  }, 400_000);
});
