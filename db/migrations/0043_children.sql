-- An agent may come from another, its parent: what it may do dies with any of those it comes from, by a look at the whole line in the moment in
-- which something begins. Nobody has to find all of them first: they are listed only to clear up, and for the receipt.

-- A link names a generation that was there before, so no line comes back to where it began; a parent that was registered anew is nobody's parent.
alter table agents add column parent text, add column parent_generation integer,
  add constraint agents_parent_check check ((parent is null) = (parent_generation is null)),
  add foreign key (tenant, parent) references agents (tenant, agent);
grant update (parent, parent_generation) on agents to countersign_guard;
create index agents_of_parent on agents (tenant, parent) where parent is not null;
comment on column agents.parent is 'The agent that it comes from, in that generation; null where people alone answer for it.';

-- Four, the root among them: each beginning of an effect looks at all of them, and of more nobody says for whom the last one acts.
create function max_line() returns integer language sql immutable return 4;

-- The agent and those it comes from, itself first. Where the line is broken, or longer than it may be, its end counts as offboarded.
create function line_of(p_tenant text, p_agent text) returns table (agent text, generation integer, state text)
language sql stable
as $$
  with recursive line as (
    select a.agent, a.generation, a.state, a.parent, a.parent_generation, 1 as length from agents a where a.tenant = p_tenant and a.agent = p_agent
    union all
    select l.parent, l.parent_generation, case when l.length < max_line() then coalesce(a.state, 'offboarded') else 'offboarded' end,
      a.parent, a.parent_generation, l.length + 1
    from line l left join agents a on (a.tenant, a.agent, a.generation) = (p_tenant, l.parent, l.parent_generation)
    where l.parent is not null and l.length <= max_line()
  )
  select agent, generation, state from line
$$;

-- Why it may not begin an effect of that class: because of itself, or of one that it comes from. What ends goes before what holds.
create function line_stopped(p_tenant text, p_agent text, p_generation integer, p_effect_class text, p_asked boolean) returns text
language sql stable
as $$
  select case when not exists (select from agents g where (g.tenant, g.agent, g.generation) = (p_tenant, p_agent, p_generation)) then 'agent_not_active'
    else (
      select s.why from (select agent_stopped(l.state, p_effect_class, p_asked) as why from line_of(p_tenant, p_agent) l) s
      where s.why is not null order by array_position(array['agent_not_active', 'agent_paused', 'agent_restricted'], s.why) limit 1) end
$$;

-- The state that counts for it: the strictest of its line. Null: there is no such generation.
create function state_in_line(p_tenant text, p_agent text, p_generation integer) returns text
language sql stable
as $$
  select l.state from line_of(p_tenant, p_agent) l
  where exists (select from agents g where (g.tenant, g.agent, g.generation) = (p_tenant, p_agent, p_generation))
  order by array_position(array['offboarded', 'offboarding', 'quarantined', 'onboarding', 'paused', 'read_only', 'ask_always', 'throttled', 'active'], l.state) limit 1
$$;

-- All that come from it, however far; without itself.
create function born_of(p_tenant text, p_agent text) returns table (agent text, generation integer, state text)
language sql stable
as $$
  with recursive born as (
    select c.agent, c.generation, c.state, 1 as length from agents c join agents a on (a.tenant, a.agent, a.generation) = (c.tenant, c.parent, c.parent_generation)
    where c.tenant = p_tenant and c.parent = p_agent
    union all
    select c.agent, c.generation, c.state, b.length + 1 from born b
    join agents c on (c.tenant, c.parent, c.parent_generation) = (p_tenant, b.agent, b.generation)
    where b.length < max_line()
  )
  select agent, generation, state from born
$$;

-- Whoever stands behind an agent stands behind those that come from it, too.
create or replace function people_behind(p_tenant text, p_agent text) returns text[]
language sql stable
as $$
  select array[g.owner, g.creator] || array(
    select k.issued_by from agent_keys k
    where (k.tenant, k.agent, k.generation) = (g.tenant, g.agent, g.generation) and k.revoked_at is null and k.issued_by is not null
    union
    select c.issued_by from agent_credentials c
    where (c.tenant, c.agent, c.generation) = (g.tenant, g.agent, g.generation) and c.revoked_at is null and c.not_after > clock_timestamp()
    union
    select unnest(array[p.owner, p.creator]) from line_of(p_tenant, g.parent) l join agents p on (p.tenant, p.agent) = (p_tenant, l.agent))
  from agents g where g.tenant = p_tenant and g.agent = p_agent
$$;

create function in_stop(p_tenant text, p_scope text, p_agent text, p_team text) returns boolean language sql stable
  return in_scope(p_scope, p_agent, p_team) or p_scope in (select 'agent:' || l.agent from line_of(p_tenant, p_agent) l);

