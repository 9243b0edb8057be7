-- An agent's life: registered by one person and let in by another, restricted, stopped, offboarded. And what takes two people in general: one
-- proposes, another who is not concerned confirms exactly what was proposed.

alter table agents drop constraint agents_state_check;
alter table agents add constraint agents_state_check check (state in
  ('onboarding', 'active', 'throttled', 'read_only', 'ask_always', 'paused', 'quarantined', 'offboarding', 'offboarded'));
alter table agents
  add column purpose text check (length(purpose) <= 1000),
  add column data_scopes text[] not null default '{}',
  add column risk_tier text check (risk_tier in ('low', 'medium', 'high', 'critical')),
  add column state_since timestamptz not null default clock_timestamp();
comment on column agents.purpose is 'What it is for, in the words of whoever registered it; null where an agent was made before agents were registered.';

create table agent_versions (
  tenant text not null,
  agent text not null,
  generation integer not null,
  version text not null check (version ~ '^[A-Za-z0-9._-]{1,64}$'),
  digest text not null check (digest ~ '^sha256:[0-9a-f]{64}$'),
  content jsonb not null,
  registered_by text not null,
  registered_at timestamptz not null default clock_timestamp(),
  primary key (tenant, agent, generation, version),
  foreign key (tenant, agent) references agents,
  foreign key (tenant, registered_by) references people
);
comment on table agent_versions is 'What an agent is made of: model, prompt, tools and configuration. Never changed; a change is another version.';

create table proposals (
  tenant text not null references tenants,
  proposal text not null check (proposal ~ '^prp-[0-9a-f-]{36}$'),
  verb text not null check (verb in ('onboard', 'resume', 'lift')),
  subject text not null check (length(subject) <= 200),
  what jsonb not null,
  digest text not null check (digest ~ '^sha256:[0-9a-f]{64}$'),
  proposed_by text not null,
  proposed_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null default clock_timestamp() + interval '7 days',
  state text not null default 'open' check (state in ('open', 'confirmed', 'rejected', 'expired')),
  decided_by text,
  decided_at timestamptz,
  primary key (tenant, proposal),
  foreign key (tenant, proposed_by) references people,
  foreign key (tenant, decided_by) references people,
  check ((state = 'open') = (decided_at is null))
);
create unique index proposals_open on proposals (tenant, verb, subject) where state = 'open';
comment on table proposals is 'What one person wants and another has to confirm, by the digest of what they saw. It lapses after a week: who wanted it has long decided otherwise.';

do $$
declare t text;
begin
  foreach t in array array['agent_versions', 'proposals']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy own_tenant on %I using (tenant = current_setting(''app.tenant'', true)) with check (tenant = current_setting(''app.tenant'', true))', t);
  end loop;
end $$;

-- ── which state follows which ───────────────────────────────────────────────────────────────────────────────────────

-- The same table stands in domain/agent-life.ts, and a test compares them. What is not in it is refused.
create function next_agent_state(p_state text, p_event text) returns text
language sql immutable
as $$
  select case
    when p_event = 'approve' and p_state = 'onboarding' then 'active'
    when p_event = 'reject' and p_state = 'onboarding' then 'offboarded'
    when p_event = 'throttle' and p_state in ('active', 'read_only', 'ask_always') then 'throttled'
    when p_event = 'restrict' and p_state in ('active', 'throttled', 'ask_always') then 'read_only'
    when p_event = 'ask_always' and p_state in ('active', 'throttled', 'read_only') then 'ask_always'
    when p_event = 'pause' and p_state in ('active', 'throttled', 'read_only', 'ask_always') then 'paused'
    when p_event = 'quarantine' and p_state in ('active', 'throttled', 'read_only', 'ask_always', 'paused') then 'quarantined'
    when p_event = 'resume' and p_state in ('throttled', 'read_only', 'ask_always', 'paused', 'quarantined') then 'active'
    when p_event = 'offboard' and p_state in ('active', 'throttled', 'read_only', 'ask_always', 'paused', 'quarantined') then 'offboarding'
    when p_event = 'finish' and p_state = 'offboarding' then 'offboarded'
  end
