import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Context } from '@temporalio/activity';
import { createControlActivities, createDecidingActivities, createEffectActivities } from '../activities';
import { type TouchingDeps } from '../activities/deps';
import { createEndGrant } from '../activities/end-grant';
import { readConfig } from '../config/read-config';
import { activateBundle } from '../db/activate-bundle';
import { createLedger } from '../db/ledger';
import { createPool } from '../db/pool';
import * as queries from '../db/queries';
import { withTenant } from '../db/with-tenant';
import { createPdp } from '../pdp/create-pdp';
import { openBundle } from '../pdp/open-bundle';
import { createLog } from '../telemetry/create-log';
import { readCodecKeys } from '../temporal/codec-keys';
import { connectClient } from '../temporal/connect';
import { createDataConverter } from '../temporal/data-converter';
import { createWaker } from '../temporal/wake';
import { createCheckpointRound } from '../loops/checkpoint-round';
import { createDrainOutbox } from '../loops/drain-outbox';
import { createProviders } from './create-providers';
import { createEarlierCatalogues } from './earlier-catalogues';
import { createFault } from './fault';
import { startLoop } from '../loops/start-loop';
import { createPurge } from '../loops/purge';
import { createReapGrants } from '../loops/reap-grants';
import { startTelling } from './start-telling';
import { startWorkers } from './start-workers';
import { createSweepRoles } from '../loops/sweep-roles';
import { createWakeForgottenActions } from '../loops/wake-forgotten-actions';

/*
 * PROCESS: runs workflows and activities, in both roles, and the loops that live on Postgres alone. Everything it holds
 * is made here and handed down; it may be killed at any moment, and run many times.
 */

// How soon a message or an overdue credential is noticed, against a query a second each while nothing happens.
const OUTBOX_IDLE_MS = 500;
const REAPER_IDLE_MS = 2_000;
const FORGOTTEN_IDLE_MS = 60_000;
// How much of the ledger is not yet anchored outside the database at any time.
const CHECKPOINT_IDLE_MS = 1_000;
// Nothing of what is swept can be used any more; a target is asked this rarely so that nobody notices.
const SWEEP_IDLE_MS = 60_000;
// A few rows a minute at most, and nobody waits for their going.
const PURGE_IDLE_MS = 300_000;

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLog();
  const key = (name: string): string => readFileSync(join(config.keys, name), 'utf8');
  const pool = createPool(required(config.database.worker, 'DATABASE_URL_WORKER'), (err) =>
    log.warn({ err }, 'lost an idle connection'),
  );
  const loopsPool = createPool(required(config.database.loops, 'DATABASE_URL_LOOPS'), (err) =>
    log.warn({ err }, 'lost an idle connection'),
  );

  const signed = readFileSync(required(config.bundle, 'COUNTERSIGN_BUNDLE'), 'utf8');
  const bundle = openBundle(signed, key('bundle.pub.pem'));
  if ((await activateBundle(pool, bundle, signed)) === 'older')
    throw new Error('A newer policy bundle is in force than the one in COUNTERSIGN_BUNDLE.');
  const pdp = await createPdp(bundle);

  const touching = createProviders(config, key, log);
  const deps: TouchingDeps = {
    db: { ...queries, withTenant: async (tenant, work) => await withTenant(pool, tenant, work) },
    ledger: createLedger(pool),
    pdp: () => pdp,
    catalogueOf: createEarlierCatalogues(pool, key('bundle.pub.pem')),
    fault: createFault(config),
    providers: touching.providers,
    facts: touching.facts,
    pause: async (ms) => await Context.current().sleep(ms),
    monotonicMs: () => performance.now(),
  };

  const { temporal } = config;
  const dataConverter = createDataConverter({
    codecKeys: await readCodecKeys(join(config.keys, 'codec.json')),
    namespace: temporal.namespace,
  });
  const workers = await startWorkers({
    temporal,
    dataConverter,
    deciding: createDecidingActivities(deps),
    effects: createEffectActivities(deps),
    control: createControlActivities(deps),
  });
  const client = connectClient({ namespace: temporal.namespace, connection: temporal.connection ?? {}, dataConverter });

  const checkpoints = {
    pool: loopsPool,
    signer: createPrivateKey(key('checkpoint.key.pem')),
    directory: join(config.home, 'checkpoints'),
    memory: new Map(),
  };
  const loops = [
    startLoop('outbox', log, OUTBOX_IDLE_MS, createDrainOutbox(loopsPool, createWaker(client))),
    startLoop('reaper', log, REAPER_IDLE_MS, createReapGrants(loopsPool, createEndGrant(deps))),
    startLoop('forgotten actions', log, FORGOTTEN_IDLE_MS, createWakeForgottenActions(loopsPool)),
    startLoop(
      'sweep',
      log,
      SWEEP_IDLE_MS,
      createSweepRoles(touching.providers.postgres, () => pdp.catalogue, log),
    ),
    startLoop('checkpoints', log, CHECKPOINT_IDLE_MS, createCheckpointRound(checkpoints, log)),
    startLoop('purge', log, PURGE_IDLE_MS, createPurge(loopsPool)),
    ...startTelling(config, loopsPool, () => pdp.catalogue, log),
  ];

  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => workers.shutdown());
  log.info({ pid: process.pid, bundle: bundle.digest, namespace: temporal.namespace }, 'the worker runs');
  process.send?.({ ready: true });
  await workers.ended;
  await Promise.all(loops.map(async (loop) => await loop.stop()));
  await client.connection.close();
  await touching.close();
  await Promise.all([pool.end(), loopsPool.end()]);
  log.info('the worker has stopped');
}

function required(value: string | undefined, variable: string): string {
  if (value === undefined) throw new Error(`The worker needs ${variable}.`);
  return value;
}

main().catch((error: unknown) => {
  createLog().fatal(
    { err: error, reason: error instanceof Error ? error.message : undefined },
    'the worker ends: it cannot go on',
  );
  process.exit(1);
});
