import { type Pool } from 'pg';
import { type PayloadKeys, usePayloadKey } from './use-payload-key';

/** How exactly it is known when a key was last used, against a statement of each process in that time. */
const EVERY_MS = 60 * 60_000;

/**
 * As `usePayloadKey`, and says so again as long as the process lives: a key goes only long after the last one said that it encrypts with it. What
 * fails later is told, and stops nothing: the next hour says it again.
 */
export async function keepUsingPayloadKey(
  pool: Pick<Pool, 'query'>,
  keys: PayloadKeys,
  failed: (error: unknown) => void,
): Promise<void> {
  await usePayloadKey(pool, keys);
  setInterval(() => void usePayloadKey(pool, keys).catch(failed), EVERY_MS).unref();
}
