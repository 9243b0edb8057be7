import { actionWorkflowId, TASK_QUEUES, WAKE_SIGNAL, WORKFLOW_TYPES } from '../../workflows/contract/names';
import { waitUntil } from '../../stack/wait-until';
import { type TemporalClient } from '../../temporal/connect';
import { checkInvariants } from '../helpers/check-invariants';
import { clientOf } from '../helpers/histories';
import { ended, invoice, largeInvoice, pay, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';

let spine: Spine;
let client: TemporalClient;
beforeAll(async () => {
  spine = await startSpine();
  client = await clientOf(spine);
});
afterAll(async () => {
  await client.connection.close();
  await spine.stop();
});

const paymentsOf = (actionId: string): number =>
  spine.services.payments.book
    .records()
    .filter(
      (record) => record.kind === 'effect' && record.operation === 'createPayment' && record.actionId === actionId,
    ).length;

const handleOf = (actionId: string): ReturnType<TemporalClient['workflow']['getHandle']> =>
  client.workflow.getHandle(actionWorkflowId('demo', actionId));

describe('what goes round the gateway, or comes in between', () => {
  it('X18 a signal sent by hand approves nothing', async () => {
    const { id } = await pay(spine, largeInvoice());
    await handleOf(id).signal(WAKE_SIGNAL);
    await handleOf(id).signal('approve', { person: 'bob' });
    expect((await pay(spine, largeInvoice(), { key: 'another' })).status).toBe(202); // the worker is well
    expect(paymentsOf(id)).toBe(0);
    await vote(spine, 'bob', id, 'deny');
    expect(await ended(spine, id)).toMatchObject({ kind: 'rejected' });
  });

  it('X76 a workflow started by hand does nothing, with a made-up id or with that of a denied action', async () => {
    const denied = await pay(spine, invoice({ vendorId: 'umbrella' }));
    const startByHand = async (workflowId: string, args: readonly unknown[]): Promise<unknown> =>
      await client.workflow.execute(WORKFLOW_TYPES.governedAction, {
        workflowId,
        taskQueue: TASK_QUEUES.actions,
        args: [...args],
      });
    const madeUp = 'act-00000000-0000-7000-8000-000000000000';
    expect(await startByHand(actionWorkflowId('demo', madeUp), [{ tenant: 'demo', actionId: madeUp }])).toEqual({
      state: 'denied',
    });
    expect(await startByHand('by-hand', [{ tenant: 'demo', actionId: denied.id }])).toEqual({ state: 'denied' });
    expect(await startByHand('by-hand-too', ['who knows what'])).toEqual({ state: 'denied' });
    expect(paymentsOf(denied.id)).toBe(0);
  });

  it('a workflow that was terminated by hand goes on when somebody votes', async () => {
    const { id } = await pay(spine, largeInvoice());
    await handleOf(id).terminate('an operator pressed the button');
    await vote(spine, 'bob', id, 'approve');
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(id)).toBe(1);
  });

  it('a cancellation by the agent ends an action that waits', async () => {
    const { id } = await pay(spine, largeInvoice());
    const response = await fetch(`${spine.gatewayUrl}/v1/actions/${id}/cancel`, {
      method: 'POST',
      headers: { authorization: `Bearer ${spine.agentKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'not needed any more' }),
    });
    expect(response.ok).toBe(true);
    expect(await ended(spine, id)).toMatchObject({ kind: 'cancelled' });
    expect(paymentsOf(id)).toBe(0);
  });

  it('X26 silence is not consent: nobody decides in time', async () => {
    const { id } = await pay(spine, invoice({ urgency: 'same-day' }));
    expect(await ended(spine, id)).toMatchObject({ kind: 'expired' });
    expect(paymentsOf(id)).toBe(0);
    expect(await vote(spine, 'bob', id, 'approve')).toMatchObject({ status: 409, body: { code: 'approval_expired' } });
  });

  it('a vote that got its 200 while no worker ran takes effect when one does', async () => {
    const { id } = await pay(spine, largeInvoice());
    await spine.worker().stop();
    expect((await vote(spine, 'bob', id, 'approve')).status).toBe(200);
    expect(paymentsOf(id)).toBe(0);
    await spine.startWorker();
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
  });

  it('W6 bank details that changed after the approval send it back to the people', async () => {
    const { id } = await pay(spine, largeInvoice());
    spine.services.erp.changeIban('globex', 'DE02120300000000202051');
    try {
      await vote(spine, 'bob', id, 'approve');
      await untilRound(id, 2);
      expect(paymentsOf(id)).toBe(0);
      await vote(spine, 'carol', id, 'approve');
      expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    } finally {
      spine.services.erp.changeIban('globex', 'DE89370400440532013000');
    }
  });

  it('keeps every invariant', async () => {
    for (const { action } of (
      await spine.auditor.query<{ action: string }>(`select action from actions where state = 'waiting'`)
    ).rows)
      await vote(spine, 'bob', action, 'deny');
    expect(await checkInvariants(spine)).toEqual([]);
  });
});

async function untilRound(actionId: string, round: number): Promise<void> {
  await waitUntil(
    async () =>
      (await spine.auditor.query(`select from approval_requests where action = $1 and round = $2`, [actionId, round]))
        .rowCount === 1,
    { what: `Action ${actionId} was not decided anew`, withinMs: 20_000 },
  );
}
