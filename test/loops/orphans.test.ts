import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createSettle } from '../../activities/settle';
import { packageRoot } from '../../config/paths';
import { createDrainOutbox } from '../../loops/drain-outbox';
import { parseCodecKeys } from '../../temporal/codec-keys';
import { connectClient, type TemporalClient } from '../../temporal/connect';
import { createDataConverter } from '../../temporal/data-converter';
import { createWaker, type HowToWake, type Waker } from '../../temporal/wake';
import {
  actionWorkflowId,
  agentWorkflowId,
  departureWorkflowId,
  TASK_QUEUES,
  WORKFLOW_TYPES,
} from '../../workflows/contract/names';
import { quietRuntime } from '../helpers/replay';
import { AGENT, seedAction, seedTenant } from '../helpers/seed';
import { takeNamespace } from '../helpers/temporal';
import { createWorkshop } from '../helpers/workshop';
import { createWorld, type World } from '../helpers/world';

/* The outbox of a real database and a real server of Temporal; the workflows, as they were built, are told that there is nothing to do, and end. */

const codecKeys = parseCodecKeys(JSON.stringify({ current: 'k1', keys: { k1: randomBytes(32).toString('base64') } }));
const { address, namespace } = takeNamespace();
const dataConverter = createDataConverter({ codecKeys, namespace });
const activities = {
  decide: () => Promise.resolve({ kind: 'nothing' }),
  readLife: () => Promise.resolve({ kind: 'gone' }),
  handOver: () => Promise.resolve({ finished: true }),
};

let world: World;
let client: TemporalClient;
let native: NativeConnection;
let worker: Worker;
let working: Promise<void>;
beforeAll(async () => {
  quietRuntime();
  world = await createWorld();
  client = connectClient({ namespace, connection: { address }, dataConverter });
  native = await NativeConnection.connect({ address });
  const workflowBundle = { codePath: join(packageRoot(), 'dist', 'workflow-bundle.js') };
  worker = await Worker.create({
    ...{ connection: native, namespace, dataConverter, taskQueue: TASK_QUEUES.actions, workflowBundle, activities },
  });
  working = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await working;
  await client.connection.close();
  await native.close();
  await world.close();
});

interface Subject {
  readonly workflowId: string;
  /** As when the workflow ends in order. */
  end(): Promise<unknown>;
  /** As a backup from before that end brings it back. */
  putBack(): Promise<unknown>;
  enqueue(): Promise<unknown>;
}

async function anAction(tenant: string): Promise<Subject> {
  const { actionId } = await seedAction(world, tenant);
  return {
    workflowId: actionWorkflowId(tenant, actionId),
    end: () => createSettle(createWorkshop(world).deps)({ tenant, actionId, stopped: 'cancelled', codes: [] }),
    putBack: () =>
      world.rows(`update actions set settled_at = null, outcome = null, state = 'received' where tenant = $1`, [
        tenant,
      ]),
    enqueue: () => world.rows(`insert into outbox (tenant, kind, action) values ($1, 'wake', $2)`, [tenant, actionId]),
  };
}

function anAgent(tenant: string): Promise<Subject> {
  const move = (state: string): Promise<object[]> =>
    world.rows('update agents set state = $2 where tenant = $1', [tenant, state]);
  return Promise.resolve({
    workflowId: agentWorkflowId(tenant, AGENT.id, AGENT.generation),
    end: () => move('offboarded'),
    putBack: () => move('offboarding'),
    enqueue: () =>
      world.rows(`insert into outbox (tenant, kind, agent, generation) values ($1, 'agent', $2, $3)`, [
        ...[tenant, AGENT.id, AGENT.generation],
      ]),
  });
}

async function aDeparture(tenant: string): Promise<Subject> {
  const [row] = await world.rows<{ departure: string }>(
    `insert into departures (tenant, person, actor, reason) values ($1, 'frank', 'alice', 'r') returning departure`,
    [tenant],
  );
  const departure = row?.departure ?? '';
  return {
    workflowId: departureWorkflowId(tenant, departure),
    end: () => world.rows('update departures set finished_at = now() where tenant = $1', [tenant]),
    putBack: () => world.rows('update departures set finished_at = null where tenant = $1', [tenant]),
    enqueue: () =>
      world.rows(`insert into outbox (tenant, kind, departure) values ($1, 'departure', $2)`, [tenant, departure]),
  };
}

async function drain(): Promise<void> {
  const round = createDrainOutbox(world.loops, createWaker(client));
  while (await round());
  expect(await world.rows('select kind, last_code from outbox where done_at is null')).toEqual([]);
}

/** The newest run, once it has come to its end. */
async function lastRun({ workflowId }: Subject): Promise<string> {
  const handle = client.workflow.getHandle(workflowId);
  await handle.result();
  return (await handle.describe()).runId;
}

describe.each([
  ['an action', anAction],
  ['an agent', anAgent],
  ['a departure', aDeparture],
])('I3 %s', (_, seed) => {
  it('whose end Postgres lost is started again by its next wake-up, and by no other once it has ended', async () => {
    const subject = await seed(await seedTenant(world));
    await subject.end();
    await subject.enqueue();
    await drain();
    const first = await lastRun(subject);

    await subject.enqueue();
    await drain();
    expect(await lastRun(subject)).toBe(first);

    await subject.putBack();
    await subject.enqueue();
    await drain();
    const second = await lastRun(subject);
    expect(second).not.toBe(first);

    await subject.end();
    await subject.enqueue();
    await drain();
    expect(await lastRun(subject)).toBe(second);
  });
});

it('I3 an action that ends while its wake-up is on the way is not started again', async () => {
  const subject = await anAction(await seedTenant(world));
  await subject.enqueue();
  const asked: (HowToWake | undefined)[] = [];
  const wake: Waker['wake'] = async (_, how) => {
    asked.push(how);
    await subject.end();
    return 'closed';
  };
  await createDrainOutbox(world.loops, { ...createWaker(client), wake })();
  expect(asked).toEqual([undefined]);
});

it('I3 an action whose workflow somebody started by hand, so that it ended at once, is started by its next wake-up', async () => {
  const subject = await anAction(await seedTenant(world));
  const handle = await client.workflow.start(WORKFLOW_TYPES.governedAction, {
    ...{ workflowId: subject.workflowId, taskQueue: TASK_QUEUES.actions, args: ['who knows what'] },
  });
  await handle.result();
  await subject.enqueue();
  await drain();
  expect(await lastRun(subject)).not.toBe(handle.firstExecutionRunId);
});
