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
}

/** The agent as it is now. */
export async function findAgent(client: PoolClient, tenant: string, agent: string): Promise<StoredAgent | undefined> {
  const { rows } = await client.query<StoredAgent>(
    `select agent as id, generation, version, team, environment, owner, roles,
       case when parent is null then state else state_in_line(tenant, agent, generation) end as state
     from agents where tenant = $1::text and agent = $2::text`,
    [tenant, agent],
  );
  return rows[0];
}
