import { type Client } from 'pg';
import { type FaultKind } from '../demo/services/fault-desk';
import { type DemoServices } from '../demo/services/start-demo-services';
import { type RunningStack } from '../stack/start-stack';
import { waitUntil } from '../stack/wait-until';
import { type TemporalClient } from '../temporal/connect';
import { giveUp } from '../test/helpers/give-up';
import { ended, type Invoice, invoice, largeInvoice, pay, vote } from '../test/helpers/pay';
import { actionWorkflowId, TASK_QUEUES, WAKE_SIGNAL, WORKFLOW_TYPES } from '../workflows/contract/names';

/** A running stack, and what its targets and its observers hold. */
export interface Recorder extends RunningStack {
  readonly services: DemoServices;
  readonly auditor: Client;
  /** May change the schema: for what no agent and no person brings about. */
  readonly owner: Client;
  readonly client: TemporalClient;
}

const CANARY = 'CANARY-of-a-recording';
const IBAN = 'DE89370400440532013000';
const OTHER_IBAN = 'DE02120300000000202051';

/** In every recorded run: in its parameters, its reasons, its facts. */
export const SECRETS: readonly string[] = [CANARY, IBAN, OTHER_IBAN, 'INV-', '250000'];

const TENANT = 'demo';

/** What happens in each recording; answers with the id of the workflow, which then ends. */
export const RECORDINGS: Readonly<Record<string, (recorder: Recorder) => Promise<string>>> = {
  denied: async (recorder) => await asked(recorder, invoice({ vendorId: 'umbrella' }), 'denied'),

  allowed: async (recorder) => await asked(recorder, invoice(), 'executed'),

  approved: async (recorder) =>
    await asked(recorder, largeInvoice(), 'executed', (id) => decide(recorder, id, 'approve')),

  rejected: async (recorder) => await asked(recorder, largeInvoice(), 'rejected', (id) => decide(recorder, id, 'deny')),

  expired: async (recorder) => await asked(recorder, invoice({ urgency: 'same-day' }), 'expired'),

  cancelled: async (recorder) => await asked(recorder, largeInvoice(), 'cancelled', (id) => cancel(recorder, id)),

  undone: async (recorder) => {
    const params = invoice();
    failNext(recorder, params, 'refuse');
    return await asked(recorder, params, 'undone');
  },

  'undo-refused': async (recorder) => {
    const params = invoice();
    failNext(recorder, params, 'refuse');
    failNext(recorder, params, 'refuse', 'deleteBooking');
    return await asked(recorder, params, 'undo_stuck');
  },

  /** Temporal gives up on an undo that its target never answered, as it does after ten minutes; woken, it is tried again. */
  'undo-given-up': async (recorder) => {
    const params = invoice();
    failNext(recorder, params, 'refuse');
    failNext(recorder, params, 'hang', 'deleteBooking');
    return await asked(recorder, params, 'undone', async (id) => {
      await giveUpOnUndo(recorder, id);
      await recorder.client.workflow.getHandle(actionWorkflowId(TENANT, id)).signal(WAKE_SIGNAL);
    });
  },

  reconciled: async (recorder) => {
    const params = invoice();
    failNext(recorder, params, 'drop-reply');
    return await asked(recorder, params, 'executed');
  },

  reconsidered: async (recorder) => {
    const { erp } = recorder.services;
    const workflowId = await asked(recorder, largeInvoice(), 'executed', async (id) => {
      erp.changeIban('globex', OTHER_IBAN);
      await decide(recorder, id, 'approve');
      await untilAskedAnew(recorder, id);
      await decide(recorder, id, 'approve', 'carol');
    });
    erp.changeIban('globex', IBAN);
    return workflowId;
  },

  /** By hand, in Temporal's UI, for an action that nobody asked for. */
  'nothing-decided': async ({ client }) => {
    const actionId = 'act-00000000-0000-7000-8000-000000000000';
    const workflowId = actionWorkflowId(TENANT, actionId);
    await client.workflow.start(WORKFLOW_TYPES.governedAction, {
      workflowId,
      taskQueue: TASK_QUEUES.actions,
      args: [{ tenant: TENANT, actionId }],
    });
    return workflowId;
  },
};

async function asked(
  recorder: Recorder,
  params: Invoice,
  ending: string,
  meanwhile: (actionId: string) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const { id } = await pay(recorder, { ...params, memo: CANARY }, { because: CANARY, waitMs: 1_000 });
  await meanwhile(id);
  const outcome = await ended(recorder, id);
  if (outcome.kind !== ending) throw new Error(`${id} ended as ${outcome.kind} (${outcome.say}), not as ${ending}.`);
  return actionWorkflowId(TENANT, id);
}

async function decide(
  recorder: Recorder,
  actionId: string,
  choice: 'approve' | 'deny',
  person: 'bob' | 'carol' = 'bob',
): Promise<void> {
  const { status, body } = await vote(recorder, person, actionId, choice, { reason: CANARY });
  if (status !== 200) throw new Error(`The vote of ${person} was refused: ${body.code ?? String(status)}.`);
}

async function cancel({ gatewayUrl, agentKey }: Recorder, actionId: string): Promise<void> {
  const { ok, status } = await fetch(`${gatewayUrl}/v1/actions/${actionId}/cancel`, {
    method: 'POST',
    headers: { authorization: `Bearer ${agentKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ reason: CANARY }),
  });
  if (!ok) throw new Error(`The cancellation was refused with ${String(status)}.`);
}

function failNext(
  { services: { payments, erp } }: Recorder,
  { invoiceId }: Invoice,
  how: FaultKind,
  operation: 'createPayment' | 'deleteBooking' = 'createPayment',
): void {
  const { faults } = operation === 'createPayment' ? payments : erp;
  void faults.failNext({ operation, invoiceId, how });
}

async function giveUpOnUndo({ client, auditor }: Recorder, actionId: string): Promise<void> {
  await giveUp(client, actionId, 'undoStep');
  await waitUntil(
    async () =>
      (await auditor.query(`select from tasks where action = $1 and kind = 'undo_stuck'`, [actionId])).rowCount === 1,
    { what: `Nobody was asked about the undo of ${actionId}`, withinMs: 20_000 },
  );
}

async function untilAskedAnew({ auditor }: Recorder, actionId: string): Promise<void> {
  await waitUntil(
    async () =>
      (await auditor.query('select from approval_requests where action = $1 and round = 2', [actionId])).rowCount === 1,
    { what: `Action ${actionId} was not decided anew`, withinMs: 20_000 },
  );
}
