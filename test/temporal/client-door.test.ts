import { randomBytes, randomUUID } from 'node:crypto';
import { temporal } from '@temporalio/proto';
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundle,
  bundleWorkflowCode,
} from '@temporalio/worker';
import { REFUSED } from '../../domain/refused';
import { type ActionStart } from '../../temporal/action-start';
import { parseCodecKeys } from '../../temporal/codec-keys';
import { type TemporalClient, connectClient } from '../../temporal/connect';
import { createDataConverter } from '../../temporal/data-converter';
import { submitAction } from '../../temporal/submit-action';
import { createWaker } from '../../temporal/wake';
import { TASK_QUEUES, WAKE_SIGNAL, WORKFLOW_TYPES, actionWorkflowId } from '../../workflows/contract/names';
import { takeNamespace } from '../helpers/temporal';

const CANARY = `canary-${randomBytes(8).toString('hex')}`;
const codecKeys = parseCodecKeys(JSON.stringify({ current: 'k1', keys: { k1: randomBytes(32).toString('base64') } }));

const { address, namespace } = takeNamespace();
const dataConverter = createDataConverter({ codecKeys, namespace });
const looks = new Map<string, unknown[]>();

let client: TemporalClient;
let native: NativeConnection;
let workflowBundle: WorkflowBundle;

/** What the stand-in shall do is part of the action's id, since the id is all that a workflow is given. */
const newAction = (behaviour: 'wait' | 'denied' | 'fail' | 'slow' | 'odd'): ActionStart => ({
  tenant: 'demo',
  actionId: `act-${behaviour}-${randomUUID()}`,
  labels: { agentId: 'invoice-agent', actionType: 'payments.pay_invoice', riskClass: 'high', teamId: 'finance' },
  summary: `Pay ${CANARY}`,
});
const handleOf = ({ tenant, actionId }: ActionStart) => client.workflow.getHandle(actionWorkflowId(tenant, actionId));

async function look(input: { actionId: string }): Promise<string> {
  looks.set(input.actionId, [...(looks.get(input.actionId) ?? []), input]);
  if (input.actionId?.includes('fail')) throw new Error(`failed ${CANARY}`);
  if (input.actionId?.includes('slow')) await new Promise((resolve) => setTimeout(resolve, 1_000));
  return ['wait', 'odd'].find((behaviour) => input.actionId?.includes(behaviour)) ?? 'denied';
}

async function withWorker<T>(use: () => Promise<T>): Promise<T> {
  const worker = await Worker.create({
    connection: native,
    namespace,
    dataConverter,
    taskQueue: TASK_QUEUES.actions,
    workflowBundle,
    activities: { look },
  });
  return worker.runUntil(use);
}

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });
  native = await NativeConnection.connect({ address });
  client = connectClient({ namespace, connection: { address }, dataConverter });
  const { failureConverterPath = '' } = dataConverter;
  const logger = new DefaultLogger('ERROR');
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./stand-in'),
    failureConverterPath,
    logger,
  });
});
afterAll(async () => {
  await client.connection.close();
  await native.close();
  await Runtime.instance().shutdown();
});

describe('submitting', () => {
  it('starts the action once and gives everybody the first answer', async () => {
    const action = newAction('wait');
    const answers = await withWorker(async () => {
      const first = await Promise.all(Array.from({ length: 20 }, () => submitAction(client, action, 10_000)));
      return [...first, await submitAction(client, action, 10_000)];
    });
    expect(answers).toEqual(Array.from({ length: 21 }, () => ({ state: 'waiting' })));
    expect(looks.get(action.actionId)).toEqual([{ tenant: 'demo', actionId: action.actionId }]);
    await handleOf(action).terminate();
  });

  it('an action denied in its first task costs three state transitions', async () => {
    const action = newAction('denied');
    await withWorker(async () => {
      expect(await submitAction(client, action, 10_000)).toEqual({ state: 'denied' });
      expect(await submitAction(client, action, 10_000)).toEqual({ state: 'denied' });
    });
    const { raw } = await handleOf(action).describe();
    expect(Number(raw.workflowExecutionInfo?.stateTransitionCount)).toBe(3);
  });

  it('without a worker it is pending in time, and runs as soon as there is one', async () => {
    const action = newAction('denied');
    const started = performance.now();
    expect(await submitAction(client, action, 700)).toBe('pending');
    expect(performance.now() - started).toBeLessThan(2_000);
    expect((await handleOf(action).describe()).status.name).toBe('RUNNING');
    await withWorker(() => handleOf(action).result());
    expect(looks.get(action.actionId)).toHaveLength(1);
  });

  it('one that ended without having been asked is closed', async () => {
    const action = newAction('denied');
    await withWorker(async () => {
      expect(await createWaker(client).wake(action)).toBe('woken');
      await handleOf(action).result();
      expect(await submitAction(client, action, 5_000)).toBe('closed');
    });
  });

  it('one whose first task a signal spoilt is pending, and ends', async () => {
    const action = newAction('slow');
    await withWorker(async () => {
      const answer = submitAction(client, action, 10_000);
      await new Promise((resolve) => setTimeout(resolve, 400));
      await createWaker(client).wake(action);
      expect(['pending', 'closed']).toContain(await answer);
      await handleOf(action).result();
    });
  });

  it('an answer that is none of ours is no answer', async () => {
    const action = newAction('odd');
    expect(await withWorker(() => submitAction(client, action, 10_000))).toBe('pending');
  });

  it('a Temporal that does not answer is an error, within seconds', async () => {
    const lost = connectClient({ namespace, connection: { address: '127.0.0.1:1' }, dataConverter });
    const started = performance.now();
    await expect(submitAction(lost, newAction('denied'), 20_000)).rejects.toThrow();
    await expect(createWaker(lost).wake(newAction('denied'))).rejects.toThrow();
    expect(await submitAction(lost, newAction('denied'), 300)).toBe('pending');
    expect(performance.now() - started).toBeLessThan(15_000);
    await lost.connection.close();
  });
});