$$;

-- ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────

create function operates(p_tenant text, p_person text, p_environment text) returns boolean
language sql stable
  return has_role(p_tenant, p_person, 'operator', p_environment) or has_role(p_tenant, p_person, 'admin', '*');

-- Ids and codes into the entry; a person's words beside it. What only takes away is done whether or not the ledger can be told.
create function tell_life(p_tenant text, p_agent text, p_event text, p_entry jsonb, p_reason text, p_takes_away boolean) returns void
language plpgsql volatile
as $$
declare
  v_key text := 'agent/' || p_agent || '/' || p_event || '/' || gen_random_uuid();
  v_entry jsonb := jsonb_strip_nulls(p_entry) || jsonb_build_object('event', p_event, 'agent', p_agent);
  v_body jsonb := case when p_reason is not null then jsonb_build_object('reason', p_reason) end;
begin
  if p_takes_away then
    perform write_or_owe(p_tenant, v_key, v_entry, v_body);
  else
    perform write_owed_entries(p_tenant);
    perform ledger_write(p_tenant, array[v_key], array[canonical_object(v_entry)], array[canonical_object(v_body)]);
  end if;
end $$;

-- ── registering ─────────────────────────────────────────────────────────────────────────────────────────────────────

-- What the functions below have in common: something of which one person decides alone is proposed to another.
create function tell_proposal(p_tenant text, p_proposal text, p_what text, p_entry jsonb, p_reason text) returns void
language plpgsql volatile
as $$
begin
  perform write_owed_entries(p_tenant);
  perform ledger_write(p_tenant, array['proposal/' || p_proposal || '/' || p_what],
    array[canonical_object(p_entry || jsonb_build_object('event', 'proposal.' || p_what, 'proposal', p_proposal))],
    array[canonical_object(jsonb_build_object('reason', p_reason))]);
end $$;

create function propose(p_tenant text, p_verb text, p_subject text, p_what jsonb, p_actor text) returns text
language plpgsql volatile
as $$
declare v_proposal text := 'prp-' || gen_random_uuid();
begin
  update proposals set state = 'expired', decided_at = clock_timestamp()
  where tenant = p_tenant and verb = p_verb and subject = p_subject and state = 'open' and expires_at <= clock_timestamp();
  insert into proposals (tenant, proposal, verb, subject, what, digest, proposed_by)
  values (p_tenant, v_proposal, p_verb, p_subject, p_what,
    'sha256:' || encode(sha256(convert_to('countersign/proposal/v1' || chr(10) || v_proposal || chr(10) || p_what::text, 'UTF8')), 'hex'), p_actor);
  perform tell_proposal(p_tenant, v_proposal, 'made', jsonb_build_object('actor', p_actor, 'verb', p_verb, 'subject', p_subject,
    'digest', (select digest from proposals where tenant = p_tenant and proposal = v_proposal)), p_what ->> 'reason');
  return v_proposal;
end $$;

