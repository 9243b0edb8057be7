import { Pool } from 'pg';
import { PreparingClient } from './preparing-client';

// Enough for every activity slot of a worker to hold one, and for two workers to stay far below Postgres' default of 100.
const MAX_CONNECTIONS = 20;
// Load comes in waves: the next one finds connections that know its statements, instead of paying ten milliseconds of both sides for each.
const IDLE_MS = 60_000;
// A database that does not answer in this time is down; the caller's own retry is the better wait.
const CONNECT_MS = 5_000;
// Postgres itself gives a statement up before (`create-roles.ts`). No answer by then means a dead line, which TCP would notice after a quarter of an hour.
const ANSWER_MS = 12_000;

/** A pool for one role. A connection that breaks while idle is reported, not thrown: the next query opens another. */
export function createPool(url: string, onIdleError: (error: Error) => void): Pool {
  const pool = new Pool({
    Client: PreparingClient,
    pipeline: true,
    connectionString: url,
    max: MAX_CONNECTIONS,
    idleTimeoutMillis: IDLE_MS,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    application_name: 'countersign',
  });
  pool.on('error', onIdleError);
  return pool;
}
