import { DatabaseError } from 'pg';
import { FORBIDDEN_ADDRESS } from '../pinned-lookup';
import { Refused } from './refused';

/** Classes of errors (PostgreSQL, appendix A) that say nothing about the statement: it may succeed later. */
const BUSY: readonly string[] = ['40', '53', '55', '57'];

/** Those that end the connection, or that come from outside the statement; `28` is a login that came too late. */
const LOST: readonly string[] = ['08', '25', '28'];

/**
 * Why a call changed nothing, as a code of ours: a server's message may repeat a value. Only for errors before COMMIT was sent; until then
 * whatever happened is undone by the server.
 *
 * @param otherwise where the server gave no reason: the connection broke.
 */
export function refusalOf(error: unknown, otherwise: 'not_sent' | 'not_committed'): string {
  const ours = ownCode(error);
  if (ours !== undefined) return ours;
  const state = sqlState(error);
  if (state === undefined || LOST.some((start) => state.startsWith(start))) return otherwise;
  return BUSY.some((start) => state.startsWith(start)) ? 'target_busy' : `target_refused_${state}`;
}

/** Why COMMIT failed, or `undefined` if nobody knows whether it did: an ERROR undoes the transaction, anything else may come after it. */
export function commitRefusalOf(error: unknown): string | undefined {
  return error instanceof DatabaseError && error.severity === 'ERROR' ? refusalOf(error, 'not_committed') : undefined;
}

/** Why a question was not answered, or a role not ended. */
export function failureOf(error: unknown): string {
  const ours = ownCode(error);
  if (ours !== undefined) return ours;
  const state = sqlState(error);
  return state === undefined ? 'target_connection_lost' : `target_error_${state}`;
}

/** Where it was us who refused, before anything was sent. */
function ownCode(error: unknown): string | undefined {
  if (error instanceof Refused) return error.code;
  const forbidden = error instanceof Error && 'code' in error && error.code === FORBIDDEN_ADDRESS;
  return forbidden ? 'target_address_forbidden' : undefined;
}

function sqlState(error: unknown): string | undefined {
  const code = error instanceof DatabaseError ? error.code : undefined;
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}
