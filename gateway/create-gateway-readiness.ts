import { join } from 'node:path';
import { type Pool } from 'pg';
import { type Logger } from 'pino';
import { newestMigration } from '../db/newest-migration';
import { readCondition } from '../db/read-condition';
import { type StopWatch } from '../db/stop-watch';
import { createReadiness, type Readiness } from '../telemetry/create-readiness';
import { databaseCheck } from '../telemetry/database-check';
import { type CodecKeys } from '../temporal/codec-keys';
import { codecKeysCurrent } from '../temporal/codec-keys-current';

interface Parts {
  readonly pool: Pool;
  readonly bundle: { readonly digest: string; readonly version: number };
  /** Directory of the keys, and those of the codec that were loaded from it. */
  readonly keys: string;
  readonly codecKeys: CodecKeys;
  readonly stops: Pick<StopWatch, 'isDeaf'>;
  readonly log: Logger;
}

/** What the gateway needs to take requests. Temporal is not of it: what is recorded while it is away starts later. */
export function createGatewayReadiness({ pool, bundle, keys, codecKeys, stops, log }: Parts): Readiness {
  return createReadiness(
    [
      databaseCheck({ condition: async () => await readCondition(pool), migration: newestMigration(), bundle }),
      {
        unanswered: 'codec_keys_changed',
        ask: async () => ((await codecKeysCurrent(join(keys, 'codec.json'), codecKeys)) ? [] : ['codec_keys_changed']),
      },
      { unanswered: 'stops_unheard', ask: () => Promise.resolve(stops.isDeaf() ? ['stops_unheard'] : []) },
    ],
    log,
  );
}
