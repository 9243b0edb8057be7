import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { DEPLOYMENT, TASK_QUEUES } from '../workflows/contract/names';
import { type TemporalClient } from './connect';
import { livingPollers } from './living-pollers';

/** One release of the workers, as far as Temporal has seen it. */
export interface WorkerVersion {
  readonly buildId: string;
  /** `draining`: something that it began still runs. `drained`: nothing does, and nothing new comes. */
  readonly state: 'current' | 'draining' | 'drained' | 'never current';
}

/** An answer that takes longer counts as none; whoever waits asks again. */
const WITHIN_MS = 5_000;
/** Of gRPC. */
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;
/** Cancelled, unknown, deadline exceeded, resource exhausted, aborted, internal, unavailable. */
const MAY_PASS: readonly number[] = [1, 2, 4, 8, 10, 13, 14];
/** Of `temporal.api.enums.v1.WorkerDeploymentVersionStatus`. */
const STATES: Readonly<Record<number, WorkerVersion['state']>> = { 2: 'current', 4: 'draining', 5: 'drained' };

/** All versions that workers ever came with, newest first. None: no versioned worker has come yet. */
export async function listVersions(client: TemporalClient): Promise<readonly WorkerVersion[]> {
  try {
    const { workerDeploymentInfo: info } = await asked(client, () =>
      client.workflowService.describeWorkerDeployment({
        namespace: client.options.namespace,
        deploymentName: DEPLOYMENT,
      }),
    );
    return (info?.versionSummaries ?? []).map(({ deploymentVersion, status }) => ({
      buildId: deploymentVersion?.buildId ?? '',
      state: STATES[status ?? 0] ?? 'never current',
    }));
  } catch (error) {
    if (error instanceof TemporalFailed && error.code === NOT_FOUND) return [];
    throw error;
  }
}

/** The queues that no living worker of this version asks for tasks of. */
export async function queuesWithout(client: TemporalClient, buildId: string): Promise<readonly string[]> {
  const missing: string[] = [];
  // One after the other: a call that is left behind by another's failure tries again when the connection is closed, which ends the process.
  for (const queue of Object.values(TASK_QUEUES)) {
    const pollers = await asked(client, () => livingPollers(client, queue));
    if (!pollers.some((poller) => poller.buildId === buildId)) missing.push(queue);
  }
  return missing;
}

/**
 * From now on what begins is begun by this version; what runs stays where it is.
 *
 * @returns what Temporal has against it, in its words; `undefined`: it is so. It refuses a version that lacks a queue of the current one, and hears
 * of a queue some time after a worker has asked there.
 */
export async function makeCurrent(client: TemporalClient, buildId: string): Promise<string | undefined> {
  try {
    await asked(client, () =>
      client.workflowService.setWorkerDeploymentCurrentVersion({
        namespace: client.options.namespace,
        deploymentName: DEPLOYMENT,
        buildId,
        identity: 'countersign deploy',
      }),
    );
    return undefined;
  } catch (error) {
    if (error instanceof TemporalFailed && error.code === FAILED_PRECONDITION) return error.message;
    throw error;
  }
}

/** How many workflows run on this version and have to end with it. An agent's goes on with whichever is current, at its next message. */
export async function countRunningOn(client: TemporalClient, buildId: string): Promise<number> {
  const query = `TemporalWorkerDeploymentVersion = '${DEPLOYMENT}:${buildId}' and ExecutionStatus = 'Running' and TemporalWorkflowVersioningBehavior = 'Pinned'`;
  const { count } = await asked(client, () => client.workflow.count(query));
  return count;
}

/** Temporal did not do what it was asked; its words are the message. */
export class TemporalFailed extends Error {
  override readonly name = 'TemporalFailed';

  constructor(
    message: string,
    /** Of gRPC. */
    readonly code: number,
    options: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether it may do it when asked once more: it is away, or has too much to do. */
  get mayPass(): boolean {
    return MAY_PASS.includes(this.code);
  }
}

async function asked<T>(client: TemporalClient, ask: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + WITHIN_MS, ask);
  } catch (error) {
    const cause = error instanceof ServiceError ? error.cause : error;
    throw isGrpcServiceError(cause) ? new TemporalFailed(cause.details, Number(cause.code), { cause }) : error;
  }
}
