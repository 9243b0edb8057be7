import { type LogLevel, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { type Logger } from 'pino';
import { type Meter } from '../telemetry/meter';
import { COUNTERS, HISTOGRAMS } from '../telemetry/metrics';
import { actionOfWorkflow } from './action-of-workflow';

export interface WorkerMeter extends Meter {
  /** Which bundle this process decides by. */
  bundleLoaded(version: number): void;
}

/**
 * Temporal's runtime of this process: its own metrics and ours at one address, of this machine alone (`listen-to-operators.ts` hands them on), and what it
 * says in our log. To be called before anything else of the SDK.
 */
export function installRuntime(log: Logger, metricsPort: number | undefined): WorkerMeter {
  Runtime.install({
    // We end the workers ourselves, after the probes were told.
    shutdownSignals: [],
    logger: sdkLogger(log),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
      ...(metricsPort !== undefined && { metrics: { prometheus: prometheus(metricsPort) } }),
    },
  });
  const meter = Runtime.instance().metricMeter;
  const counters = named(COUNTERS, (name, { help }) => meter.createCounter(name, undefined, help));
  const histograms = named(HISTOGRAMS, (name, { help }) => meter.createHistogram(name, 'float', undefined, help));
  // An alert sees a counter grow only from a value that it has seen before.
  counters.get('countersign_ledger_failures_total')?.add(0, {});
  for (const outcome of ['refused', 'failed'])
    counters.get('countersign_checkpoint_failures_total')?.add(0, { outcome });
  const bundle = meter.createGauge(
    'countersign_bundle_loaded_version',
    'int',
    undefined,
    'Version of the loaded bundle.',
  );
  return {
    count: (name, labels) => counters.get(name)?.add(1, labels),
    observe: (name, labels, seconds) => histograms.get(name)?.record(seconds, labels),
    bundleLoaded: (version) => bundle.set(version),
  };
}

function prometheus(port: number) {
  const { countersign_action_seconds: action } = HISTOGRAMS;
  return {
    bindAddress: `127.0.0.1:${String(port)}`,
    unitSuffix: true,
    useSecondsForDurations: true,
    histogramBucketOverrides: { countersign_action_seconds: [...action.buckets] },
  };
}

function named<D extends object, M>(all: Readonly<Record<string, D>>, make: (name: string, described: D) => M) {
  return new Map(Object.entries(all).map(([name, described]) => [name, make(name, described)]));
}

/** The SDK types its values as `any`. */
type Meta = Readonly<Record<string, unknown>>;

/** What the SDK may say beside its sentence. Everything else could be a value of somebody's. */
const KEPT = ['activityType', 'activityId', 'attempt', 'taskQueue', 'workflowType', 'trace_id'] as const;

/** The SDK's warnings and errors as lines of our log, each with the action that it is about. */
function sdkLogger(log: Logger) {
  const say = (level: LogLevel, message: string, meta: Meta = {}): void => {
    if (level !== 'WARN' && level !== 'ERROR') return;
    const kept = KEPT.flatMap((key) => (meta[key] === undefined ? [] : [[key, meta[key]] as const]));
    const about = { ...actionOfWorkflow(meta['workflowId']), ...Object.fromEntries<unknown>(kept) };
    log[level === 'WARN' ? 'warn' : 'error'](
      { ...about, ...(meta['error'] !== undefined && { err: meta['error'] }) },
      message,
    );
  };
  return {
    log: say,
    trace: () => undefined,
    debug: () => undefined,
    info: () => undefined,
    warn: (message: string, meta?: Meta) => say('WARN', message, meta),
    error: (message: string, meta?: Meta) => say('ERROR', message, meta),
  };
}
