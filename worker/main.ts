import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { createControlActivities, createDecidingActivities, createEffectActivities } from '../activities';
import { type DecidingDeps, type TouchingDeps } from '../activities/deps';
import { freePort } from '../config/free-port';
import { everyPem, publicKeysOf } from '../config/public-keys-of';
import { readConfig } from '../config/read-config';
import { required } from '../config/required';
import { activateBundle } from '../db/activate-bundle';
import { createLedger } from '../db/ledger';
import { createPool } from '../db/pool';
import * as queries from '../db/queries';
import { transactionsOf } from '../db/transactions-of';
import { createPdp } from '../pdp/create-pdp';
import { notInForce } from '../pdp/not-in-force';
import { openBundle } from '../pdp/open-bundle';
import { elapsedMs } from '../providers/elapsed-ms';
import { countAppendFailures } from '../telemetry/count-append-failures';
import { createLog } from '../telemetry/create-log';
import { tracingWhereAsked } from '../telemetry/tracing-where-asked';
import { connectClient } from '../temporal/connect';
import { createDataConverter } from '../temporal/data-converter';
import { createWaker } from '../temporal/wake';
import { codecKeysOnceMayStart } from './codec-keys-once-may-start';
import { countRecorded } from './count-recorded';
import { createProviders, type Providers } from './create-providers';
import { createEarlierCatalogues } from './earlier-catalogues';
import { installRuntime } from './install-runtime';
import { startAnswering } from './start-answering';
import { startLoops } from './start-loops';
import { startWorkers } from './start-workers';

/*
 * PROCESS: runs workflows and activities, and the loops that live on Postgres alone; in the role `workflows` those that need nothing that opens
 * a target, in the role `effects` those that touch targets, or both. Everything it holds is made here and handed down; it may be killed at any
 * moment, and run many times.
 */

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLog();
  const metricsPort = config.workerPort === undefined ? undefined : await freePort();
  const meter = installRuntime(log, metricsPort);
  const key = (name: string): string => readFileSync(join(config.keys, name), 'utf8');
  const pool = createPool(required(config.database.worker, 'DATABASE_URL_WORKER'), (err) =>
    log.warn({ err }, 'lost an idle connection'),
  );
  const loopsPool = createPool(required(config.database.loops, 'DATABASE_URL_LOOPS'), (err) =>
    log.warn({ err }, 'lost an idle connection'),
  );

  const codecKeys = await codecKeysOnceMayStart(config, pool, loopsPool, log);
  const signed = readFileSync(required(config.bundle, 'COUNTERSIGN_BUNDLE'), 'utf8');
  const bundleKeys = publicKeysOf(config.keys, 'bundle');
  const bundle = openBundle(signed, bundleKeys.current);
  // One that cannot be asked must not come into force: every other worker would stop for it.
  const pdp = await createPdp(bundle);
  const standing = await activateBundle(pool, bundle, signed);
  if (standing !== 'active') throw notInForce(standing);
  meter.bundleLoaded(bundle.version);

  const deps: DecidingDeps = {
    db: countRecorded({ ...queries, ...transactionsOf(pool) }, meter),
    ledger: countAppendFailures(createLedger(pool), meter),
    pdp: () => pdp,
    catalogueOf: createEarlierCatalogues(pool, everyPem(bundleKeys)),
  };
  const orders = config.workerRole !== 'effects';
  const providers = config.workerRole === 'workflows' ? undefined : createProviders(config, key, log);
  const touching = providers && reaching(deps, providers);

  const { temporal } = config;
  const dataConverter = createDataConverter({ codecKeys, namespace: temporal.namespace });
  const tracing = await tracingWhereAsked('worker', config.tracesUrl);
  const workers = startWorkers({
    temporal,
    log,
    tracing,
    dataConverter,
    buildId: config.buildId,
    ...(orders && { deciding: createDecidingActivities(deps) }),
    ...(touching && {
      touching: { effects: createEffectActivities(touching), control: createControlActivities(touching) },
    }),
  });
  // From here on there is something to end in order, also where it has not come so far as to run.
  const stopping = stopSignal();
  stopping.addEventListener('abort', () => workers.shutdown());
  const { namespace, connection = {} } = temporal;
  const client = connectClient({ namespace, connection, dataConverter, traced: tracing !== undefined });

  const loops = startLoops({
    ...{ config, pool: loopsPool, pdp: deps.pdp, log, meter },
    ...(orders && { ordering: { waker: createWaker(client), checkpointKeyPem: key('checkpoint.key.pem') } }),
    ...(touching && { touching: { deps: touching, databases: touching.providers.postgres } }),
  });
  const answering = await startAnswering({ config, pool, bundle, codecKeys, client, workers, metricsPort, log });
  stopping.addEventListener('abort', () => answering.drain());
  const started = await workers.started;
  if (started !== undefined) {
    log.info({ pid: process.pid, role: config.workerRole, bundle: bundle.digest, namespace }, 'the worker runs');
    process.send?.({ ready: true });
    await started.ended;
  }
  await Promise.all(loops.map(async (loop) => await loop.stop()));
  await answering.close();
  await client.connection.close();
  await tracing?.stop();
  await providers?.close();
  await Promise.all([pool.end(), loopsPool.end()]);
  log.info('the worker has stopped');
}

/** Asked to stop, however far it has come. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  return stopping.signal;
}

/** What the role `effects` has besides. */
function reaching(deps: DecidingDeps, { providers, facts }: Providers): TouchingDeps & Pick<Providers, 'providers'> {
  return {
    ...deps,
    providers,
    facts,
    pause: async (ms) => await Context.current().sleep(ms),
    monotonicMs: elapsedMs,
  };
}

main().catch((error: unknown) => {
  createLog().fatal(
    { err: error, reason: error instanceof Error ? error.message : undefined },
    'the worker ends: it cannot go on',
  );
  process.exit(1);
});
