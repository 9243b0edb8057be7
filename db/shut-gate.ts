import { type PoolClient } from 'pg';

/**
 * Waits for effects that are about to begin, and lets none begin until the transaction ends. Whoever stops an agent has the gate before any row:
 * others who stop the same one hold it already when they want that row.
 */
export async function shutGate(client: PoolClient, tenant: string): Promise<void> {
  await client.query('select shut_gate($1::text)', [tenant]);
}
