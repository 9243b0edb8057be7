import { setMaxListeners } from 'node:events';
import { freePort } from '../../config/free-port';
import { waitUntil } from '../../stack/wait-until';
import { connectClient, type TemporalClient } from '../../temporal/connect';
import { DEPLOYMENT, TASK_QUEUES } from '../../workflows/contract/names';
import { type Line, startLine } from '../helpers/line';
import { type Ran, runCountersign } from '../helpers/run-countersign';
import { takeNamespace } from '../helpers/temporal';

const { address, namespace } = takeNamespace();
const over = new AbortController();
setMaxListeners(0, over.signal);
/** Longer than the file takes. */
const POLL_MS = 120_000;
let client: TemporalClient;
let line: Line;
const polls: Promise<unknown>[] = [];
beforeAll(async () => {
  client = connectClient({ namespace, connection: { address }, dataConverter: {} });
  line = await startLine(address);
});
afterAll(async () => {
  over.abort();
  await Promise.all(polls);
  await line.down();
  await client.connection.close();
});

/** The command itself, as an operator runs it; `server` is where it is told that Temporal is. */
const deploy = (args: readonly string[], server = address): Promise<Ran> =>
  runCountersign(['deploy', ...args], { TEMPORAL_ADDRESS: server, TEMPORAL_NAMESPACE: namespace });

/** Asks Temporal for work as workers of this version do, without ever doing any. */
function pollAs(buildId: string, names: readonly string[]): void {
  const deploymentOptions = { deploymentName: DEPLOYMENT, buildId, workerVersioningMode: 2 };
  const identity = `worker of ${buildId}`;
  const asking = <T>(ask: () => Promise<T>): void => {
    const poll = client.withAbortSignal(over.signal, () => client.withDeadline(Date.now() + POLL_MS, ask));
    const ended = poll.catch((error: unknown) => {
      if (!over.signal.aborted) throw error;
    });
    polls.push(ended);
  };
  for (const name of names) {
    const request = { namespace, taskQueue: { name }, identity, deploymentOptions };
    asking(() => client.workflowService.pollWorkflowTaskQueue(request));
    asking(() => client.workflowService.pollActivityTaskQueue(request));
  }
}

describe('countersign deploy', () => {
  it('says that Temporal does not answer, and ends as for a server that is away', async () => {
    const nobody = `127.0.0.1:${String(await freePort())}`;
    const commands = [['status'], ['current', 'r1', '--timeout', '0'], ['drained', 'r1', '--timeout', '0']];
    for (const answer of await Promise.all(commands.map((command) => deploy(command, nobody))))
      expect(answer).toMatchObject({
        code: 3,
        said: expect.stringContaining(`Temporal at ${nobody} does not answer`) as string,
      });
  });

  it('waits while Temporal is away, and goes on when it is back', async () => {
    pollAs('r1', [...Object.values(TASK_QUEUES), 'retired']);
    await line.down();
    const change = deploy(['current', 'r1', '--timeout', '60'], line.address);
    const early = await Promise.race([change, new Promise((resolve) => setTimeout(resolve, 6_000, 'it waits'))]);
    expect(early).toBe('it waits');
    await line.up();
    expect(await change).toMatchObject({ code: 0, said: expect.stringContaining('r1 is current') as string });
  }, 90_000);

  it('changes nothing while Temporal does not take a release, and says why', async () => {
    await client.workflow.start('waits', { taskQueue: 'retired', workflowId: 'waits', args: [] });
    pollAs('r2', Object.values(TASK_QUEUES));
    const refused = async (): Promise<boolean> => {
      const { code, said } = await deploy(['current', 'r2', '--timeout', '0']);
      return code === 4 && said.includes('Temporal does not take r2') && said.includes('Nothing was changed');
    };
    await waitUntil(refused, { what: 'Temporal took r2', withinMs: 30_000 });
    expect((await deploy(['status'])).said).toMatch(/r1\s+current/);
  }, 90_000);

  it('takes no version for unknown on which something runs, also where Temporal does not list it', async () => {
    const pinnedTo = { deploymentName: DEPLOYMENT, buildId: 'r9' };
    const started = { taskQueue: 'retired', workflowId: 'pinned', args: [], versioningOverride: { pinnedTo } };
    expect(await deploy(['drained', 'r9'])).toMatchObject({ code: 2 });
    await client.workflow.start('waits', started);
    const kept = async (): Promise<boolean> => {
      const { code, said } = await deploy(['drained', 'r9', '--timeout', '0']);
      return code === 4 && said.includes('1 workflows still run on r9');
    };
    await waitUntil(kept, { what: 'What runs was not seen', withinMs: 30_000 });
    expect((await deploy(['status'])).said).not.toContain('r9');
  }, 90_000);
});
