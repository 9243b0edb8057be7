import { type Pool, type PoolClient } from 'pg';
import { type JsonObject } from '../domain/json';
import { canonicalJson } from '../evidence/canonical-json';
import { LedgerQueue, type LedgerRow } from './ledger-queue';

/** One thing that happened, as its author states it. The database adds tenant, sequence number and time. */
export interface LedgerEntry {
  /**
   * Unique per tenant and the same on every retry, e.g. `action/<actionId>/decided/1`. 1 to 200 visible ASCII
   * characters.
   */
  readonly key: string;
  /** Past tense: `action.decided`. */
  readonly event: string;
  /** Ids, codes, digests. Kept for ever: no personal data, no parameters, no secrets. */
  readonly entry: JsonObject;
  /** Personal data, kept beside the log under a salted commitment, so that it can be erased. */
  readonly body?: JsonObject;
}

/** Appends are durable when the promise resolves. Repeating an entry (same key) is harmless and changes nothing. */
export interface Ledger {
  append(tenant: string, entries: readonly LedgerEntry[]): Promise<void>;
}

const APPEND = 'select ledger_append($1::text, $2::text[], $3::text[], $4::text[])';

/**
 * A ledger for many producers: those of one tenant share a statement, and so one commit, whenever a statement is
 * already under way. The entries of one call are never split. A call rejects when its own statement fails, and at once
 * when too much is waiting (`LedgerBusyError`).
 */
export function createLedger(pool: Pick<Pool, 'query'>): Ledger {
  const queue = new LedgerQueue(async (tenant, rows) => {
    await pool.query(APPEND, parametersOf(tenant, rows));
  });
  return {
    append: async (tenant, entries) => {
      if (entries.length > 0) await queue.add(tenant, entries.map(rowOf));
    },
  };
}

/**
 * Appends inside the caller's READ COMMITTED transaction. Make it the last statement: the tenant's whole log waits from
 * here to the commit.
 */
export async function appendWithin(
  client: Pick<PoolClient, 'query'>,
  tenant: string,
  entries: readonly LedgerEntry[],
): Promise<void> {
  if (entries.length > 0) await client.query(APPEND, parametersOf(tenant, entries.map(rowOf)));
}

function rowOf({ key, event, entry, body }: LedgerEntry): LedgerRow {
  if (entry['event'] !== undefined && entry['event'] !== event) {
    throw new TypeError(`ledger entry ${key}: entry.event contradicts ${event}`);
  }
  return { key, entry: canonicalJson({ ...entry, event }), body: body === undefined ? null : canonicalJson(body) };
}

function parametersOf(tenant: string, rows: readonly LedgerRow[]): unknown[] {
  return [tenant, rows.map((row) => row.key), rows.map((row) => row.entry), rows.map((row) => row.body)];
}
