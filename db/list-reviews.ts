import { type PoolClient } from 'pg';
import { type AgentState } from '../domain/agent-life';
import { type JsonObject } from '../domain/json';

export interface ListedReview {
  readonly agent: string;
  readonly state: AgentState;
  /** Of the review of its rights: asked, not answered in time, or not answered twice. `confirmed`: it is listed for asking for nothing alone. */
  readonly stage: 'confirmed' | 'due' | 'restricted' | 'lapsed';
  readonly dueAt: string | null;
  /** How often its owner was warned that it asks for nothing. */
  readonly warnings: number;
  readonly warnedAt: string | null;
  readonly reclaimedAt: string | null;
  readonly confirmedBy: string | null;
  readonly confirmedAt: string;
  /** All that is confirmed; whoever confirms says by the digest that they saw it. */
  readonly rights: JsonObject;
  readonly digest: string;
}

/** What somebody has to say of agents, by agent; `after`: the last one of the page before. */
export async function listReviews(
  client: PoolClient,
  tenant: string,
  { after, limit }: { readonly after?: string; readonly limit: number },
): Promise<ListedReview[]> {
  const { rows } = await client.query<ListedReview>(
    `select a.agent, a.state, r.stage, iso_time(r.due_at) as "dueAt", r.warnings, iso_time(r.warned_at) as "warnedAt",
       iso_time(r.reclaimed_at) as "reclaimedAt", r.confirmed_by as "confirmedBy", iso_time(r.confirmed_at) as "confirmedAt",
       rights_of(a) as rights, rights_digest(a) as digest
     from agent_reviews r join agents a using (tenant, agent)
     where r.tenant = $1::text and (r.stage <> 'confirmed' or r.warnings > 0) and a.state not in ('onboarding', 'offboarding', 'offboarded')
       and ($2::text is null or r.agent > $2::text)
     order by r.agent limit $3::integer`,
    [tenant, after ?? null, limit],
  );
  return rows;
}
