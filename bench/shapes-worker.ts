import { givenSettings, runWorker, type WorkerPlace } from './run-worker';
import { createShapeActivities } from './shapes/activities';

export interface ShapesWorkerSettings extends WorkerPlace {
  readonly taskQueue: string;
}

/** PROCESS: the worker of the forms that Countersign is compared with, apart as Countersign's own is. */
async function main({ taskQueue, ...place }: ShapesWorkerSettings): Promise<void> {
  const activities = { ...createShapeActivities(place.targetUrl) };
  await runWorker(place, { taskQueue, workflowsPath: require.resolve('./shapes'), activities });
}

void main(givenSettings<ShapesWorkerSettings>());
