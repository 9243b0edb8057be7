import { waitUntil } from '../../stack/wait-until';
import { checkInvariants } from '../helpers/check-invariants';
import { ended, invoice, pay, paymentsOf } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';

let spine: Spine;
beforeAll(async () => (spine = await startSpine()));
afterAll(async () => await spine.stop());

/** A payment that happens, whose reply is lost, at a bank that then closes for the day. */
async function lostPayment(): Promise<{ readonly id: string; readonly task: string }> {
  const { faults } = spine.services.payments;
  const params = invoice();
  const happened = faults.failNext({ operation: 'createPayment', invoiceId: params.invoiceId, how: 'drop-reply' });
  const { id } = await pay(spine, params, { waitMs: 100 });
  await happened;
  faults.closed = true;
  let task: string | undefined;
  const asked = async (): Promise<boolean> => {
    const { rows } = await spine.auditor.query<{ task: string }>(
      `select task from tasks where action = $1 and state = 'open'`,
      [id],
    );
    task = rows[0]?.task;
    return task !== undefined;
  };
  await waitUntil(asked, { what: 'No person was asked', withinMs: 55_000 });
  if (task === undefined) throw new Error('unreachable');
  return { id, task };
}

async function resolve(task: string, resolution: 'happened' | 'did_not_happen'): Promise<number> {
  const response = await fetch(`${spine.adminUrl}/v1/admin/tasks/${task}/resolve`, {
    method: 'POST',
    headers: { authorization: `Bearer ${spine.people.bob.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ resolution, reason: 'the bank was called' }),
  });
  return response.status;
}

describe('W3 an outcome that the target cannot tell', () => {
  it('is asked of a person, and nothing is sent again meanwhile; what the person says holds', async () => {
    const { id, task } = await lostPayment();
    expect(paymentsOf(spine, id)).toBe(1);
    expect(await resolve(task, 'happened')).toBe(200);
    spine.services.payments.faults.closed = false;
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(spine, id)).toBe(1);
    expect(await resolve(task, 'did_not_happen')).toBe(409);
  }, 90_000);

  it('keeps every invariant', async () => {
    expect(await checkInvariants(spine)).toEqual([]);
  });
});
