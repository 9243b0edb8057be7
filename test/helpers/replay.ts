import { join } from 'node:path';
import { DefaultLogger, type ReplayResult, Runtime, Worker } from '@temporalio/worker';
import { packageRoot } from '../../config/paths';
import { type CodecKeys, readCodecKeys } from '../../temporal/codec-keys';
import { createDataConverter } from '../../temporal/data-converter';
import { type StoredHistory } from './histories';
import { type Spine } from './spine';

type Replayable = Pick<StoredHistory, 'workflowId'> & { readonly history: unknown };

let quiet = false;

/**
 * What the SDK says of itself while all is well would bury what a test says; why a history does not replay comes back as a
 * result. The runtime is made once, and so told once.
 */
export function quietRuntime(): void {
  if (!quiet)
    Runtime.install({ logger: new DefaultLogger('WARN'), telemetryOptions: { logging: { filter: 'ERROR' } } });
  quiet = true;
}

/** What became of each history of one namespace on the workflow code in dist/. */
export async function replayHistories(
  { namespace, codecKeys }: { readonly namespace: string; readonly codecKeys: CodecKeys },
  histories: readonly Replayable[],
  bundle: 'workflow-bundle.js' | 'workflow-bundle-traced.js' = 'workflow-bundle.js',
): Promise<readonly ReplayResult[]> {
  quietRuntime();
  const options = {
    namespace,
    workflowBundle: { codePath: join(packageRoot(), 'dist', bundle) },
    dataConverter: createDataConverter({ codecKeys, namespace }),
    replayName: 'replay',
    // Otherwise the SDK replays on this thread, and leaves a hook behind that slows down every promise of every test file after this one.
    debugMode: false,
    workflowThreadPoolSize: 1,
    // Spans of the traced code: nobody listens here.
    sinks: { exporter: { export: { fn: () => undefined } } },
  };
  const results: ReplayResult[] = [];
  for await (const result of Worker.runReplayHistories(options, histories)) results.push(result);
  return results;
}

/** I12: the code of today must be able to go on with everything that it has left behind. One line for each history that it cannot. */
export async function replayAll(
  spine: Pick<Spine, 'home' | 'temporal'>,
  histories: readonly Pick<StoredHistory, 'workflowId' | 'history'>[],
): Promise<readonly string[]> {
  const codecKeys = await readCodecKeys(join(spine.home, 'keys', 'codec.json'));
  const results = await replayHistories({ namespace: spine.temporal.namespace, codecKeys }, histories);
  return results.flatMap(({ workflowId, error }) =>
    error === undefined ? [] : [`I12 ${workflowId} does not replay: ${error.message}`],
  );
}
