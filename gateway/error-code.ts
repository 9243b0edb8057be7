import { LedgerBusyError } from '../db/ledger-queue';
import { type FailureCode } from '../domain/failures';

/**
 * Postgres: connection exceptions (08), rolled back for another transaction's sake (40), out of disk or connections (53), cancelled, shut down or
 * starting up (57), read-only standby (25006), idle for too long (25P03), a lock that somebody keeps (55P03).
 */
const DATABASE_AWAY = /^(08|40|53|57|25006$|25P03$|55P03$)/;
const NETWORK_AWAY = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH'];
/** What `pg` says without a code. */
const CLIENT_AWAY =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/;

/** The catalogue's code for an error that nobody expected. */
export function errorCode(error: unknown): FailureCode {
  if (error instanceof LedgerBusyError) return 'ledger_unavailable';
  if (!(error instanceof Error)) return 'internal';
  const code = 'code' in error ? String(error.code) : '';
  const away = DATABASE_AWAY.test(code) || NETWORK_AWAY.includes(code) || CLIENT_AWAY.test(error.message);
  return away ? 'database_unavailable' : 'internal';
}