create or replace function read_fences(p_tenant text, p_agent text, p_team text, p_type text) returns table (epochs text, closed text) language sql stable
as $$
  select coalesce(string_agg(scope || '=' || epoch, ',' order by scope), ''), min(scope) filter (where f.closed)
  from fences f
  where (f.tenant = '*' and scope = 'global')
     or (f.tenant = p_tenant and (scope in ('tenant', 'agent:' || p_agent, 'team:' || p_team, 'action-type:' || p_type)
       or scope in (select 'agent:' || l.agent from line_of(p_tenant, p_agent) l)))
$$;

create or replace function stops_of(p_tenant text) returns table (scope text, epoch bigint, actor text, reason text, since timestamp with time zone, agents bigint, open_actions bigint, begun jsonb) language sql stable
as $$
  select f.scope, f.epoch, f.actor, f.reason, f.moved_at,
    (select count(*) from agents g where g.tenant = p_tenant and g.state <> 'offboarded' and in_stop(p_tenant, f.scope, g.agent, g.team)),
    (select count(*) from actions a where a.tenant = p_tenant and a.settled_at is null and (in_stop(p_tenant, f.scope, a.agent, a.team) or f.scope = 'action-type:' || a.type)),
    (select coalesce(jsonb_agg(jsonb_build_object('action', a.action, 'step', e.step, 'kind', e.kind, 'state', e.state) order by e.begun_at), '[]') from (
      select e.* from effects e join actions a using (tenant, action)
      where e.tenant = p_tenant and a.settled_at is null and e.state in ('begun', 'unknown')
        and (in_stop(p_tenant, f.scope, a.agent, a.team) or f.scope = 'action-type:' || a.type)
      order by e.begun_at limit 100) e join actions a using (tenant, action))
  from fences f where f.closed and f.tenant = case when f.scope = 'global' then '*' else p_tenant end
$$;

create or replace function begin_effect(p_tenant text, p_action text, p_step text, p_target text, p_round integer, p_digest text, p_facts_digest text, p_bundle_digest text, p_send_within_ms integer, p_grant_ttl_ms bigint) returns jsonb language plpgsql security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '2s'
as $$
declare
  a actions;
  d decisions;
  r approval_requests;
  v_fence record;
  v_agent text;
  v_refused text;
begin
  perform pass_gates(p_tenant);
  select * into r from approval_requests where tenant = p_tenant and action = p_action and round = p_round for update;
  select * into a from actions where tenant = p_tenant and action = p_action for update;
  select * into d from decisions where tenant = p_tenant and action = p_action and round = p_round and stage = 'initial';
  select * into v_fence from read_fences(p_tenant, a.agent, a.team, a.type);
  v_agent := coalesce(line_stopped(p_tenant, a.agent, a.agent_generation, a.effect_class, d.effect = 'require_approval'), 'may');

  v_refused := case
    when a.action is null then 'not_found'
    when d.action is null or d.effect = 'deny' then 'not_decided'
    when a.settled_at is not null then 'action_closed'
    when a.cancel_requested_at is not null then 'cancelled'
    when a.round <> p_round or not exists (
      select from action_rounds w where w.tenant = p_tenant and w.action = p_action and w.round = p_round
        and w.digest = p_digest and w.facts_digest = p_facts_digest) then 'digest_mismatch'
    when v_fence.closed is not null then 'scope_fenced'
    when v_fence.epochs <> d.epochs then 'fence_moved'
    when v_agent <> 'may' then v_agent
    when p_bundle_digest is distinct from (select digest from bundles order by version desc limit 1) then 'bundle_stale'
    when (select f.effect = 'deny' or f.bundle_digest <> p_bundle_digest from decisions f
          where f.tenant = p_tenant and f.action = p_action and f.round = p_round and f.stage = 'preflight/' || p_step
          order by f.decided_at desc limit 1) is distinct from false then 'not_decided'
    when d.effect = 'require_approval' then refused_by_votes(r)
  end;
  if v_refused is not null then return jsonb_build_object('refused', v_refused); end if;

  if d.budgeted then
    perform from reservations where tenant = p_tenant and action = p_action and state = 'held' for update;
    if not found then return jsonb_build_object('refused', 'budget_lost'); end if;
  end if;
  return open_effect(p_tenant, p_action, p_step, 'do', p_target, a.agent, p_round, p_digest, p_send_within_ms, p_grant_ttl_ms);
end $$;

create or replace function access_ended(p_tenant text, p_grant text) returns text language sql stable
as $$
  select case
    when g.returned_at is not null then 'returned'
    when a.cancel_requested_at is not null then 'cancelled'
    when g.grant_id is null or a.action is null or e.grant_id is null or d.epochs is null or f.epochs is null then 'revoked'
    when f.closed is not null or f.epochs <> d.epochs then 'fenced'
    when line_stopped(a.tenant, a.agent, a.agent_generation, a.effect_class, true) is not null then 'agent_not_active'
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

