import { type PoolClient } from 'pg';
import { type AgentIdentity } from '../domain/guard-input';

/**
 * Who an agent was told to be within a day, latest first: a process that could not reach us may come back with what it decided by then. Nobody's
 * role is changed ten times a day.
 */
export async function listServedIdentities(
  client: PoolClient,
  tenant: string,
  { id, generation }: { readonly id: string; readonly generation: number },
): Promise<readonly AgentIdentity[]> {
  const { rows } = await client.query<{ identity: AgentIdentity }>(
    `select identity from served_identities
     where tenant = $1::text and agent = $2::text and generation = $3::integer and served_at > now() - interval '1 day'
     order by served_at desc, digest limit 10`,
    [tenant, id, generation],
  );
  return rows.map(({ identity }) => identity);
}
