-- A grant of which something is missing may not be used: unknown is over. Its effect's row names another grant once the step was begun anew.
create or replace function access_ended(p_tenant text, p_grant text) returns text
language sql stable
as $$
  select case
    when g.returned_at is not null then 'returned'
    when a.cancel_requested_at is not null then 'cancelled'
    when g.grant_id is null or a.action is null or e.grant_id is null or d.epochs is null or f.epochs is null then 'revoked'
    when f.closed is not null or f.epochs <> d.epochs then 'fenced'
    when not exists (
      select from agents w where w.tenant = a.tenant and w.agent = a.agent and w.generation = a.agent_generation and w.state = 'active') then 'agent_not_active'
    when g.state in ('revoking', 'revoked') then 'revoked'
    when g.expires_at <= clock_timestamp() then 'expired'
  end
  from (values (p_tenant, p_grant)) asked (tenant, grant_id)
  left join grants g using (tenant, grant_id)
  left join actions a on (a.tenant, a.action) = (g.tenant, g.action)
  left join effects e on (e.tenant, e.action, e.grant_id) = (g.tenant, g.action, g.grant_id)
  left join decisions d on (d.tenant, d.action, d.round, d.stage) = (a.tenant, a.action, e.round, 'initial')
  left join lateral read_fences(a.tenant, a.agent, a.team, a.type) f on true
$$;

-- What was sent is not kept for ever.
grant delete on outbox to countersign_loops;