create or replace function register_agent(p_tenant text, p_actor text, p_agent jsonb, p_reason text) returns jsonb language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_agent text := p_agent ->> 'agent';
  v_owner text := p_agent ->> 'owner';
  v_environment text := p_agent ->> 'environment';
  v_roles text[] := array(select jsonb_array_elements_text(p_agent -> 'roles'));
  v_scopes text[] := array(select jsonb_array_elements_text(p_agent -> 'dataScopes'));
  v_before agents;
  v_parent agents;
  v_refused text;
  v_proposal text;
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  select * into v_before from agents where tenant = p_tenant and agent = v_agent for update;
  select * into v_parent from agents where tenant = p_tenant and agent = p_agent ->> 'parent';
  v_refused := case
    when not (operates(p_tenant, p_actor, v_environment) or has_role(p_tenant, p_actor, 'owner', v_environment)) then 'forbidden'
    when coalesce(trim(p_reason), '') = '' then 'reason_required'
    when not exists (select from people where tenant = p_tenant and person = v_owner and state = 'active') then 'owner_not_active'
    when v_before.agent is not null and v_before.state <> 'offboarded' then 'agent_exists'
    when p_agent ->> 'parent' is not null and state_in_line(p_tenant, v_parent.agent, v_parent.generation) is distinct from 'active' then 'parent_not_active'
    when p_agent ->> 'parent' is not null and v_parent.environment <> v_environment then 'parent_not_active'
    when (select count(*) from line_of(p_tenant, v_parent.agent)) >= max_line() then 'line_too_long'
  end;
  if v_refused is not null then return jsonb_build_object('refused', v_refused); end if;
  insert into agents as a (tenant, agent, version, owner, creator, team, environment, roles, state, purpose, data_scopes, risk_tier, parent, parent_generation)
  values (p_tenant, v_agent, p_agent ->> 'version', v_owner, p_actor, p_agent ->> 'team', v_environment, v_roles, 'onboarding',
    p_agent ->> 'purpose', v_scopes, p_agent ->> 'riskTier', v_parent.agent, v_parent.generation)
  on conflict (tenant, agent) do update set generation = a.generation + 1, version = excluded.version, owner = excluded.owner,
    creator = excluded.creator, team = excluded.team, environment = excluded.environment, roles = excluded.roles, state = excluded.state,
    purpose = excluded.purpose, data_scopes = excluded.data_scopes, risk_tier = excluded.risk_tier,
    parent = excluded.parent, parent_generation = excluded.parent_generation,
    created_at = clock_timestamp(), state_since = clock_timestamp()
  returning * into v_before;
  insert into agent_versions (tenant, agent, generation, version, digest, content, registered_by)
  values (p_tenant, v_agent, v_before.generation, v_before.version, p_agent ->> 'digest', p_agent -> 'content', p_actor);
  v_proposal := propose(p_tenant, 'onboard', v_agent || '/' || v_before.generation,
    (p_agent - 'content') || jsonb_build_object('generation', v_before.generation, 'creator', p_actor, 'reason', p_reason), p_actor);
  perform tell_life(p_tenant, v_agent, 'agent.registered', jsonb_build_object('generation', v_before.generation, 'actor', p_actor,
    'owner', v_owner, 'parent', v_parent.agent, 'team', p_agent ->> 'team', 'environment', v_environment, 'riskTier', p_agent ->> 'riskTier',
    'roles', array_to_string(v_roles, ' '), 'dataScopes', array_to_string(v_scopes, ' '),
    'version', v_before.version, 'digest', p_agent ->> 'digest', 'proposal', v_proposal), p_reason, false);
  return jsonb_build_object('generation', v_before.generation, 'proposal', v_proposal);
end $$;

create or replace function shift_agent(p_tenant text, p_agent text, p_generation integer, p_event text, p_actor text, p_reason text) returns text language plpgsql
as $$
declare
  a agents;
  v_next text;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent and generation = p_generation for update;
  if not found then return 'not_found'; end if;
  v_next := next_agent_state(a.state, p_event);
  if v_next is null then
    return case when a.state = case p_event when 'throttle' then 'throttled' when 'restrict' then 'read_only' when 'ask_always' then 'ask_always'
      when 'pause' then 'paused' when 'quarantine' then 'quarantined' when 'resume' then 'active' when 'offboard' then 'offboarding' end
      then 'unchanged' else 'agent_state_forbids' end;
  end if;
  update agents set state = v_next, state_since = clock_timestamp() where tenant = p_tenant and agent = p_agent;
  perform tell_life(p_tenant, p_agent, 'agent.moved', jsonb_build_object('generation', a.generation, 'actor', p_actor, 'by', p_event,
    'from', a.state, 'to', v_next), p_reason, p_event not in ('approve', 'resume'));
  -- What was held back looks again.
  insert into outbox (tenant, kind, action)
  select p_tenant, 'wake', w.action from actions w
  where w.tenant = p_tenant and w.settled_at is null and w.agent in (select b.agent from born_of(p_tenant, p_agent) b union select p_agent);
  return 'done';
