import { type PoolClient } from 'pg';
import { type AgentState } from '../domain/agent-life';
import { type JsonObject } from '../domain/json';

export interface ListedAgent {
  readonly id: string;
  readonly generation: number;
  readonly state: AgentState;
  readonly stateSince: string;
  readonly owner: string;
  readonly creator: string;
  readonly team: string;
  readonly environment: string;
  readonly purpose: string | null;
  readonly riskTier: string | null;
  readonly roles: readonly string[];
  readonly dataScopes: readonly string[];
  readonly version: string;
  readonly parent: string | null;
  readonly openActions: number;
  /** Credentials made for its actions that are not known to be dead. */
  readonly liveGrants: number;
  /** An offboarding's receipt: its digest. */
  readonly receipt: string | null;
}

export interface AgentFilter {
  readonly agent?: string;
  readonly state?: string;
  readonly owner?: string;
  readonly team?: string;
  /** The last id of the page before. */
  readonly after?: string;
  readonly limit: number;
}

const AGENTS = `
  select g.agent as id, g.generation, g.state, iso_time(g.state_since) as "stateSince", g.owner, g.creator, g.team, g.environment, g.purpose,
    g.risk_tier as "riskTier", g.roles, g.data_scopes as "dataScopes", g.version, g.parent,
    (select count(*)::integer from actions a where a.tenant = g.tenant and a.agent = g.agent and a.settled_at is null) as "openActions",
    (select count(*)::integer from grants r where r.tenant = g.tenant and r.agent = g.agent and r.state <> 'revoked') as "liveGrants",
    (select r.digest from receipts r where (r.tenant, r.agent, r.generation) = (g.tenant, g.agent, g.generation)) as receipt
  from agents g
  where g.tenant = $1::text and ($2::text is null or g.agent = $2::text) and ($3::text is null or g.state = $3::text)
    and ($4::text is null or g.owner = $4::text) and ($5::text is null or g.team = $5::text) and ($6::text is null or g.agent > $6::text)
  order by g.agent limit $7::integer`;

/** Agents by id, each as it is in its newest generation. */
export async function listAgents(client: PoolClient, tenant: string, filter: AgentFilter): Promise<ListedAgent[]> {
  const { agent = null, state = null, owner = null, team = null, after = null, limit } = filter;
  const { rows } = await client.query<ListedAgent>(AGENTS, [tenant, agent, state, owner, team, after, limit]);
  return rows;
}

export interface ListedVersion {
  readonly version: string;
  readonly digest: string;
  readonly content: JsonObject;
  readonly registeredBy: string;
  readonly registeredAt: string;
  readonly inForce: boolean;
}

/** What the agent's newest generation was and is made of, the newest first. */
export async function listAgentVersions(client: PoolClient, tenant: string, agent: string): Promise<ListedVersion[]> {
  const { rows } = await client.query<ListedVersion>(
    `select v.version, v.digest, v.content, v.registered_by as "registeredBy", iso_time(v.registered_at) as "registeredAt", v.version = g.version as "inForce"
     from agent_versions v join agents g using (tenant, agent, generation)
     where v.tenant = $1::text and v.agent = $2::text order by v.registered_at desc, v.version limit 100`,
    [tenant, agent],
  );
  return rows;
}
