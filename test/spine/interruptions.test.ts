import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { Client as Postgres } from 'pg';
import {
  actionWorkflowId,
  STATUS_QUERY,
  TASK_QUEUES,
  WAKE_SIGNAL,
  WORKFLOW_TYPES,
} from '../../workflows/contract/names';
import { waitUntil } from '../../stack/wait-until';
import { type TemporalClient } from '../../temporal/connect';
import { checkInvariants } from '../helpers/check-invariants';
import { clientOf } from '../helpers/histories';
import { ended, invoice, largeInvoice, pay, paymentsOf, requestOf, vote } from '../helpers/pay';
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

const handleOf = (actionId: string): ReturnType<TemporalClient['workflow']['getHandle']> =>
  client.workflow.getHandle(actionWorkflowId('demo', actionId));

describe('what goes round the gateway, or comes in between', () => {
  it('X18 signals sent by hand approve nothing, whatever they are called and hold', async () => {
    const { id } = await pay(spine, largeInvoice());
    const { request, digest } = await requestOf(spine, id);
    // As our own processes send them, and as Temporal's UI and command line do, which hold no key.
    const { connection, options } = client;
    const byHand = new Client({ connection, namespace: options.namespace }).workflow.getHandle(
      actionWorkflowId('demo', id),
    );
    await handleOf(id).signal(WAKE_SIGNAL);
    for (const name of [WAKE_SIGNAL, 'approve', 'vote', 'voteCast'])
      for (const handle of [handleOf(id), byHand])
        await handle.signal(name, { request, digest, person: 'bob', choice: 'approve', state: 'approved' });
    // Answered by a worker that has seen all of them.
    expect(await handleOf(id).query(STATUS_QUERY)).toMatchObject({ state: 'waiting' });
    expect((await requestOf(spine, id)).state).toBe('open');
    expect((await spine.auditor.query('select from votes where request = $1', [request])).rowCount).toBe(0);
    expect(paymentsOf(spine, id)).toBe(0);
    await vote(spine, 'bob', id, 'deny');
    expect(await ended(spine, id)).toMatchObject({ kind: 'rejected' });
  });

  it('X78 payloads in the clear, or copied from another workflow, start nothing and leave no workflow stuck', async () => {
    const { id } = await pay(spine, largeInvoice());
    const { options } = client;
    const { events } = await handleOf(id).fetchHistory();
    const copied = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    expect(Buffer.from(copied[0]?.metadata?.['encoding'] ?? []).toString()).toBe('binary/encrypted');
    const clear = defaultPayloadConverter.toPayload({ tenant: 'demo', actionId: id });
    const forged: readonly (readonly [workflowId: string, payloads: readonly Payload[]])[] = [
      ['in-the-clear', [clear]],
      [`action/demo/${id.slice(0, -4)}0000`, copied],
      ['copied', copied],
      ['nothing', []],
    ];
    for (const [workflowId, payloads] of forged) {
      await client.workflowService.startWorkflowExecution({
        ...{ namespace: options.namespace, workflowId, requestId: workflowId, input: { payloads: [...payloads] } },
        ...{ workflowType: { name: WORKFLOW_TYPES.governedAction }, taskQueue: { name: TASK_QUEUES.actions } },
        header: { fields: { '_tracer-data': clear } },
      });
      expect([workflowId, await client.workflow.getHandle(workflowId).result()]).toEqual([
        workflowId,
        { state: 'denied' },
      ]);
    }
    for (const payloads of [[clear], copied, [...copied, clear]])
      await client.workflowService.signalWorkflowExecution({
        ...{ namespace: options.namespace, signalName: WAKE_SIGNAL, input: { payloads }, requestId: randomUUID() },
        ...{
          workflowExecution: { workflowId: actionWorkflowId('demo', id) },
          header: { fields: { '_tracer-data': clear } },
        },
      });
    expect(paymentsOf(spine, id)).toBe(0);
    await vote(spine, 'bob', id, 'approve');
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(spine, id)).toBe(1);
    for (const workflowId of [actionWorkflowId('demo', id), ...forged.map(([name]) => name)]) {
      const history = await client.workflow.getHandle(workflowId).fetchHistory();
      expect(history.events?.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
    }
  });

  it('X16 votes and signals after the end change nothing', async () => {
    const { id } = await pay(spine, largeInvoice());
    await vote(spine, 'bob', id, 'approve');
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    await handleOf(id).result();
    await expect(handleOf(id).signal(WAKE_SIGNAL)).rejects.toThrow(WorkflowNotFoundError);
    for (const choice of ['approve', 'deny'] as const)
      expect(await vote(spine, 'carol', id, choice)).toMatchObject({ status: 409, body: { code: 'approval_closed' } });
    expect(paymentsOf(spine, id)).toBe(1);
  });

  it('X12 whoever left between click and effect has not countersigned: others are asked', async () => {
    const { id } = await pay(spine, largeInvoice());
    await spine.worker().stop();
    expect((await vote(spine, 'bob', id, 'approve')).status).toBe(200);
    await setState('bob', 'left');
    try {
      await spine.startWorker();
      expect(await ended(spine, (await pay(spine, invoice())).id)).toMatchObject({ kind: 'executed' }); // the worker is well
      expect(await handleOf(id).query(STATUS_QUERY)).toMatchObject({ state: 'waiting' });
      expect(paymentsOf(spine, id)).toBe(0);
      expect((await vote(spine, 'carol', id, 'approve')).status).toBe(200);
      expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
      expect(paymentsOf(spine, id)).toBe(1);
    } finally {
      await setState('bob', 'active');
    }
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
    expect(paymentsOf(spine, denied.id)).toBe(0);
    // Recorded: what nobody requested, here; what was denied, in its own entries, which are those of before.
    const { rows } = await spine.auditor.query(
      `select source, sum(count)::integer as n from security_events where kind = 'unknown_action' group by source`,
    );
    expect(rows).toEqual([{ source: 'temporal', n: 1 }]);
    const settled = await spine.auditor.query(`select from ledger where key = $1`, [`action/${denied.id}/settled`]);
    expect(settled.rowCount).toBe(1);
  });

  it('a workflow that was terminated by hand goes on when somebody votes', async () => {
    const { id } = await pay(spine, largeInvoice());
    await handleOf(id).terminate('an operator pressed the button');
    await vote(spine, 'bob', id, 'approve');
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(spine, id)).toBe(1);
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
    expect(paymentsOf(spine, id)).toBe(0);
  });

  it('X26 silence is not consent: nobody decides in time', async () => {
    const { id } = await pay(spine, invoice({ urgency: 'same-day' }));
    expect(await ended(spine, id)).toMatchObject({ kind: 'expired' });
    expect(paymentsOf(spine, id)).toBe(0);
    expect(await vote(spine, 'bob', id, 'approve')).toMatchObject({ status: 409, body: { code: 'approval_expired' } });
  });

  it('a vote that got its 200 while no worker ran takes effect when one does', async () => {
    const { id } = await pay(spine, largeInvoice());
    await spine.worker().stop();
    expect((await vote(spine, 'bob', id, 'approve')).status).toBe(200);
    expect(paymentsOf(spine, id)).toBe(0);
    await spine.startWorker();
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
  });

  it('W6 bank details that changed after the approval send it back to the people', async () => {
    const { id } = await pay(spine, largeInvoice());
    spine.services.erp.changeIban('globex', 'DE02120300000000202051');
    try {
      await vote(spine, 'bob', id, 'approve');
      await untilRound(id, 2);
      expect(paymentsOf(spine, id)).toBe(0);
      await vote(spine, 'carol', id, 'approve');
      expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    } finally {
      spine.services.erp.changeIban('globex', 'DE89370400440532013000');
    }
  });

  it('X64 a workflow that was terminated after its first step undoes it when people say no to the rest', async () => {
    const killed = await spine.startWorker('recordEnd:after-commit=kill');
    const { id } = await pay(spine, largeInvoice());
    await vote(spine, 'bob', id, 'approve');
    await killed.ended;
    rmSync(join(spine.home, 'faults'), { recursive: true });
    spine.services.erp.changeIban('globex', 'DE02120300000000202051');
    try {
      await spine.startWorker();
      await untilRound(id, 2);
      await requestOf(spine, id);
      await handleOf(id).terminate('an operator pressed the button');
      await vote(spine, 'carol', id, 'deny');
      expect(await ended(spine, id)).toMatchObject({ kind: 'undone' });
      expect(paymentsOf(spine, id)).toBe(0);
    } finally {
      spine.services.erp.changeIban('globex', 'DE89370400440532013000');
    }
  }, 90_000);

  it('keeps every invariant', async () => {
    for (const { action } of (
      await spine.auditor.query<{ action: string }>(`select action from actions where state = 'waiting'`)
    ).rows)
      await vote(spine, 'bob', action, 'deny');
    expect(await checkInvariants(spine)).toEqual([]);
  });
});

async function setState(person: string, state: 'active' | 'left'): Promise<void> {
  const superuser = new Postgres({ connectionString: spine.database.superuserUrl });
  await superuser.connect();
  await superuser.query(`update people set state = $2 where tenant = 'demo' and person = $1`, [person, state]);
  await superuser.end();
}

async function untilRound(actionId: string, round: number): Promise<void> {
  await waitUntil(
    async () =>
      (await spine.auditor.query(`select from approval_requests where action = $1 and round = $2`, [actionId, round]))
        .rowCount === 1,
    { what: `Action ${actionId} was not decided anew`, withinMs: 20_000 },
  );
}
