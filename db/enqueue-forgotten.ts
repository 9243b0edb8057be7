import { type PoolClient } from 'pg';

/** No outbox row of it is open, or was done within the time: nobody has told its workflow anything. */
const untold = (outbox: string): string => `not exists (
      select from outbox o where ${outbox}
        and (o.done_at is null or o.done_at > clock_timestamp() - make_interval(secs => $1::bigint / 1000.0)))`;

// Messages to agents and departures have no action, and so are found by the index of those that have one.
const QUERY = `
  insert into outbox (tenant, kind, action, agent, generation, departure)
  select tenant, kind, action, agent, generation, departure from (
    select a.tenant, 'wake' as kind, a.action, null as agent, null::integer as generation, null as departure, a.created_at as since
    from actions a
    where a.settled_at is null and ${untold('o.tenant = a.tenant and o.action = a.action')}
    union all
    select g.tenant, 'agent', null, g.agent, g.generation, null, g.state_since
    from agents g
    where g.state in ('onboarding', 'offboarding')
      and ${untold('o.tenant = g.tenant and o.action is null and o.agent = g.agent and o.generation = g.generation')}
    union all
    select d.tenant, 'departure', null, null, null, d.departure, d.left_at
    from departures d
    where d.finished_at is null
      and ${untold('o.tenant = d.tenant and o.action is null and o.departure = d.departure')}
  ) open
  where since < clock_timestamp() - make_interval(secs => $1::bigint / 1000.0)
  order by since limit $2::integer`;

/**
 * Has the outbox wake what has to come to an end, of every tenant, and whose workflow was told nothing for `afterMs`; answers with how many. That
 * is every open action, every agent that waits to be let in or is taken out of service, and every departure with something left to do: a workflow
 * that was terminated by hand, or lost with Temporal's database, is started again so, even if nobody ever writes anything for it.
 */
export async function enqueueForgotten(client: PoolClient, afterMs: number, limit: number): Promise<number> {
  const { rowCount } = await client.query(QUERY, [afterMs, limit]);
  return rowCount ?? 0;
}
