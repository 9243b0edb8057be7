import { join } from 'node:path';
import { type Pool } from 'pg';
import { type Logger } from 'pino';
import { type Config } from '../config/config';
import { newestMigration } from '../db/newest-migration';
import { readCondition } from '../db/read-condition';
import { type StopWatch, watchStops } from '../db/stop-watch';
import { createReadiness, type Readiness } from '../telemetry/create-readiness';
import { createScraperCheck } from '../telemetry/create-scraper-check';
import { databaseCheck } from '../telemetry/database-check';
import { type CodecKeys } from '../temporal/codec-keys';
import { codecKeysCurrent } from '../temporal/codec-keys-current';
import { type TemporalClient } from '../temporal/connect';
import { temporalAnswers } from '../temporal/temporal-answers';
import { listenToOperators } from './listen-to-operators';
import { type RunningWorkers } from './start-workers';

interface Parts {
  readonly config: Config;
  readonly pool: Pool;
  readonly bundle: { readonly digest: string; readonly version: number };
  readonly codecKeys: CodecKeys;
  readonly client: TemporalClient;
  readonly workers: RunningWorkers;
  readonly metricsPort: number | undefined;
  readonly log: Logger;
}

/** Hears of stops and says so; answers probes and tells metrics, where a port was given for it. */
export async function startAnswering(
  parts: Parts,
): Promise<Pick<Readiness, 'drain'> & { readonly close: () => Promise<void> }> {
  const { config, metricsPort } = parts;
  const { workerPort } = config;
  const stops = await watchStops(parts.pool, 'worker', parts.log);
  const readiness = createReadiness(checksOf(parts, stops), parts.log);
  if (workerPort === undefined || metricsPort === undefined) return { drain: readiness.drain, close: stops.close };
  const listener = await listenToOperators({
    hostname: config.mode === 'production' ? '0.0.0.0' : '127.0.0.1',
    port: workerPort,
    readiness,
    metricsUrl: `http://127.0.0.1:${String(metricsPort)}/metrics`,
    mayScrape: createScraperCheck(config.metricsToken, config.mode === 'production'),
  });
  return { drain: readiness.drain, close: async () => void (await Promise.all([listener.close(), stops.close()])) };
}

function checksOf({ config, pool, bundle, codecKeys, client, workers }: Parts, stops: StopWatch) {
  const keysPath = join(config.keys, 'codec.json');
  return [
    databaseCheck({ condition: async () => await readCondition(pool), migration: newestMigration(), bundle }),
    {
      unanswered: 'codec_keys_changed' as const,
      ask: async () => ((await codecKeysCurrent(keysPath, codecKeys)) ? [] : ['codec_keys_changed' as const]),
    },
    {
      unanswered: 'temporal_unavailable' as const,
      ask: async () => ((await temporalAnswers(client)) ? [] : ['temporal_unavailable' as const]),
    },
    {
      unanswered: 'pollers_stopped' as const,
      ask: async () => (workers.arePolling() ? [] : ['pollers_stopped' as const]),
    },
    {
      unanswered: 'stops_unheard' as const,
      ask: () => Promise.resolve(stops.isDeaf() ? ['stops_unheard' as const] : []),
    },
  ];
}
