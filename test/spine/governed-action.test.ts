import { checkInvariants } from '../helpers/check-invariants';
import { ended, invoice, largeInvoice, pay, paymentsOf, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';

let spine: Spine;
beforeAll(async () => (spine = await startSpine()));
afterAll(async () => await spine.stop());

const codesOf = (outcome: { reasons?: readonly { code: string }[] }): string[] =>
  (outcome.reasons ?? []).map((reason) => reason.code);

describe('a governed action', () => {
  it('is done at once where policy allows it', async () => {
    const paid = await pay(spine, invoice());
    expect(paid).toMatchObject({
      status: 200,
      outcome: { kind: 'executed', result: { pay: { amountMinor: 12_300 } } },
    });
    expect(paymentsOf(spine, paid.id)).toBe(1);
  });

  it('is not done where policy denies it, and says why', async () => {
    const denied = await pay(spine, invoice({ vendorId: 'umbrella' }));
    expect(denied).toMatchObject({ status: 200, outcome: { kind: 'denied' } });
    expect(codesOf(denied.outcome)).toContain('payments.vendor_inactive');
    expect(paymentsOf(spine, denied.id)).toBe(0);
  });

  it('waits for a person above the limit, and is done once after the approval', async () => {
    const asked = await pay(spine, largeInvoice());
    expect(asked).toMatchObject({ status: 202, outcome: { kind: 'pending', waitingOn: ['group:finance-approvers'] } });
    expect(paymentsOf(spine, asked.id)).toBe(0);
    expect((await vote(spine, 'bob', asked.id, 'approve')).status).toBe(200);
    expect(await ended(spine, asked.id)).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(spine, asked.id)).toBe(1);
  });

  it('is not done after a denial', async () => {
    const asked = await pay(spine, largeInvoice());
    expect((await vote(spine, 'bob', asked.id, 'deny', { reason: 'wrong price' })).status).toBe(200);
    expect(await ended(spine, asked.id)).toMatchObject({ kind: 'rejected' });
    expect(paymentsOf(spine, asked.id)).toBe(0);
  });

  it('X8 cannot be approved by the owner of its agent', async () => {
    const asked = await pay(spine, largeInvoice());
    expect(await vote(spine, 'alice', asked.id, 'approve')).toMatchObject({
      status: 403,
      body: { code: 'self_approval' },
    });
    await vote(spine, 'bob', asked.id, 'deny');
    await ended(spine, asked.id);
  });

  it('takes back its booking when the payment is refused', async () => {
    const params = invoice();
    void spine.services.payments.faults.failNext({
      operation: 'createPayment',
      invoiceId: params.invoiceId,
      how: 'refuse',
    });
    const { id, outcome } = await pay(spine, params);
    expect(outcome.kind).toBe('undone');
    const bookings = spine.services.erp.book
      .records()
      .filter((record) => record.actionId === id && record.kind === 'effect');
    expect(bookings.map((record) => record.operation)).toEqual(['insertBooking', 'deleteBooking']);
  });

  it('X62 finds out what became of a payment whose reply was lost, and pays once', async () => {
    const params = invoice();
    void spine.services.payments.faults.failNext({
      operation: 'createPayment',
      invoiceId: params.invoiceId,
      how: 'drop-reply',
    });
    const { id } = await pay(spine, params);
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(spine, id)).toBe(1);
    const { rows } = await spine.auditor.query(
      `select 1 from ledger where leaf::jsonb -> 'entry' ->> 'event' = 'effect.done' and leaf::jsonb -> 'entry' ->> 'reconciled' = 'true' and leaf::jsonb -> 'entry' ->> 'action' = $1`,
      [id],
    );
    expect(rows).toHaveLength(1);
  });

  it('W7 is one action however often it is asked for', async () => {
    const params = invoice();
    const answers = await Promise.all(Array.from({ length: 20 }, async () => await pay(spine, params)));
    expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
    expect(paymentsOf(spine, answers[0]?.id ?? '')).toBe(1);
  });

  it('keeps every invariant, and a secret in its parameters to itself', async () => {
    const canary = `CANARY-${crypto.randomUUID()}`;
    const { id } = await pay(spine, largeInvoice({ memo: canary }), { because: `please ${canary}` });
    await vote(spine, 'carol', id, 'approve', { reason: `ok ${canary}` });
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    expect(await checkInvariants(spine, { canaries: [canary] })).toEqual([]);
  });
});
