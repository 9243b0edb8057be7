import { LedgerBusyError } from './ledger-queue';

/** Whether an append to the ledger failed: what Postgres says of its own functions, or the queue in front of them. */
export function isLedgerFailure(error: unknown): boolean {
  if (error instanceof LedgerBusyError) return true;
  return error instanceof Error && 'where' in error && /\bledger_(append|write)\b/.test(String(error.where));
}
