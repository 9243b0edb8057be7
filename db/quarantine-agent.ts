import { type PoolClient } from 'pg';
import { type Stream } from './lock-stream';

/**
 * Stops an agent because of a report that is a mismatch; false where it was stopped already. Waits for effects that are about to begin, so call it
 * before anything is appended to the ledger, which they wait for, and `shutGate` before anything is written of the agent.
 */
export async function quarantineAgent(
  client: PoolClient,
  tenant: string,
  { agent, generation, stream }: Stream,
  seq: number,
): Promise<boolean> {
  const { rows } = await client.query<{ done: boolean }>(
    'select quarantine_agent($1::text, $2::text, $3::integer, $4::text, $5::bigint) as done',
    [tenant, agent, generation, stream, seq],
  );
  return rows[0]?.done === true;
}
