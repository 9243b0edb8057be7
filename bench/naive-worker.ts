import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type TouchingDeps } from '../activities/deps';
import { readConfig } from '../config/read-config';
import { createLedger } from '../db/ledger';
import { createPool } from '../db/pool';
import * as queries from '../db/queries';
import { transactionsOf } from '../db/transactions-of';
import { createPdp } from '../pdp/create-pdp';
import { openBundle } from '../pdp/open-bundle';
import { elapsedMs } from '../providers/elapsed-ms';
import { createLog } from '../telemetry/create-log';
import { createProviders } from '../worker/create-providers';
import { TASK_QUEUES } from '../workflows/contract/names';
import { createDecidingVerbs } from './naive/deciding-verbs';
import { createEffectVerbs } from './naive/effect-verbs';
import { givenSettings, runWorker, type WorkerPlace } from './run-worker';
import { createShapeActivities } from './shapes/activities';

export interface NaiveWorkerSettings extends WorkerPlace {
  /** Of the stack whose actions it runs. */
  readonly home: string;
  readonly bundlePath: string;
  /** As the role `worker`. */
  readonly databaseUrl: string;
}

/** PROCESS: in the place of Countersign's own worker, with what its activities are made of, one verb at a time, and none of its loops. */
async function main({ home, bundlePath, databaseUrl, ...place }: NaiveWorkerSettings): Promise<void> {
  const { targetUrl } = place;
  const config = readConfig({ COUNTERSIGN_HOME: home, COUNTERSIGN_TARGET_PAYMENTS: targetUrl });
  const key = (name: string): string => readFileSync(join(config.keys, name), 'utf8');
  const log = createLog();
  const pool = createPool(databaseUrl, (err) => log.warn({ err }, 'lost an idle connection'));
  const pdp = await createPdp(openBundle(readFileSync(bundlePath, 'utf8'), key('bundle.pub.pem')));
  const targets = createProviders(config, key, log);
  const deps: TouchingDeps = {
    db: { ...queries, ...transactionsOf(pool) },
    ledger: createLedger(pool),
    pdp: () => pdp,
    catalogueOf: () => Promise.resolve(pdp.catalogue),
    ...targets,
    pause: async (ms) => await pause(ms),
    monotonicMs: elapsedMs,
  };
  await runWorker(place, {
    taskQueue: TASK_QUEUES.actions,
    workflowsPath: require.resolve('./naive'),
    activities: { ...createDecidingVerbs(deps), ...createEffectVerbs(deps), ...createShapeActivities(targetUrl) },
  });
  await targets.close();
  await pool.end();
}

void main(givenSettings<NaiveWorkerSettings>());
