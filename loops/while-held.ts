import { type Pool } from 'pg';
import { type Logger } from 'pino';
import { inTransaction } from '../db/in-transaction';
import { type DueNotice, HOLD_EVERY_MS, holdNotices } from '../db/take-due-notices';

/** Does `work`, and keeps others from the requests until it is over, however long a channel takes. */
export async function whileHeld<T>(
  pool: Pool,
  log: Pick<Logger, 'warn'>,
  held: readonly DueNotice[],
  work: () => Promise<T>,
): Promise<T> {
  const hold = async (): Promise<void> => {
    try {
      await inTransaction(pool, async (client) => await holdNotices(client, held));
    } catch (err) {
      log.warn({ err }, 'requests could not be held on to; another loop may tell them as well');
    }
  };
  const timer = setInterval(() => void hold(), HOLD_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
