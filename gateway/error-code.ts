import { LedgerBusyError } from '../db/ledger-queue';
import { type FailureCode } from '../domain/failures';

/** Postgres: connection exceptions (08), no more connections (53), shut down or starting up (57P), read-only standby (25006). */
const DATABASE_AWAY = /^(08|53|57P|25006$)/;
const NETWORK_AWAY = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH'];
/** What `pg` says without a code. */
const CLIENT_AWAY =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** The catalogue's code for an error that nobody expected. */
export function errorCode(error: unknown): FailureCode {
  if (error instanceof LedgerBusyError) return 'ledger_unavailable';
  if (!(error instanceof Error)) return 'internal';
  const code = 'code' in error ? String(error.code) : '';
  const away = DATABASE_AWAY.test(code) || NETWORK_AWAY.includes(code) || CLIENT_AWAY.test(error.message);
  return away ? 'database_unavailable' : 'internal';
}
