import { type PoolClient } from 'pg';
import { type JsonObject } from '../domain/json';

export interface StoredReceipt {
  readonly receipt: JsonObject;
  /** The key of the ledger's entry about it. */
  readonly key: string;
}

/** The receipt of one generation of an agent, or of the last one that has one. */
export async function findReceipt(
  client: Pick<PoolClient, 'query'>,
  tenant: string,
  agent: string,
  generation: number | undefined,
): Promise<StoredReceipt | undefined> {
  const { rows } = await client.query<StoredReceipt>(
    `select r.receipt, l.key from receipts r
     join ledger l on l.tenant = r.tenant and l.key like 'agent/' || r.agent || '/agent.offboarded/%'
       and l.leaf::jsonb -> 'entry' ->> 'receipt' = r.digest
     where r.tenant = $1::text and r.agent = $2::text and ($3::integer is null or r.generation = $3::integer)
     order by r.generation desc limit 1`,
    [tenant, agent, generation ?? null],
  );
  return rows[0];
}
