import { type PoolClient } from 'pg';

const QUERY = `
  insert into outbox (tenant, kind, action)
  select a.tenant, 'wake', a.action from actions a
  where a.settled_at is null and a.created_at < clock_timestamp() - make_interval(secs => $1::bigint / 1000.0)
    and not exists (
      select from outbox o where o.tenant = a.tenant and o.action = a.action
        and (o.done_at is null or o.done_at > clock_timestamp() - make_interval(secs => $1::bigint / 1000.0)))
  order by a.created_at limit $2::integer`;

/**
 * Has the outbox wake open actions, of every tenant, whose workflow was told nothing for `afterMs`; answers with how many.
 * One that was terminated by hand, or lost with Temporal's database, is started again so, even if nobody ever votes.
 */
export async function wakeForgotten(client: PoolClient, afterMs: number, limit: number): Promise<number> {
  const { rowCount } = await client.query(QUERY, [afterMs, limit]);
  return rowCount ?? 0;
}
