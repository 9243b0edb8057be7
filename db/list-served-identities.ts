import { type PoolClient } from 'pg';
import { type AgentIdentity } from '../domain/guard-input';

export interface ServedIdentity {
  readonly identity: AgentIdentity;
  /** When last, to the minute. */
  readonly servedAt: Date;
}

/**
 * Who an agent was told to be within a day, latest first: a process that could not reach us may come back with what it decided by then. An hour
 * more than a day, so that whatever is young enough to be judged finds who decided it. Nobody's role is changed ten times a day.
 */
export async function listServedIdentities(
  client: PoolClient,
  tenant: string,
  { id, generation }: { readonly id: string; readonly generation: number },
): Promise<readonly ServedIdentity[]> {
  const { rows } = await client.query<ServedIdentity>(
    `select identity, served_at as "servedAt" from served_identities
     where tenant = $1::text and agent = $2::text and generation = $3::integer and served_at > now() - interval '25 hours'
     order by served_at desc, digest limit 10`,
    [tenant, id, generation],
  );
  return rows;
}
