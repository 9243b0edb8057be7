import { type Pool } from 'pg';
import { inTransaction } from '../db/in-transaction';
import { purgeSpent } from '../db/purge-spent';

/** Forgets what is good no more. */
export function createPurge(pool: Pool) {
  return async function purge(): Promise<boolean> {
    await inTransaction(pool, purgeSpent);
    return false;
  };
}
