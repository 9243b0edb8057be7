import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type DataConverter } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { type ActionStart, actionStartOptions } from '../temporal/action-start';
import { type TemporalClient } from '../temporal/connect';
import { WAKE_SIGNAL } from '../workflows/contract/names';
import { type Cost, costOf } from './cost';
import { createShapeActivities } from './shapes/activities';

const TASK_QUEUE = 'bench';

export interface ShapesOptions {
  readonly client: TemporalClient;
  readonly address: string;
  readonly namespace: string;
  readonly dataConverter: DataConverter;
}

/** Runs the two forms that Countersign is compared with, under the same codec, attributes and summaries as an action. */
export async function runShapes({
  client,
  address,
  namespace,
  dataConverter,
}: ShapesOptions): Promise<{ bare: Cost; naive: Cost }> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });
  const service = createServer((request, response) => request.resume().on('end', () => response.end('{}')));
  const connection = await NativeConnection.connect({ address });
  try {
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    const { port } = service.address() as AddressInfo;
    const activities = createShapeActivities(`http://127.0.0.1:${String(port)}`);
    const workflowsPath = require.resolve('./shapes');
    const worker = await Worker.create({
      connection,
      namespace,
      dataConverter,
      taskQueue: TASK_QUEUE,
      workflowsPath,
      activities: { ...activities },
    });
    return await worker.runUntil(async () => ({ bare: await run(client, 'bare'), naive: await run(client, 'naive') }));
  } finally {
    await connection.close();
    service.close();
    service.closeAllConnections();
  }
}

async function run(client: TemporalClient, shape: 'bare' | 'naive'): Promise<Cost> {
  const action: ActionStart = {
    tenant: 'demo',
    actionId: `act-${randomUUID()}`,
    labels: { agentId: 'invoice-agent', actionType: 'bench.pay', riskClass: 'high', teamId: 'finance' },
    summary: 'Pay 3,000.00 EUR to globex',
  };
  const workflowId = `bench/${shape}/${action.actionId}`;
  const handle = await client.workflow.start(shape, {
    ...actionStartOptions(action),
    workflowId,
    taskQueue: TASK_QUEUE,
  });
  if (shape === 'naive') {
    // The person answers when the workflow waits: a signal that arrives in the middle of its work would cost more.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await handle.signal(WAKE_SIGNAL);
  }
  return costOf(client, workflowId);
}
