import { checkInvariants } from '../helpers/check-invariants';
import { type Mischief, type MischievousTarget, startMischief } from '../helpers/mischief';
import { ended, invoice, pay, paymentsOf } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';

let bank: MischievousTarget;
let spine: Spine;
beforeAll(async () => {
  spine = await startSpine({
    settings: async (_temporal, _database, services) => {
      bank = await startMischief(services.payments.url);
      return { COUNTERSIGN_TARGET_PAYMENTS: bank.url };
    },
  });
});
afterAll(async () => {
  await spine.stop();
  await bank.stop();
});

const ANSWERS: readonly Mischief[] = ['comes too late', 'comes a byte at a time', 'never ends'];

describe('F17 a target', () => {
  // All at once: each of them waits for time-outs of its own.
  it('whose answer comes too late, or a byte at a time, or never ends: what it did is found out, and done once', async () => {
    const paid = await Promise.all(
      ANSWERS.map(async (what) => {
        const params = invoice();
        bank.plan(params.invoiceId, what);
        const { id } = await pay(spine, params, { waitMs: 100 });
        return { what, id, outcome: await ended(spine, id, 60_000) };
      }),
    );
    for (const { what, id, outcome } of paid) {
      expect([what, outcome.kind, paymentsOf(spine, id)]).toEqual([what, 'executed', 1]);
    }
  }, 90_000);

  it('that leads elsewhere once is not followed, and asked again', async () => {
    const params = invoice();
    bank.plan(params.invoiceId, 'leads elsewhere');
    const { id } = await pay(spine, params, { waitMs: 100 });
    expect(await ended(spine, id, 60_000)).toMatchObject({ kind: 'executed' });
    expect([bank.followed(), paymentsOf(spine, id)]).toEqual([0, 1]);
  }, 90_000);

  it('that breaks before it does anything is asked again, once it is well', async () => {
    const params = invoice();
    void spine.services.payments.faults.failNext({
      ...{ operation: 'createPayment', invoiceId: params.invoiceId, how: 'error-500' },
    });
    const { id } = await pay(spine, params, { waitMs: 100 });
    expect(await ended(spine, id, 60_000)).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(spine, id)).toBe(1);
  }, 90_000);

  it('in any of these moods leaves every invariant standing', async () => {
    expect(await checkInvariants(spine)).toEqual([]);
  });
});
