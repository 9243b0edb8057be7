import { type PoolClient } from 'pg';

export interface StoredAgent {
  readonly id: string;
  readonly generation: number;
  readonly version: string;
  readonly team: string;
  readonly environment: string;
  /** The strictest of it and of all that it comes from. */
  readonly state: string;
  /** Who answers for it, and so never decides on what it asks. */
  readonly owner: string;
  readonly roles: readonly string[];
  /** Of this generation. */
  readonly createdAt: Date;
  /** Scopes of stops that reach it through those that it comes from. */
  readonly above: readonly string[];
}

/** The agent as it is now. */
export async function findAgent(client: PoolClient, tenant: string, agent: string): Promise<StoredAgent | undefined> {
  const { rows } = await client.query<StoredAgent>(
    `select agent as id, generation, version, team, environment, owner, roles, created_at as "createdAt",
       case when parent is null then state else state_in_line(tenant, agent, generation) end as state,
       case when parent is null then '{}'
            else array(select s from scopes_in_line(tenant, agent) s where s not in ('agent:' || agent, 'team:' || team)) end as above
     from agents where tenant = $1::text and agent = $2::text`,
    [tenant, agent],
  );
  return rows[0];
}
