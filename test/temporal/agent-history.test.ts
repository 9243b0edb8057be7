import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import { packageRoot } from '../../config/paths';
import { type AgentState } from '../../domain/agent-life';
import { waitUntil } from '../../stack/wait-until';
import { parseCodecKeys } from '../../temporal/codec-keys';
import { connectClient, type TemporalClient } from '../../temporal/connect';
import { createDataConverter } from '../../temporal/data-converter';
import { createWaker } from '../../temporal/wake';
import { agentWorkflowId, TASK_QUEUES } from '../../workflows/contract/names';
import { quietRuntime } from '../helpers/replay';
import { takeNamespace } from '../helpers/temporal';

/* The workflow of an agent, as it was built, on a real server; what it reads in Postgres is played. */

const codecKeys = parseCodecKeys(JSON.stringify({ current: 'k1', keys: { k1: randomBytes(32).toString('base64') } }));
const { address, namespace } = takeNamespace();
const dataConverter = createDataConverter({ codecKeys, namespace });

let client: TemporalClient;
let native: NativeConnection;
beforeAll(async () => {
  quietRuntime();
  client = connectClient({ namespace, connection: { address }, dataConverter });
  native = await NativeConnection.connect({ address });
});
afterAll(async () => {
  await client.connection.close();
  await native.close();
});

/** Far more than an agent is moved in a year. A run goes on anew after a thousand events. */
const PENDING = 1_100;
const PENDING_LATER = 1_010;
const MEANWHILE = 20;

const AGENT = { tenant: 'demo', agent: 'clerk', generation: 1, team: 'finance' };
const workflowId = agentWorkflowId(AGENT.tenant, AGENT.agent, AGENT.generation);
const current = async (): Promise<string> => (await client.workflow.getHandle(workflowId).describe()).runId;

interface Run {
  readonly signals: number;
  readonly next: string | undefined;
}

async function runOf(runId: string): Promise<Run> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  return {
    signals: (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes != null).length,
    next: events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined,
  };
}

describe('the workflow of an agent', () => {
  let state: AgentState = 'active';
  /** How often something was written for the agent, and how much of that was read. */
  let written = 0;
  let read = 0;
  const looking = <T>(answer: () => T) => {
    read = written;
    return Promise.resolve(answer());
  };
  /** What an offboarding finds: something that has not ended, or nothing; and when it was refused a receipt all the same. */
  let left = 1;
  const refused: number[] = [];
  const activities = {
    readLife: () => looking(() => ({ kind: 'lives', state, owner: 'alice' })),
    settleInFlight: () => looking(() => ({ left, waitingOn: [] })),
    cutOff: () => looking(() => ({ keys: 0 })),
    issueReceipt: () => looking(() => ({ issued: state === 'offboarded' || refused.push(Date.now()) === 0 })),
  };
  const endAgentAccess = (): Promise<object> => looking(() => ({ live: 0, unanswered: [] }));

  async function flood(count: number): Promise<void> {
    const { wakeAgent } = createWaker(client);
    const lane = async (_: unknown, first: number): Promise<void> => {
      for (let sent = first; sent < count; sent += 20) {
        written++;
        await wakeAgent(AGENT);
      }
    };
    await Promise.all(Array.from({ length: 20 }, lane));
  }

  async function whileWorking(use: () => Promise<void>): Promise<void> {
    const workflowBundle = { codePath: join(packageRoot(), 'dist', 'workflow-bundle.js') };
    const common = { connection: native, namespace, dataConverter };
    const worker = await Worker.create({ ...common, taskQueue: TASK_QUEUES.actions, workflowBundle, activities });
    const control = await Worker.create({ ...common, taskQueue: TASK_QUEUES.control, activities: { endAgentAccess } });
    await control.runUntil(worker.runUntil(use));
  }

  const until = (holds: () => Promise<boolean>, what: string): Promise<void> =>
    waitUntil(holds, { what, withinMs: 60_000 });
  const anew = (run: string): Promise<void> => until(async () => (await current()) !== run, 'It goes on in a long run');
  const seen = (): Promise<void> => until(() => Promise.resolve(read === written), 'It did not look again');

  it('F22 goes on anew with thousands of signals pending, also while it is offboarded and while its receipt is refused, waits for no other one to do so, and loses none', async () => {
    await flood(PENDING);
    const first = await current();
    await whileWorking(async () => {
      await anew(first);
      await flood(MEANWHILE);
      await seen();
      state = 'offboarding';
      await flood(1);
      await seen();
    });
    const second = await current();
    await flood(PENDING_LATER);
    await whileWorking(async () => {
      await anew(second);
      await flood(MEANWHILE);
      await seen();
    });
    left = 0; // and no receipt
    const third = await current();
    await flood(PENDING_LATER);
    await whileWorking(async () => {
      await anew(third);
      await flood(MEANWHILE);
      await seen();
      // By itself it tries again after a second at the soonest.
      const waited = (): boolean => (refused.at(-1) ?? 0) - (refused.at(-2) ?? Infinity) > 900;
      await until(() => Promise.resolve(waited()), 'It does not wait before it tries again');
      state = 'offboarded';
      await flood(1);
      expect(await client.workflow.getHandle(workflowId).result()).toEqual({ state });
    });

    const runs: Run[] = [];
    for (let runId: string | undefined = first; runId !== undefined; runId = runs.at(-1)?.next)
      runs.push(await runOf(runId));
    expect(runs.length).toBeGreaterThan(3);
    expect(runs.reduce((sum, { signals }) => sum + signals, 0)).toBe(written);
  }, 240_000);
});
