import { type PoolClient } from 'pg';

export interface KnownRequest {
  readonly action: string;
  readonly requestDigest: string;
}

/** The action that an idempotency key already stands for, of an agent in its present generation. */
export async function findActionByKey(
  client: PoolClient,
  tenant: string,
  agent: string,
  idempotencyKey: string,
): Promise<KnownRequest | undefined> {
  const { rows } = await client.query<KnownRequest>(
    `select a.action, a.request_digest as "requestDigest"
     from actions a join agents g on (g.tenant, g.agent, g.generation) = (a.tenant, a.agent, a.agent_generation)
     where a.tenant = $1::text and a.agent = $2::text and a.idempotency_key = $3::text`,
    [tenant, agent, idempotencyKey],
  );
  return rows[0];
}
