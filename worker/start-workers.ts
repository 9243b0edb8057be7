import { join } from 'node:path';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { makeWorkflowExporter } from '@temporalio/interceptors-opentelemetry-v2';
import { type Logger } from 'pino';
import { type ControlActivities, type DecidingActivities, type EffectActivities } from '../activities';
import { type TemporalSettings } from '../config/config';
import { packageRoot } from '../config/paths';
import { type Tracing } from '../telemetry/start-tracing';
import { type createDataConverter } from '../temporal/data-converter';
import { DEPLOYMENT, TASK_QUEUES } from '../workflows/contract/names';
import { connectOnceThere } from './connect-once-there';
import { correlateActivity } from './correlate-activity';
import { heartbeatWhileRunning } from './heartbeat';
import { traceActivity } from './trace-activity';

export interface WorkerParts {
  readonly temporal: TemporalSettings;
  readonly dataConverter: ReturnType<typeof createDataConverter>;
  /** Of the code that it runs, in a fleet with several releases beside each other. */
  readonly buildId?: string | undefined;
  /** Of the role `workflows`. */
  readonly deciding?: DecidingActivities;
  /** Of the role `effects`. */
  readonly touching?: { readonly effects: EffectActivities; readonly control: ControlActivities };
  /** Absent: no traces are kept, and none of their code runs. */
  readonly tracing: Pick<Tracing, 'processor' | 'resource'> | undefined;
  readonly log: Pick<Logger, 'warn'>;
}

export interface RunningWorkers {
  /**
   * Once they ask for tasks, which takes until Temporal is there; undefined: they were told to end before. `ended` ends when the workers have
   * ended, and rejects when one broke.
   */
  readonly started: Promise<{ readonly ended: Promise<void> } | undefined>;
  /** Whether each of them asks for tasks. */
  arePolling(): boolean;
  /** Takes no new tasks and lets those under way finish. */
  shutdown(): void;
}

/** What is under way gets this long to end by itself: an effect takes at most two seconds to send, and two to revoke. */
const SHUTDOWN_GRACE_MS = 10_000;

/**
 * What a worker remembers is brought to it for so long; one that died is noticed then, as soon as one that dies at its work. Under three times the
 * load that can be taken a turn comes after two seconds.
 */
const REMEMBERS_WITHIN_MS = 5_000;

// Each queue has slots of its own, so that a flood on one leaves the others theirs.
const LOCAL_SLOTS = 100;
const DECIDE_SLOTS = 20;
const EFFECT_SLOTS = 50;
const CONTROL_SLOTS = 20;

/** Polls the queues of the roles that it has parts of, as soon as Temporal is there. */
export function startWorkers(parts: WorkerParts): RunningWorkers {
  const stopping = new AbortController();
  let workers: readonly Worker[] = [];
  const shutdown = (): void => {
    stopping.abort();
    workers.forEach((worker) => worker.shutdown());
  };
  const start = async (): RunningWorkers['started'] => {
    const connection = await connectOnceThere(parts.temporal.connection ?? {}, stopping.signal, parts.log);
    if (connection === undefined) return undefined;
    workers = await createWorkers(parts, connection);
    const ended = Promise.all(workers.map(async (worker) => await worker.run()));
    // The order came while they were made.
    if (stopping.signal.aborted) shutdown();
    return { ended: ended.then(async () => await connection.close()) };
  };
  return {
    started: start(),
    arePolling: () => workers.length > 0 && workers.every((worker) => worker.getState() === 'RUNNING'),
    shutdown,
  };
}

/** Workflows come from the bundle that the build made, so a start costs no webpack. */
async function createWorkers(
  { temporal, dataConverter, buildId, deciding, touching, tracing }: WorkerParts,
  connection: NativeConnection,
): Promise<readonly Worker[]> {
  const shared: Partial<WorkerOptions> = {
    connection,
    namespace: temporal.namespace,
    dataConverter,
    shutdownGraceTime: SHUTDOWN_GRACE_MS,
    interceptors: {
      activity: [...(tracing === undefined ? [] : [traceActivity]), correlateActivity, heartbeatWhileRunning],
    },
    ...(tracing !== undefined && { sinks: { exporter: makeWorkflowExporter(tracing.processor, tracing.resource) } }),
    ...(buildId !== undefined && { workerDeploymentOptions: versioned(buildId) }),
  };
  return await Promise.all(
    [...(deciding ? [orchestrator(deciding, tracing !== undefined)] : []), ...(touching ? hands(touching) : [])].map(
      async (own) => await Worker.create({ ...shared, ...own }),
    ),
  );
}

/** An action ends with the code that it began with, in every queue: both roles of a release are one version. */
function versioned(buildId: string): NonNullable<WorkerOptions['workerDeploymentOptions']> {
  return {
    version: { deploymentName: DEPLOYMENT, buildId },
    useWorkerVersioning: true,
    defaultVersioningBehavior: 'PINNED',
  };
}

type OwnOptions = Pick<WorkerOptions, 'taskQueue'> & Partial<WorkerOptions>;

function orchestrator(activities: DecidingActivities, traced: boolean): OwnOptions {
  return {
    taskQueue: TASK_QUEUES.actions,
    workflowBundle: {
      codePath: join(packageRoot(), 'dist', traced ? 'workflow-bundle-traced.js' : 'workflow-bundle.js'),
    },
    activities,
    // They run inside workflow tasks; this queue carries an activity only where the worker of one could not decide.
    maxConcurrentLocalActivityExecutions: LOCAL_SLOTS,
    maxConcurrentActivityTaskExecutions: DECIDE_SLOTS,
    stickyQueueScheduleToStartTimeout: REMEMBERS_WITHIN_MS,
  };
}

function hands({ effects, control }: NonNullable<WorkerParts['touching']>): OwnOptions[] {
  return [
    { taskQueue: TASK_QUEUES.effects, activities: effects, maxConcurrentActivityTaskExecutions: EFFECT_SLOTS },
    { taskQueue: TASK_QUEUES.control, activities: control, maxConcurrentActivityTaskExecutions: CONTROL_SLOTS },
  ];
}