end $$;

create or replace function left_of_agent(p_tenant text, p_agent text, p_generation integer) returns table (kind text, subject text, state text) language sql stable
as $$
  with found as (
    select 'action' as kind, a.action as subject, a.state from actions a
    where a.tenant = p_tenant and a.agent = p_agent and a.agent_generation = p_generation and a.settled_at is null
    union all
    select 'grant', g.grant_id, case when g.state = 'revoked' then 'unverified' else g.state end
    from grants g join actions a on (a.tenant, a.action) = (g.tenant, g.action)
    where g.tenant = p_tenant and g.agent = p_agent and a.agent_generation = p_generation
      and (g.state <> 'revoked' or (g.verified is null and g.revoked_at >= (
        select s.state_since from agents s where s.tenant = p_tenant and s.agent = p_agent)))
    union all
    select 'budget', r.action, r.state from reservations r join actions a on (a.tenant, a.action) = (r.tenant, r.action)
    where r.tenant = p_tenant and a.agent = p_agent and a.agent_generation = p_generation and r.state = 'held'
    union all
    select distinct 'key', 'keys', 'good' from agent_keys k
    where k.tenant = p_tenant and k.agent = p_agent and k.generation = p_generation and k.revoked_at is null
    union all
    select 'agent', c.agent || '/' || c.generation, c.state from agents c
    where c.tenant = p_tenant and c.parent = p_agent and c.parent_generation = p_generation and c.state <> 'offboarded'
    union
    select 'key', 'keys', 'good' from agent_credentials c
    where c.tenant = p_tenant and c.agent = p_agent and c.generation = p_generation and c.revoked_at is null
  )
  select f.kind, f.subject, f.state from found f
  where not exists (select from offboarding_exceptions e where (e.tenant, e.agent, e.generation, e.subject) = (p_tenant, p_agent, p_generation, f.subject))
$$;

create or replace function finish_offboarding(p_tenant text, p_agent text, p_generation integer, p_receipt jsonb, p_digest text) returns boolean language plpgsql security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '7s'
as $$
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  perform from agents where tenant = p_tenant and agent = p_agent and generation = p_generation and state = 'offboarding' for update;
  if not found or exists (select from left_of_agent(p_tenant, p_agent, p_generation)) then return false; end if;
  insert into receipts (tenant, agent, generation, receipt, digest) values (p_tenant, p_agent, p_generation, p_receipt, p_digest);
  update agents set state = next_agent_state(state, 'finish'), state_since = clock_timestamp() where tenant = p_tenant and agent = p_agent;
  -- What it comes from may wait for nothing else.
  insert into outbox (tenant, kind, agent, generation)
  select p_tenant, 'agent', c.parent, c.parent_generation from agents c join agents a on (a.tenant, a.agent, a.generation) = (c.tenant, c.parent, c.parent_generation)
  where c.tenant = p_tenant and c.agent = p_agent;
  perform tell_life(p_tenant, p_agent, 'agent.offboarded', jsonb_build_object('generation', p_generation, 'receipt', p_digest), null, false);
  return true;
end $$;

-- Takes those that come from an agent out of service with it, the next of the line alone: each of them does the same. How many there were.
create function offboard_children(p_tenant text, p_agent text, p_generation integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '2s'
as $$
declare
  c agents;
  v_moved integer := 0;
begin
  if not exists (select from agents where tenant = p_tenant and parent = p_agent and parent_generation = p_generation and state not in ('offboarding', 'offboarded'))
    then return 0; end if;
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  if not exists (select from agents where tenant = p_tenant and agent = p_agent and generation = p_generation and state = 'offboarding') then return 0; end if;
  for c in
    select * from agents where tenant = p_tenant and parent = p_agent and parent_generation = p_generation and state not in ('offboarding', 'offboarded') order by agent
  loop
    perform shift_agent(p_tenant, c.agent, c.generation, case c.state when 'onboarding' then 'reject' else 'offboard' end, 'countersign', null);
    v_moved := v_moved + 1;
  end loop;
  return v_moved;
end $$;

do $$
begin
  grant create on schema public to countersign_guard;
  alter function offboard_children(text, text, integer) owner to countersign_guard;
  revoke execute on function offboard_children(text, text, integer) from public;
  grant execute on function offboard_children(text, text, integer) to countersign_worker;
  revoke create on schema public from countersign_guard;
end $$;
