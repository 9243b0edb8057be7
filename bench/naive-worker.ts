import { readFileSync } from 'node:fs';
import { createDecidingActivities } from '../activities';
import { createLedger } from '../db/ledger';
import { createPool } from '../db/pool';
import * as queries from '../db/queries';
import { transactionsOf } from '../db/transactions-of';
import { createPdp } from '../pdp/create-pdp';
import { openBundle } from '../pdp/open-bundle';
import { TASK_QUEUES } from '../workflows/contract/names';
import { givenSettings, runWorker, type WorkerPlace } from './run-worker';
import { createShapeActivities } from './shapes/activities';

export interface NaiveWorkerSettings extends WorkerPlace {
  readonly bundlePath: string;
  readonly bundleKeyPath: string;
  /** As the role `worker`. */
  readonly databaseUrl: string;
}

/** PROCESS: in the place of Countersign's own worker of the role `workflows`, with the same deciding activities, and none of its loops. */
async function main({ bundlePath, bundleKeyPath, databaseUrl, ...place }: NaiveWorkerSettings): Promise<void> {
  const pool = createPool(databaseUrl, (error) => process.stderr.write(`${error.message}\n`));
  const pdp = await createPdp(openBundle(readFileSync(bundlePath, 'utf8'), readFileSync(bundleKeyPath, 'utf8')));
  const deciding = createDecidingActivities({
    db: { ...queries, ...transactionsOf(pool) },
    ledger: createLedger(pool),
    pdp: () => pdp,
    catalogueOf: () => Promise.resolve(pdp.catalogue),
  });
  await runWorker(place, {
    taskQueue: TASK_QUEUES.actions,
    workflowsPath: require.resolve('./naive'),
    activities: { ...deciding, ...createShapeActivities(place.targetUrl) },
  });
  await pool.end();
}

void main(givenSettings<NaiveWorkerSettings>());
