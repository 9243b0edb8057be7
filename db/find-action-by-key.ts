import { type PoolClient } from 'pg';

export interface KnownRequest {
  readonly action: string;
  readonly requestDigest: string;
}

/** The action that an agent's idempotency key already stands for. */
export async function findActionByKey(
  client: PoolClient,
  tenant: string,
  agent: { readonly id: string; readonly generation: number },
  idempotencyKey: string,
): Promise<KnownRequest | undefined> {
  const { rows } = await client.query<KnownRequest>(
    `select action, request_digest as "requestDigest"
     from actions
     where tenant = $1::text and agent = $2::text and agent_generation = $3::integer and idempotency_key = $4::text`,
    [tenant, agent.id, agent.generation, idempotencyKey],
  );
  return rows[0];
}
