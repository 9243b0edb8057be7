import { type Pool, type PoolClient } from 'pg';
import { type ReviewPeriods } from '../domain/review-periods';
import { onlyRow } from './only-row';

/** Tenants of which some agent is to be looked at, or that nobody has watched for half an hour: what is not watched does not count as time. */
const TENANTS = `
  select distinct tenant from agent_reviews
  where look_at <= clock_timestamp() or look_at > clock_timestamp() + interval '2 days'
  union
  select t.tenant from tenants t left join review_watches w using (tenant)
  where t.tenant <> '*' and (w.seen_at is null
    or w.seen_at not between clock_timestamp() - interval '30 minutes' and clock_timestamp() + interval '1 minute')
  order by tenant`;

export async function tenantsToReview(pool: Pick<Pool, 'query'>): Promise<readonly string[]> {
  const { rows } = await pool.query<{ tenant: string }>(TENANTS);
  return rows.map(({ tenant }) => tenant);
}

/** Looks at one page of a tenant's agents: warns, reclaims, opens reviews and lets them lapse. Answers with how many it looked at. */
export async function reviewAgents(
  client: PoolClient,
  tenant: string,
  periods: ReviewPeriods,
  limit: number,
): Promise<number> {
  const { rows } = await client.query<{ looked: number }>(
    'select review_agents($1::text, $2::jsonb, $3::integer) as looked',
    [tenant, JSON.stringify(periods), limit],
  );
  return onlyRow(rows).looked;
}
