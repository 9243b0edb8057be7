-- A stop by a person's word, with a reason: one row, whatever it stops. Lifting it takes two (propose_lift, decide_proposal).

-- p_scope: tenant, team:<x>, agent:<x>, action-type:<x>. What stops every tenant is for whoever owns the database: `countersign kill global`.
create function stop_scope(p_tenant text, p_actor text, p_scope text, p_reason text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '7s'
as $$
declare
  v_agent agents;
  v_refused text;
begin
  select * into v_agent from agents where tenant = p_tenant and 'agent:' || agent = p_scope;
  v_refused := case
    when p_scope = 'global' then 'forbidden'
    when p_scope like 'agent:%' and v_agent.agent is null then 'not_found'
    -- A name that nobody bears stops nothing, and whoever gave it would think that it did.
    when p_scope like 'team:%' and not exists (select from agents where tenant = p_tenant and 'team:' || team = p_scope) then 'not_found'
    when p_scope !~ '^(tenant|team:[a-z0-9-]{1,63}|agent:[a-z0-9-]{1,63}|action-type:[a-z][a-z0-9_.]{0,127})$' then 'not_found'
    when not (operates(p_tenant, p_actor, '*')
      or v_agent.agent is not null and (operates(p_tenant, p_actor, v_agent.environment) or p_actor = v_agent.owner)) then 'forbidden'
    when coalesce(trim(p_reason), '') = '' then 'reason_required'
  end;
  if v_refused is not null then return jsonb_build_object('refused', v_refused); end if;
  return jsonb_build_object('epoch', move_fence(p_tenant, p_scope, true, p_reason, p_actor));
end $$;

create function in_scope(p_scope text, p_agent text, p_team text) returns boolean language sql immutable
  return p_scope in ('global', 'tenant', 'agent:' || p_agent, 'team:' || p_team);

-- What is stopped now, with what had begun by then and has not ended: effects, and access that is lent.
create function stops_of(p_tenant text)
returns table (scope text, epoch bigint, actor text, reason text, since timestamptz, agents bigint, open_actions bigint, begun jsonb)
language sql stable
as $$
  select f.scope, f.epoch, f.actor, f.reason, f.moved_at,
    (select count(*) from agents g where g.tenant = p_tenant and g.state <> 'offboarded' and in_scope(f.scope, g.agent, g.team)),
    (select count(*) from actions a where a.tenant = p_tenant and a.settled_at is null and (in_scope(f.scope, a.agent, a.team) or f.scope = 'action-type:' || a.type)),
    (select coalesce(jsonb_agg(jsonb_build_object('action', a.action, 'step', e.step, 'kind', e.kind, 'state', e.state) order by e.begun_at), '[]') from (
      select e.* from effects e join actions a using (tenant, action)
      where e.tenant = p_tenant and a.settled_at is null and e.state in ('begun', 'unknown')
        and (in_scope(f.scope, a.agent, a.team) or f.scope = 'action-type:' || a.type)
      order by e.begun_at limit 100) e join actions a using (tenant, action))
  from fences f where f.closed and f.tenant = case when f.scope = 'global' then '*' else p_tenant end
$$;

-- As before, but that nobody of one tenant lifts what stops all.
create or replace function propose_lift(p_tenant text, p_actor text, p_scope text, p_reason text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare f fences;
begin
  if p_scope = 'global' or not operates(p_tenant, p_actor, '*') then return jsonb_build_object('refused', 'forbidden'); end if;
  if coalesce(trim(p_reason), '') = '' then return jsonb_build_object('refused', 'reason_required'); end if;
  select * into f from fences where tenant = case when p_scope = 'global' then '*' else p_tenant end and scope = p_scope and closed;
  if not found then return jsonb_build_object('refused', 'not_found'); end if;
  if exists (select from proposals where tenant = p_tenant and verb = 'lift' and subject = p_scope and state = 'open' and expires_at > clock_timestamp()) then
    return jsonb_build_object('refused', 'proposed_already');
  end if;
  return jsonb_build_object('proposal', propose(p_tenant, 'lift', p_scope,
    jsonb_build_object('scope', p_scope, 'epoch', f.epoch, 'since', f.moved_at, 'reason', p_reason), p_actor));
end $$;

do $$
begin
  grant create on schema public to countersign_guard;
  alter function stop_scope(text, text, text, text) owner to countersign_guard;
  revoke execute on function stop_scope(text, text, text, text) from public;
  grant execute on function stop_scope(text, text, text, text) to countersign_gateway;
  revoke create on schema public from countersign_guard;
end $$;
