import { type PoolClient } from 'pg';
import { type ActionState } from '../domain/action';
import { type Json, type JsonObject } from '../domain/json';

/** An action with its current round and its agent, as they stand now. */
export interface ActionRecord {
  readonly tenant: string;
  readonly action: string;
  readonly agent: string;
  readonly agentGeneration: number;
  readonly agentVersion: string;
  readonly agentOwner: string;
  readonly agentRoles: readonly string[];
  /** The strictest of it and of all that it comes from. */
  readonly agentState: string;
  readonly team: string;
  readonly environment: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly params: JsonObject;
  readonly because: string | null;
  readonly context: JsonObject | null;
  /** Whom the agent says it acts for. */
  readonly onBehalfOf: string | null;
  readonly salt: string;
  readonly requestDigest: string;
  readonly state: ActionState;
  readonly settled: boolean;
  readonly cancelRequested: boolean;
  readonly round: number;
  readonly facts: Readonly<Record<string, Json>>;
  readonly factsDigest: string;
  readonly digest: string;
  /** Digest of the bundle that the current round was decided under; null until it was. */
  readonly decidedUnder: string | null;
  /** Chains of approval that the current round was found to need; null until it was decided. */
  readonly decidedChains: readonly string[] | null;
  /** A fenced scope that the action lies in, or null. */
  readonly fencedScope: string | null;
  /** Database time, RFC 3339 in UTC with milliseconds. */
  readonly now: string;
}

const QUERY = `
  select a.tenant, a.action, a.agent, a.agent_generation as "agentGeneration", a.agent_version as "agentVersion", g.owner as "agentOwner",
         g.roles as "agentRoles", case when g.generation <> a.agent_generation then 'offboarded' when g.parent is null then g.state else state_in_line(g.tenant, g.agent, g.generation) end as "agentState",
         a.team, a.environment, a.type, a.type_version as "typeVersion", a.params, a.because, a.context, a.on_behalf_of as "onBehalfOf", a.salt, a.request_digest as "requestDigest",
         a.state, a.settled_at is not null as settled, a.cancel_requested_at is not null as "cancelRequested",
         a.round, r.facts, r.facts_digest as "factsDigest", r.digest, d.bundle_digest as "decidedUnder", d.chains as "decidedChains", f.closed as "fencedScope",
         to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now
  from actions a
  join agents g using (tenant, agent)
  join action_rounds r on (r.tenant, r.action, r.round) = (a.tenant, a.action, a.round)
  left join decisions d on (d.tenant, d.action, d.round, d.stage) = (a.tenant, a.action, a.round, 'initial')
  cross join read_fences(a.tenant, a.agent, a.team, a.type) f
  where a.tenant = $1::text and a.action = $2::text`;

export async function loadAction(
  client: PoolClient,
  tenant: string,
  actionId: string,
): Promise<ActionRecord | undefined> {
  const { rows } = await client.query<ActionRecord>(QUERY, [tenant, actionId]);
  return rows[0];
}

/** The same, while nobody else may move the action on. Rows that name it may be written meanwhile: whoever does that holds what we may want next. */
export async function lockAction(
  client: PoolClient,
  tenant: string,
  actionId: string,
): Promise<ActionRecord | undefined> {
  // Two statements: the second one sees what was committed while the first one waited.
  const [, action] = await Promise.all([
    client.query('select from actions where tenant = $1::text and action = $2::text for no key update', [
      tenant,
      actionId,
    ]),
    loadAction(client, tenant, actionId),
  ]);
  return action;
}
