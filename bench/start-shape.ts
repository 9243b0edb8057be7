import { randomUUID } from 'node:crypto';
import { type WorkflowHandle } from '@temporalio/client';
import { type ActionStart, actionStartOptions } from '../temporal/action-start';
import { type TemporalClient } from '../temporal/connect';
import { SHAPES_QUEUE } from './with-worker';

/** Starts one workflow of a form that Countersign is compared with, under the same attributes and summaries as an action. */
export async function startShape(client: TemporalClient, shape: 'bare' | 'skeleton'): Promise<WorkflowHandle> {
  const action: ActionStart = {
    tenant: 'demo',
    actionId: `act-${randomUUID()}`,
    labels: { agentId: 'invoice-agent', actionType: 'bench.pay', riskClass: 'high', teamId: 'finance' },
    summary: 'Pay 3,000.00 EUR to globex',
  };
  return await client.workflow.start(shape, {
    ...actionStartOptions(action),
    workflowId: `bench/${shape}/${action.actionId}`,
    taskQueue: SHAPES_QUEUE,
  });
}