-- A new agent, or a new generation of one that was offboarded: it inherits nothing. It acts only once somebody else has let it in.
-- p_agent: agent, owner, team, environment, purpose, riskTier, roles[], dataScopes[], version, digest, content.
create function register_agent(p_tenant text, p_actor text, p_agent jsonb, p_reason text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_agent text := p_agent ->> 'agent';
  v_owner text := p_agent ->> 'owner';
  v_environment text := p_agent ->> 'environment';
  v_roles text[] := array(select jsonb_array_elements_text(p_agent -> 'roles'));
  v_scopes text[] := array(select jsonb_array_elements_text(p_agent -> 'dataScopes'));
  v_before agents;
  v_refused text;
  v_proposal text;
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  select * into v_before from agents where tenant = p_tenant and agent = v_agent for update;
  v_refused := case
    when not (operates(p_tenant, p_actor, v_environment) or has_role(p_tenant, p_actor, 'owner', v_environment)) then 'forbidden'
    when coalesce(trim(p_reason), '') = '' then 'reason_required'
    when not exists (select from people where tenant = p_tenant and person = v_owner and state = 'active') then 'owner_not_active'
    when v_before.agent is not null and v_before.state <> 'offboarded' then 'agent_exists'
  end;
  if v_refused is not null then return jsonb_build_object('refused', v_refused); end if;
  insert into agents as a (tenant, agent, version, owner, creator, team, environment, roles, state, purpose, data_scopes, risk_tier)
  values (p_tenant, v_agent, p_agent ->> 'version', v_owner, p_actor, p_agent ->> 'team', v_environment, v_roles, 'onboarding',
    p_agent ->> 'purpose', v_scopes, p_agent ->> 'riskTier')
  on conflict (tenant, agent) do update set generation = a.generation + 1, version = excluded.version, owner = excluded.owner,
    creator = excluded.creator, team = excluded.team, environment = excluded.environment, roles = excluded.roles, state = excluded.state,
    purpose = excluded.purpose, data_scopes = excluded.data_scopes, risk_tier = excluded.risk_tier,
    created_at = clock_timestamp(), state_since = clock_timestamp()
  returning * into v_before;
  insert into agent_versions (tenant, agent, generation, version, digest, content, registered_by)
  values (p_tenant, v_agent, v_before.generation, v_before.version, p_agent ->> 'digest', p_agent -> 'content', p_actor);
  v_proposal := propose(p_tenant, 'onboard', v_agent || '/' || v_before.generation,
    (p_agent - 'content') || jsonb_build_object('generation', v_before.generation, 'creator', p_actor, 'reason', p_reason), p_actor);
  perform tell_life(p_tenant, v_agent, 'agent.registered', jsonb_build_object('generation', v_before.generation, 'actor', p_actor,
    'owner', v_owner, 'team', p_agent ->> 'team', 'environment', v_environment, 'riskTier', p_agent ->> 'riskTier',
    'roles', array_to_string(v_roles, ' '), 'dataScopes', array_to_string(v_scopes, ' '),
    'version', v_before.version, 'digest', p_agent ->> 'digest', 'proposal', v_proposal), p_reason, false);
  return jsonb_build_object('generation', v_before.generation, 'proposal', v_proposal);
end $$;

-- Another version of what an agent is made of. It is in force at once, for whatever is asked from now on; what was asked before stays bound to its own.
create function register_version(p_tenant text, p_actor text, p_agent text, p_version jsonb, p_reason text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  a agents;
  v agent_versions;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent for update;
  if not found then return 'not_found'; end if;
  if not (operates(p_tenant, p_actor, a.environment) or p_actor = a.owner and has_role(p_tenant, p_actor, 'owner', a.environment)) then return 'forbidden'; end if;
  if coalesce(trim(p_reason), '') = '' then return 'reason_required'; end if;
  if a.state in ('offboarding', 'offboarded', 'onboarding') then return 'agent_state_forbids'; end if;
  select * into v from agent_versions where tenant = p_tenant and agent = p_agent and generation = a.generation and version = p_version ->> 'version';
  if found and v.digest <> p_version ->> 'digest' then return 'version_taken'; end if;
  if found and a.version = v.version then return 'unchanged'; end if;
  insert into agent_versions (tenant, agent, generation, version, digest, content, registered_by)
  values (p_tenant, p_agent, a.generation, p_version ->> 'version', p_version ->> 'digest', p_version -> 'content', p_actor)
  on conflict do nothing;
  update agents set version = p_version ->> 'version' where tenant = p_tenant and agent = p_agent;
  perform tell_life(p_tenant, p_agent, 'agent.version_changed', jsonb_build_object('generation', a.generation, 'actor', p_actor,
    'from', a.version, 'version', p_version ->> 'version', 'digest', p_version ->> 'digest'), p_reason, false);
  return 'done';
end $$;

-- ── moving ──────────────────────────────────────────────────────────────────────────────────────────────────────────

-- The one place where an agent's state changes by a person's word. The caller holds the tenant's gate alone, so nothing of the agent begins meanwhile.
create function shift_agent(p_tenant text, p_agent text, p_generation integer, p_event text, p_actor text, p_reason text) returns text
language plpgsql volatile
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
  select p_tenant, 'wake', w.action from actions w where w.tenant = p_tenant and w.agent = p_agent and w.settled_at is null;
  return 'done';
end $$;

-- Whoever operates moves an agent; its owner may only take away. Out of quarantine it takes two people: then this proposes.
create function move_agent(p_tenant text, p_actor text, p_agent text, p_event text, p_reason text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '7s'
as $$
declare
  a agents;
  v_refused text;
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  select * into a from agents where tenant = p_tenant and agent = p_agent for update;
  v_refused := case
    when a.agent is null then 'not_found'
    when p_event not in ('throttle', 'restrict', 'ask_always', 'pause', 'quarantine', 'resume', 'offboard') then 'forbidden'
    when not (operates(p_tenant, p_actor, a.environment) or p_event <> 'resume' and p_actor = a.owner) then 'forbidden'
    when coalesce(trim(p_reason), '') = '' then 'reason_required'
  end;
  if v_refused is not null then return jsonb_build_object('refused', v_refused); end if;
  if p_event = 'resume' and a.state = 'quarantined' then
    if exists (select from proposals where tenant = p_tenant and verb = 'resume' and subject = p_agent || '/' || a.generation
               and state = 'open' and expires_at > clock_timestamp()) then
      return jsonb_build_object('refused', 'proposed_already');
    end if;
    return jsonb_build_object('proposal', propose(p_tenant, 'resume', p_agent || '/' || a.generation,
      jsonb_build_object('agent', p_agent, 'generation', a.generation, 'since', a.state_since, 'reason', p_reason), p_actor));
  end if;
  v_refused := shift_agent(p_tenant, p_agent, a.generation, p_event, p_actor, p_reason);
  return case when v_refused in ('done', 'unchanged') then jsonb_build_object('moved', v_refused) else jsonb_build_object('refused', v_refused) end;
end $$;

-- A stop is closed by one person at once, and opened again by two.
create function propose_lift(p_tenant text, p_actor text, p_scope text, p_reason text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare f fences;
begin
  if not operates(p_tenant, p_actor, '*') then return jsonb_build_object('refused', 'forbidden'); end if;
  if coalesce(trim(p_reason), '') = '' then return jsonb_build_object('refused', 'reason_required'); end if;
  select * into f from fences where tenant = case when p_scope = 'global' then '*' else p_tenant end and scope = p_scope and closed;
  if not found then return jsonb_build_object('refused', 'not_found'); end if;
  if exists (select from proposals where tenant = p_tenant and verb = 'lift' and subject = p_scope and state = 'open' and expires_at > clock_timestamp()) then
    return jsonb_build_object('refused', 'proposed_already');
  end if;
  return jsonb_build_object('proposal', propose(p_tenant, 'lift', p_scope,
    jsonb_build_object('scope', p_scope, 'epoch', f.epoch, 'since', f.moved_at, 'reason', p_reason), p_actor));
end $$;

-- ── the second person ───────────────────────────────────────────────────────────────────────────────────────────────

-- Whoever may confirm is not the proposer, nobody who stands behind the agent, and no other account of these.
create function refused_to_decide(p proposals, p_actor text) returns text
language sql stable
as $$
  select case
    when p_actor in (select accounts_of(p.tenant, array[p.proposed_by]
      || case when p.verb in ('onboard', 'resume') then people_behind(p.tenant, split_part(p.subject, '/', 1)) else '{}' end)) then 'self_approval'
    when p.verb = 'onboard' and not (
      has_role(p.tenant, p_actor, 'approver', p.what ->> 'environment') or has_role(p.tenant, p_actor, 'admin', '*')) then 'forbidden'
    when p.verb = 'resume' and not operates(p.tenant, p_actor,
      (select environment from agents where tenant = p.tenant and agent = split_part(p.subject, '/', 1))) then 'forbidden'
    when p.verb = 'lift' and not operates(p.tenant, p_actor, '*') then 'forbidden'
  end
$$;

create function still_stands(p proposals) returns boolean
language sql stable
as $$
  select case p.verb
    when 'lift' then exists (
      select from fences f where f.tenant = case when p.subject = 'global' then '*' else p.tenant end
        and f.scope = p.subject and f.closed and f.epoch = (p.what ->> 'epoch')::bigint)
    else exists (
      select from agents a where a.tenant = p.tenant and a.agent = p.what ->> 'agent' and a.generation = (p.what ->> 'generation')::integer
        and a.state = case p.verb when 'onboard' then 'onboarding' else 'quarantined' end)
  end
$$;

-- Confirms, or rejects, exactly what was shown. The proposer may take it back by rejecting it.
create function decide_proposal(p_tenant text, p_actor text, p_proposal text, p_choice text, p_digest text, p_reason text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '7s'
as $$
declare
  p proposals;
  v_result text;
begin
  select * into p from proposals where tenant = p_tenant and proposal = p_proposal;
  if not found then return 'not_found'; end if;
  -- The gate before the row, as everywhere.
  perform pg_advisory_xact_lock(7001, case when p.subject = 'global' then 0 else hashtext(p_tenant) end);
  select * into p from proposals where tenant = p_tenant and proposal = p_proposal for update;
  v_result := case
    when p_choice not in ('confirm', 'reject') then 'forbidden'
    when not (p_choice = 'reject' and p_actor = p.proposed_by) then refused_to_decide(p, p_actor)
  end;
  if v_result is not null then return v_result; end if;
  if p.state <> 'open' then return 'proposal_closed'; end if;
  if clock_timestamp() >= p.expires_at then return 'proposal_closed'; end if;
  if p_digest is distinct from p.digest then return 'digest_mismatch'; end if;
  if coalesce(trim(p_reason), '') = '' then return 'reason_required'; end if;
  if p_choice = 'confirm' and p.verb = 'onboard'
     and not exists (select from people where tenant = p_tenant and person = p.what ->> 'owner' and state = 'active') then return 'owner_not_active'; end if;

  -- Moved since: what was to be lifted, or let in, is another thing now.
  if p_choice = 'confirm' and not still_stands(p) then return 'proposal_closed'; end if;
  update proposals set state = case p_choice when 'confirm' then 'confirmed' else 'rejected' end, decided_by = p_actor, decided_at = clock_timestamp()
  where tenant = p_tenant and proposal = p_proposal;
  if p.verb = 'lift' then
    if p_choice = 'confirm' then perform move_fence(p_tenant, p.subject, false, p_reason, p_actor); end if;
  elsif p_choice = 'confirm' or p.verb = 'onboard' then
    perform shift_agent(p_tenant, p.what ->> 'agent', (p.what ->> 'generation')::integer,
      case when p.verb = 'resume' then 'resume' when p_choice = 'confirm' then 'approve' else 'reject' end, p_actor, p_reason);
  end if;
  perform tell_proposal(p_tenant, p.proposal, case p_choice when 'confirm' then 'confirmed' else 'rejected' end,
    jsonb_build_object('actor', p_actor, 'proposedBy', p.proposed_by, 'verb', p.verb, 'subject', p.subject, 'digest', p.digest), p_reason);
  return 'done';
end $$;

-- ── what a state lets through ───────────────────────────────────────────────────────────────────────────────────────

-- Null: it may. Paused holds what has not begun; every other state that is no leave ends it. `p_asked`: people countersigned this.
create function agent_stopped(p_state text, p_effect_class text, p_asked boolean) returns text
language sql immutable
as $$
  select case
    when p_state in ('active', 'throttled') then null
    when p_state = 'read_only' and p_effect_class = 'read' then null
    when p_state = 'ask_always' and p_asked then null
    when p_state in ('read_only', 'ask_always') then 'agent_restricted'
    when p_state = 'paused' then 'agent_paused'
    else 'agent_not_active'
  end
$$;

-- As before, but that the agent's state says more than yes or no.
create or replace function begin_effect(p_tenant text, p_action text, p_step text, p_target text, p_round integer, p_digest text, p_facts_digest text, p_bundle_digest text, p_send_within_ms integer, p_grant_ttl_ms bigint) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '2s'
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
  v_agent := coalesce((
    select coalesce(agent_stopped(g.state, a.effect_class, d.effect = 'require_approval'), 'may')
    from agents g where g.tenant = p_tenant and g.agent = a.agent and g.generation = a.agent_generation), 'agent_not_active');

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

-- Likewise. Access that was lent ends with a pause too: a login that lives is no action that waits.
create or replace function access_ended(p_tenant text, p_grant text) returns text
language sql
 stable
as $$
  select case
    when g.returned_at is not null then 'returned'
    when a.cancel_requested_at is not null then 'cancelled'
    when g.grant_id is null or a.action is null or e.grant_id is null or d.epochs is null or f.epochs is null then 'revoked'
    when f.closed is not null or f.epochs <> d.epochs then 'fenced'
    when not exists (
      select from agents w where w.tenant = a.tenant and w.agent = a.agent and w.generation = a.agent_generation
        and agent_stopped(w.state, a.effect_class, true) is null) then 'agent_not_active'
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

-- As before, from every state in which an agent acts, and whether or not the ledger can be told now.
create or replace function quarantine_agent(p_tenant text, p_agent text, p_generation integer, p_stream text, p_seq bigint) returns boolean
language plpgsql security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '7s'
as $$
declare v_cause text;
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  select r.cause into v_cause from reported_decisions r
  where r.tenant = p_tenant and r.agent = p_agent and r.generation = p_generation and r.stream = p_stream and r.seq = p_seq
    and r.verdict = 'mismatch'
  limit 1;
  if not found then return false; end if;
  update agents set state = 'quarantined', state_since = clock_timestamp()
  where tenant = p_tenant and agent = p_agent and generation = p_generation and next_agent_state(state, 'quarantine') is not null;
  if not found then return false; end if;
  perform write_or_owe(p_tenant, 'quarantine/' || p_agent || '/' || p_generation || '/' || p_stream || '/' || p_seq,
    jsonb_build_object('agent', p_agent, 'cause', v_cause, 'event', 'agent.quarantined', 'generation', p_generation, 'seq', p_seq, 'stream', p_stream), null);
  return true;
end $$;

-- ── entries that only a guard writes, and who may call what ─────────────────────────────────────────────────────────

create or replace function ledger_append(p_tenant text, p_keys text[], p_entries text[], p_bodies text[]) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select from unnest(p_keys) k where k ~ '^(vote|fence|quarantine|people|init|restore|agent|proposal)/|^effect/.*/begun$|^grant/.*/(claimed|minted|returned)(/|$)') then
    raise exception 'ledger_append: such an entry is written by its guard alone' using errcode = 'insufficient_privilege';
  end if;
  return ledger_write(p_tenant, p_keys, p_entries, p_bodies);
end
$$;

grant select on agent_versions, proposals to countersign_gateway, countersign_worker, countersign_loops, countersign_auditor, countersign_guard;
grant insert on agent_versions, proposals, agents to countersign_guard;
grant update (state, decided_by, decided_at) on proposals to countersign_guard;
grant update (generation, version, owner, creator, team, environment, roles, state, purpose, data_scopes, risk_tier, created_at, state_since)
  on agents to countersign_guard;

do $$
declare f regprocedure;
begin
  grant create on schema public to countersign_guard;
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'public'::regnamespace
    and p.proname in ('register_agent', 'register_version', 'move_agent', 'propose_lift', 'decide_proposal')
  loop
    execute format('alter function %s owner to countersign_guard', f);
    execute format('revoke execute on function %s from public', f);
    execute format('grant execute on function %s to countersign_gateway', f);
  end loop;
  revoke create on schema public from countersign_guard;
end $$;
