import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../stack/wait-until';
import { type TemporalClient } from '../../temporal/connect';
import { actionWorkflowId, WAKE_SIGNAL } from '../../workflows/contract/names';
import { checkInvariants } from '../helpers/check-invariants';
import { giveUp } from '../helpers/give-up';
import { clientOf } from '../helpers/histories';
import { ended, invoice, pay } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';
import { startOrders } from '../helpers/start-orders';

let spine: Spine;
let client: TemporalClient;

// The worker of the spine has the role `effects`; what is asked of people goes on without it.
beforeAll(async () => {
  spine = await startSpine({ workerSettings: { COUNTERSIGN_WORKER_ROLE: 'effects' } });
  await startOrders(spine);
  client = await clientOf(spine);
});
afterAll(async () => {
  await client.connection.close();
  await spine.stop();
});

/** An action whose payment was refused, and whose booking nobody takes back: the last worker that could died before it sent anything. */
async function abandoned(): Promise<string> {
  rmSync(join(spine.home, 'faults'), { recursive: true, force: true });
  const worker = await spine.startWorker('undoStep.begin:after-commit=kill');
  const params = invoice();
  void spine.services.payments.faults.failNext({
    operation: 'createPayment',
    invoiceId: params.invoiceId,
    how: 'refuse',
  });
  const { id } = await pay(spine, params, { waitMs: 0 });
  expect(await worker.ended).toEqual({ code: null, signal: 'SIGKILL' });
  await giveUp(client, id, 'undoStep');
  await waitUntil(async () => (await taskOf(id)) !== undefined, { what: 'No person was asked', withinMs: 20_000 });
  return id;
}

async function taskOf(
  id: string,
): Promise<{ state: string; by: string | null; resolution: string | null } | undefined> {
  const { rows } = await spine.auditor.query<{ state: string; by: string | null; resolution: string | null }>(
    `select state, resolved_by as by, resolution from tasks where task = $1`,
    [`${id}.book.undo_stuck`],
  );
  return rows[0];
}

/** By somebody who did it by hand. */
async function mend(id: string): Promise<number> {
  const response = await fetch(`${spine.adminUrl}/v1/admin/tasks/${id}.book.undo_stuck/resolve`, {
    method: 'POST',
    headers: { authorization: `Bearer ${spine.people.bob.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ resolution: 'mended', reason: 'deleted by hand' }),
  });
  return response.status;
}

/** What the bookkeeping was asked to do for this action, and did. */
const operationsOf = (id: string): unknown[] =>
  spine.services.erp.book
    .records()
    .filter(({ actionId }) => actionId === id)
    .map(({ kind, operation }) => [kind, operation]);

describe('W1 an undo that nobody answers', () => {
  it('is done once somebody can, and the person who was asked meanwhile is asked no more', async () => {
    const id = await abandoned();
    expect(await taskOf(id)).toEqual({ state: 'open', by: null, resolution: null });
    await spine.startWorker();
    await client.workflow.getHandle(actionWorkflowId('demo', id)).signal(WAKE_SIGNAL); // or it would wait a minute
    expect(await ended(spine, id)).toMatchObject({ kind: 'undone' });
    expect(operationsOf(id)).toEqual([
      ['effect', 'insertBooking'],
      ['effect', 'deleteBooking'],
    ]);
    expect(await taskOf(id)).toEqual({ state: 'resolved', by: 'countersign', resolution: 'mended' });
  }, 90_000);

  it('is not sent any more once a person has mended it', async () => {
    const id = await abandoned();
    const before = operationsOf(id);
    expect(await mend(id)).toBe(200);
    await spine.startWorker();
    expect(await ended(spine, id)).toMatchObject({ kind: 'undo_stuck' });
    expect(operationsOf(id)).toEqual(before);
  }, 90_000);

  it('keeps every invariant', async () => {
    expect(await checkInvariants(spine)).toEqual([]);
  });
});
