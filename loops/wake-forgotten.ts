import { type Pool } from 'pg';
import { inTransaction } from '../db/in-transaction';
import { enqueueForgotten } from '../db/enqueue-forgotten';

/** A wake-up costs a workflow that is well some five events of its history: two hundred days of them fit. One that waits for a target looks again, three times as many. */
const FORGOTTEN_AFTER_MS = 3_600_000;
const AT_ONCE = 100;

/** Looks for what nobody may be working on, actions, agents and departures, from the tables alone. */
export function createWakeForgotten(pool: Pool) {
  return async function wakeForgotten(): Promise<boolean> {
    return (await inTransaction(pool, (client) => enqueueForgotten(client, FORGOTTEN_AFTER_MS, AT_ONCE))) === AT_ONCE;
  };
}
