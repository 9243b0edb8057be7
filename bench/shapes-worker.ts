import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { readCodecKeys } from '../temporal/codec-keys';
import { createDataConverter } from '../temporal/data-converter';
import { createShapeActivities } from './shapes/activities';

export interface ShapesWorkerSettings {
  readonly address: string;
  readonly namespace: string;
  readonly codecKeysPath: string;
  readonly targetUrl: string;
  readonly taskQueue: string;
}

/** The worker of the forms that Countersign is compared with: a process of its own, as Countersign's is, under the same codec. */
async function main(settings: ShapesWorkerSettings): Promise<void> {
  const { address, namespace, codecKeysPath, targetUrl, taskQueue } = settings;
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    namespace,
    dataConverter: createDataConverter({ codecKeys: await readCodecKeys(codecKeysPath), namespace }),
    taskQueue,
    workflowsPath: require.resolve('./shapes'),
    activities: { ...createShapeActivities(targetUrl) },
  });
  process.once('disconnect', () => {
    // Asked by a signal before, it says no to being asked twice.
    if (worker.getState() === 'RUNNING') worker.shutdown();
  });
  process.send?.('ready');
  await worker.run();
  await connection.close();
}

void main(JSON.parse(process.argv[2] ?? '{}') as ShapesWorkerSettings);
