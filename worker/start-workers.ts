import { join } from 'node:path';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { type ControlActivities, type DecidingActivities, type EffectActivities } from '../activities';
import { type TemporalSettings } from '../config/config';
import { packageRoot } from '../config/paths';
import { type createDataConverter } from '../temporal/data-converter';
import { TASK_QUEUES } from '../workflows/contract/names';
import { heartbeatWhileRunning } from './heartbeat';

export interface WorkerParts {
  readonly temporal: TemporalSettings;
  readonly dataConverter: ReturnType<typeof createDataConverter>;
  readonly deciding: DecidingActivities;
  readonly effects: EffectActivities;
  readonly control: ControlActivities;
}

export interface RunningWorkers {
  /** Ends when the workers have ended; rejects when one broke. */
  readonly ended: Promise<void>;
  /** Whether each of them asks for tasks. */
  arePolling(): boolean;
  /** Takes no new tasks and lets those under way finish. */
  shutdown(): void;
}

/** What is under way gets this long to end by itself: an effect takes at most two seconds to send, and two to revoke. */
const SHUTDOWN_GRACE_MS = 10_000;

// Both roles in one process. Each queue has slots of its own, so that a flood on one leaves the others theirs.
const LOCAL_SLOTS = 100;
const EFFECT_SLOTS = 50;
const CONTROL_SLOTS = 20;

/** Polls the three queues. Workflows come from the bundle that the build made, so a start costs no webpack. */
export async function startWorkers({
  temporal,
  dataConverter,
  deciding,
  effects,
  control,
}: WorkerParts): Promise<RunningWorkers> {
  const connection = await NativeConnection.connect(temporal.connection);
  const shared: Partial<WorkerOptions> = {
    connection,
    namespace: temporal.namespace,
    dataConverter,
    shutdownGraceTime: SHUTDOWN_GRACE_MS,
    interceptors: { activity: [heartbeatWhileRunning] },
  };
  const workers = await Promise.all([
    Worker.create({
      ...shared,
      taskQueue: TASK_QUEUES.actions,
      workflowBundle: { codePath: join(packageRoot(), 'dist', 'workflow-bundle.js') },
      activities: deciding,
      // They run inside workflow tasks; this queue never carries an activity.
      maxConcurrentLocalActivityExecutions: LOCAL_SLOTS,
    }),
    Worker.create({
      ...shared,
      taskQueue: TASK_QUEUES.effects,
      activities: effects,
      maxConcurrentActivityTaskExecutions: EFFECT_SLOTS,
    }),
    Worker.create({
      ...shared,
      taskQueue: TASK_QUEUES.control,
      activities: control,
      maxConcurrentActivityTaskExecutions: CONTROL_SLOTS,
    }),
  ]);
  const runs = workers.map(async (worker) => await worker.run());
  return {
    ended: Promise.all(runs).then(async () => await connection.close()),
    arePolling: () => workers.every((worker) => worker.getState() === 'RUNNING'),
    shutdown: () => workers.forEach((worker) => worker.shutdown()),
  };
}
