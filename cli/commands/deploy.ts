import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { readConfig } from '../../config/read-config';
import { connectClient, type TemporalClient } from '../../temporal/connect';
import {
  countRunningOn,
  listVersions,
  makeCurrent,
  queuesWithout,
  TemporalFailed,
  type WorkerVersion,
} from '../../temporal/worker-deployment';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { hint, print, printJson, say, table } from '../output';

interface Waiting {
  readonly timeout: number;
}

/** `countersign deploy …`: releases of workers beside each other, each with a COUNTERSIGN_BUILD_ID. TEMPORAL_* say where, as for every Temporal tool. */
export function deployCommand(): Command {
  const deploy = new Command('deploy').description(
    'change from one release of the workers to the next while actions run',
  );
  const timeout = ['--timeout <seconds>', 'how long to wait', seconds, 600] as const;
  deploy
    .command('status')
    .description('which versions of the workers there are, and which of them begins what is new')
    .option('--json', 'data as JSON on stdout')
    .action((options: { readonly json?: boolean }) => withTemporal((client) => status(client, options)));
  deploy
    .command('current')
    .argument('<build>', 'as in COUNTERSIGN_BUILD_ID of the new workers')
    .description('wait until workers of this version ask for work of every queue, then have it begin what is new')
    .option(...timeout)
    .action((build: string, options: Waiting) => withTemporal((client) => current(client, build, options)));
  deploy
    .command('drained')
    .argument('<build>', 'as in COUNTERSIGN_BUILD_ID of the old workers')
    .description('wait until nothing runs on this version any more, so that its workers may be stopped')
    .option(...timeout)
    .action((build: string, options: Waiting) => withTemporal((client) => drained(client, build, options)));
  return deploy;
}

interface Release extends WorkerVersion {
  /** Workflows that have to end with it. */
  readonly running: number;
}

const NOTHING_RUNS =
  'No version is current: what versioned workers are for does not begin. Choose one: countersign deploy current <build>';
const EVERY_MS = 1_000;

async function status(client: TemporalClient, { json = false }: { readonly json?: boolean }): Promise<void> {
  const versions: Release[] = [];
  for (const version of await listVersions(client))
    versions.push({ ...version, running: await countRunningOn(client, version.buildId) });
  if (json) printJson({ versions });
  else if (versions.length === 0) say('No worker has come with a COUNTERSIGN_BUILD_ID yet.');
  else
    print(
      table(
        ['build', 'state', 'running'],
        versions.map((each) => [each.buildId, each.state, String(each.running)]),
      ),
    );
  if (versions.length > 0 && !versions.some(({ state }) => state === 'current')) say(NOTHING_RUNS);
}

async function current(client: TemporalClient, build: string, { timeout }: Waiting): Promise<void> {
  let missing: readonly string[] = [];
  let refusal: string | undefined;
  const taken = async (): Promise<boolean> =>
    (missing = await queuesWithout(client, build)).length === 0 &&
    (refusal = await makeCurrent(client, build)) === undefined;
  if (!(await within(timeout, taken)))
    throw new CommandFailed(
      EXIT.pending,
      missing.length > 0
        ? `No worker of ${build} asks for work of: ${missing.join(', ')}. Nothing was changed. Both roles are needed.`
        : `Temporal does not take ${build}: ${String(refusal)}. Nothing was changed.`,
    );
  say(`${build} is current: what is new begins there.`);
  for (const { buildId, state } of await listVersions(client))
    if (state === 'draining') hint(`countersign deploy drained ${buildId}`);
}

async function drained(client: TemporalClient, build: string, { timeout }: Waiting): Promise<void> {
  let running = 0;
  const isOver = async (): Promise<boolean> => {
    const state = (await listVersions(client)).find(({ buildId }) => buildId === build)?.state;
    if (state === 'current') throw new CommandFailed(EXIT.usage, `${build} is current. Make another one so first.`);
    running = await countRunningOn(client, build);
    // Temporal may leave a version out of its list for a while. What runs on it says that there is one.
    if (state === undefined && running === 0)
      throw new CommandFailed(EXIT.usage, `Temporal lists no worker that came as ${build}.`);
    return state !== 'draining' && running === 0;
  };
  if (await within(timeout, isOver)) return say(`Nothing runs on ${build}: its workers may be stopped.`);
  throw new CommandFailed(
    EXIT.pending,
    running > 0
      ? `${String(running)} workflows still run on ${build}: keep its workers, or they wait for ever.`
      : `Nothing runs on ${build} any more, but Temporal has not said so yet: it looks every few minutes. Ask again.`,
  );
}

/** Whether it holds before the time is over. Temporal may be away meanwhile: a release is changed, and its servers perhaps too. */
async function within(timeoutSeconds: number, holds: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + timeoutSeconds * 1_000;
  for (;;) {
    const isOver = performance.now() > deadline;
    try {
      if (await holds()) return true;
    } catch (error) {
      if (isOver || !(error instanceof TemporalFailed && error.mayPass)) throw error;
    }
    if (isOver) return false;
    await sleep(EVERY_MS);
  }
}

/** It reads no payload, so it needs no key. */
async function withTemporal(work: (client: TemporalClient) => Promise<void>): Promise<void> {
  const { namespace, connection, address } = readConfig().temporal;
  if (address === undefined) throw new CommandFailed(EXIT.usage, 'Name the Temporal server: TEMPORAL_ADDRESS.');
  const client = connectClient({ namespace, connection: connection ?? {}, dataConverter: {} });
  try {
    await work(client);
  } catch (error) {
    if (!(error instanceof TemporalFailed)) throw error;
    throw new CommandFailed(EXIT.unreachable, `Temporal at ${address} does not answer: ${error.message}`, {
      cause: error,
    });
  } finally {
    await client.connection.close();
  }
}

function seconds(value: string): number {
  if (!/^\d{1,6}$/.test(value)) throw new InvalidArgumentError('Write a whole number of seconds.');
  return Number(value);
}
