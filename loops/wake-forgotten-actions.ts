import { type Pool } from 'pg';
import { inTransaction } from '../db/in-transaction';
import { wakeForgotten } from '../db/wake-forgotten';

/** A wake-up costs a workflow that is well some five events of its history: two hundred days of them fit. */
const FORGOTTEN_AFTER_MS = 3_600_000;
const AT_ONCE = 100;

/** Looks for open actions that nobody may be working on, from the table alone. */
export function createWakeForgottenActions(pool: Pool) {
  return async function wakeForgottenActions(): Promise<boolean> {
    return (await inTransaction(pool, (client) => wakeForgotten(client, FORGOTTEN_AFTER_MS, AT_ONCE))) === AT_ONCE;
  };
}
