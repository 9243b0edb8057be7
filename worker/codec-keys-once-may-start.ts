import { join } from 'node:path';
import { type Pool } from 'pg';
import { type Logger } from 'pino';
import { type Config } from '../config/config';
import { refuseInProduction } from '../config/refuse-in-production';
import { productionProblemsOf } from '../db/production-problems-of';
import { keepUsingPayloadKey } from '../db/keep-using-payload-key';
import { type CodecKeys, readCodecKeys } from '../temporal/codec-keys';

/**
 * The codec's keys, once the databases say nothing against starting with them.
 *
 * @throws ConfigError, CodecKeysError, PayloadKeysMissing, PayloadKeyUnregistered
 */
export async function codecKeysOnceMayStart(
  config: Config,
  pool: Pool,
  loopsPool: Pool,
  log: Pick<Logger, 'warn'>,
): Promise<CodecKeys> {
  await refuseInProduction(config, async () => [
    ...(await productionProblemsOf(pool, 'worker')),
    ...(await productionProblemsOf(loopsPool, 'loops')),
  ]);
  const codecKeys = await readCodecKeys(join(config.keys, 'codec.json'));
  await keepUsingPayloadKey(pool, codecKeys, (err) => log.warn({ err }, 'it is not noted that a payload key is used'));
  return codecKeys;
}
