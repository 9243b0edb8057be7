import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { readCodecKeys } from '../temporal/codec-keys';
import { createDataConverter } from '../temporal/data-converter';

/** Where a worker of the bench works: JSON, as its process is given it. */
export interface WorkerPlace {
  readonly address: string;
  readonly namespace: string;
  readonly codecKeysPath: string;
  readonly targetUrl: string;
}

export const SETTINGS_VARIABLE = 'BENCH_WORKER';

/** What whoever forked this process told it. */
export function givenSettings<T extends WorkerPlace>(): T {
  return JSON.parse(process.env[SETTINGS_VARIABLE] ?? '{}') as T;
}

type Work = Pick<WorkerOptions, 'taskQueue' | 'workflowsPath' | 'activities'>;

/** Works until whoever forked this process lets it go; under Countersign's codec, as what it is compared with is. */
export async function runWorker({ address, namespace, codecKeysPath }: WorkerPlace, work: Work): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });
  const connection = await NativeConnection.connect({ address });
  const dataConverter = createDataConverter({ codecKeys: await readCodecKeys(codecKeysPath), namespace });
  const worker = await Worker.create({ connection, namespace, dataConverter, ...work });
  process.once('disconnect', () => {
    // Asked by a signal before, it says no to being asked twice.
    if (worker.getState() === 'RUNNING') worker.shutdown();
  });
  process.send?.('ready');
  await worker.run();
  await connection.close();
}