describe('waking', () => {
  it('starts what does not run, wakes what waits, and is done with what has ended', async () => {
    const action = newAction('wait');
    const { wake } = createWaker(client);
    await withWorker(async () => {
      expect(await wake(action)).toBe('woken');
      expect(await submitAction(client, action, 5_000)).toEqual({ state: 'waiting' });
      expect(await wake(action)).toBe('woken');
      await handleOf(action).result();
      expect(await wake(action)).toBe('closed');
    });
  });

  it('says by search attributes what it is, and by nothing readable what it does', async () => {
    const action = newAction('wait');
    await createWaker(client).wake(action);
    const description = await handleOf(action).describe();
    const found = Object.fromEntries(
      description.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]),
    );
    expect(found).toMatchObject({
      TenantId: 'demo',
      AgentId: 'invoice-agent',
      ActionType: 'payments.pay_invoice',
      ActionState: 'received',
      RiskClass: 'high',
      TeamId: 'finance',
    });
    expect(Number(description.raw.executionConfig?.defaultWorkflowTaskTimeout?.seconds)).toBe(5);
    expect(await description.staticSummary()).toBe(action.summary);
    expect(await description.staticDetails()).toContain(action.actionId);
    expect(JSON.stringify(description.raw)).not.toContain(Buffer.from(CANARY).toString('base64').slice(4, 20));
    await handleOf(action).terminate();
  });
});

describe('what stands in the history', () => {
  it('nothing readable, also not in failures', async () => {
    const action = newAction('fail');
    await withWorker(async () => {
      await createWaker(client).wake(action);
      await expect(handleOf(action).result()).rejects.toThrow();
    });
    const history = await handleOf(action).fetchHistory();
    const bytes = Buffer.from(temporal.api.history.v1.History.encode(history).finish());
    expect(bytes.includes('binary/encrypted')).toBe(true);
    expect(bytes.includes(CANARY)).toBe(false);
  });

  it('a workflow started by hand, or with bytes of another, gets a refused value and goes on', async () => {
    const bare = connectClient({ namespace, connection: { address }, dataConverter: {} });
    const donor = newAction('wait');
    await createWaker(client).wake(donor);
    const { events } = await handleOf(donor).fetchHistory();
    const copied = events?.[0]?.workflowExecutionStartedEventAttributes?.input;
    const started = async (id: string, input: unknown): Promise<unknown> => {
      await bare.workflowService.startWorkflowExecution({
        namespace,
        workflowId: id,
        workflowType: { name: WORKFLOW_TYPES.governedAction },
        taskQueue: { name: TASK_QUEUES.actions },
        input: input as never,
        requestId: randomUUID(),
        identity: 'by hand',
      });
      await bare.workflow.getHandle(id).signal(WAKE_SIGNAL, { forged: true });
      return client.workflow.getHandle(id).result();
    };
    const plain = {
      payloads: [
        {
          metadata: { encoding: Buffer.from('json/plain') },
          data: Buffer.from('{"tenant":"demo","actionId":"act-denied"}'),
        },
      ],
    };
    await withWorker(async () => {
      const forged = { signals: [[{ [REFUSED]: 'not_encrypted' }]] };
      expect(await started('action/demo/by-hand', plain)).toEqual({ ...forged, input: { [REFUSED]: 'not_encrypted' } });
      expect(await started('action/demo/by-copy', copied)).toEqual({
        ...forged,
        input: { [REFUSED]: 'other_workflow' },
      });
    });
    await handleOf(donor).terminate();
    await bare.connection.close();
  });
});
