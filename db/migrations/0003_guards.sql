-- The functions through which guarded tables are written. Each runs as a role that alone may write its table, so a
-- worker or gateway that was taken over still cannot cast a vote or begin an effect past these checks.

-- ── who is asking ───────────────────────────────────────────────────────────────────────────────────────────────────

create function authenticate_agent(p_key_hash bytea)
returns table (tenant text, agent text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select k.tenant, k.agent
  from agent_keys k join agents a on (a.tenant, a.agent, a.generation) = (k.tenant, k.agent, k.generation)
  where k.key_hash = p_key_hash and k.revoked_at is null
$$;

create function authenticate_person(p_token_hash bytea)
returns table (tenant text, person text, name text, roles text[])
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select p.tenant, p.person, p.name, p.roles
  from person_tokens t join people p using (tenant, person)
  where t.token_hash = p_token_hash and t.revoked_at is null and t.expires_at > now() and p.state = 'active'
$$;

-- ── fences behind gates ─────────────────────────────────────────────────────────────────────────────────────────────
-- Two statements, always: first the gate, then the read. One statement that does both would read with the snapshot
-- taken before it waited, and so miss the fence it waited for.

create function pass_gates(p_tenant text) returns void
language sql volatile
as $$
  select pg_advisory_xact_lock_shared(7001, 0), pg_advisory_xact_lock_shared(7001, hashtext(p_tenant))
$$;

create function read_fences(p_tenant text, p_agent text, p_team text, p_type text)
returns table (epochs text, closed text)
language sql stable
as $$
  select coalesce(string_agg(scope || '=' || epoch, ',' order by scope), ''), min(scope) filter (where f.closed)
  from fences f
  where (f.tenant = '*' and scope = 'global')
     or (f.tenant = p_tenant and scope in ('tenant', 'agent:' || p_agent, 'team:' || p_team, 'action-type:' || p_type))
$$;

create function move_fence(p_tenant text, p_scope text, p_closed boolean, p_reason text, p_actor text) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare v_epoch bigint;
begin
  perform pg_advisory_xact_lock(7001, case when p_scope = 'global' then 0 else hashtext(p_tenant) end);
  insert into fences as f (tenant, scope, closed, reason, actor)
  values (case when p_scope = 'global' then '*' else p_tenant end, p_scope, p_closed, p_reason, p_actor)
  on conflict (tenant, scope) do update
    set epoch = f.epoch + 1, closed = excluded.closed, reason = excluded.reason, actor = excluded.actor, moved_at = clock_timestamp()
  returning f.epoch into v_epoch;
  perform ledger_write(p_tenant, array['fence/' || p_scope || '/' || v_epoch],
    array[canonical_object(jsonb_build_object('actor', p_actor, 'closed', p_closed, 'epoch', v_epoch, 'event', 'fence.moved', 'scope', p_scope))],
    array[canonical_object(jsonb_build_object('reason', p_reason))]);
  return v_epoch;
end $$;

-- ── votes ───────────────────────────────────────────────────────────────────────────────────────────────────────────

-- The conflict closure: nobody whose own agent asks may countersign it, also if it changed hands since.
create function conflicted_people(p_tenant text, p_action text) returns setof text
language sql stable
as $$
  select unnest(array[a.agent_owner, a.agent_creator, g.owner, g.creator])
  from actions a join agents g on (g.tenant, g.agent) = (a.tenant, a.agent)
  where a.tenant = p_tenant and a.action = p_action
$$;

-- Whether a person may act in a stage: settled at the opening, and still true.
create function stage_entitles(p_tenant text, p_stage jsonb, p_opened_at timestamptz, p_person text, p_at timestamptz)
returns boolean
language sql stable
as $$
  select exists (
    select from (
      select p_stage -> 'eligible' as eligible, p_stage -> 'from' as groups
      union all
      select p_stage -> 'escalation' -> 'eligible', p_stage -> 'escalation' -> 'to'
      where p_at >= p_opened_at + make_interval(secs => (p_stage -> 'escalation' ->> 'afterMs')::bigint / 1000.0)
    ) rung
    where rung.eligible ? p_person
      and exists (select from group_members m where m.tenant = p_tenant and m.person = p_person
                  and rung.groups ? ('group:' || m.group_name)))
$$;

create view valid_votes with (security_invoker = true) as
select v.tenant, v.request, v.person, v.choice, v.stage, v.cast_at
from votes v
join approval_requests r using (tenant, request)
join people p using (tenant, person)
where v.digest = r.digest
  and p.state = 'active'
  and 'approver' = any (p.roles)
  and stage_entitles(v.tenant, r.stages -> v.stage, r.opened_at, v.person, v.cast_at)
  and v.person not in (select conflicted_people(v.tenant, r.action));
comment on view valid_votes is 'Which votes count, asked again every time: a person who left, lost the role or the group no longer counts.';

create function cast_vote(
  p_tenant text, p_request text, p_person text, p_choice text, p_digest text, p_reason text, p_channel text
) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  r approval_requests;
  v_stage integer;
begin
  select * into r from approval_requests where tenant = p_tenant and request = p_request for update;
  if not found then return 'not_found'; end if;
  if p_person in (select conflicted_people(p_tenant, r.action)) then return 'self_approval'; end if;
  if not exists (select from people where tenant = p_tenant and person = p_person and state = 'active' and 'approver' = any (roles)) then
    return 'not_entitled';
  end if;
  if exists (select from votes where tenant = p_tenant and request = p_request and person = p_person and choice in (p_choice, 'deny')) then
    return 'already_voted';
  end if;
  -- A denial still counts after the last approval, until an effect has begun or the action has ended.
  if r.state <> 'open' and not (
    p_choice = 'deny' and r.state = 'approved'
    and not exists (select from effects e where e.tenant = p_tenant and e.action = r.action and e.round = r.round)
    and exists (select from actions a where a.tenant = p_tenant and a.action = r.action and a.settled_at is null)
  ) then return case r.state when 'expired' then 'approval_expired' else 'approval_closed' end; end if;
  -- The deadline is exclusive, and told by this clock alone; read after the lock, for the wait may have passed it.
  if r.state = 'open' and clock_timestamp() >= r.deadline then return 'approval_expired'; end if;
  if p_digest is distinct from r.digest then return 'digest_mismatch'; end if;

  select (s.ordinality - 1)::integer into v_stage
  from jsonb_array_elements(r.stages) with ordinality s
  where stage_entitles(p_tenant, s.value, r.opened_at, p_person, clock_timestamp())
    and (p_choice = 'deny' or s.ordinality - 1 = (
      select min(o.ordinality - 1) from jsonb_array_elements(r.stages) with ordinality o
      where (select count(*) from valid_votes v where v.tenant = p_tenant and v.request = p_request
             and v.choice = 'approve' and v.stage = o.ordinality - 1) < (o.value ->> 'need')::integer))
  order by s.ordinality limit 1;
  if v_stage is null then return 'not_entitled'; end if;
  if (p_choice = 'deny' or r.stages -> v_stage ->> 'reason' = 'required') and coalesce(trim(p_reason), '') = '' then
    return 'reason_required';
  end if;

  insert into votes (tenant, request, person, choice, stage, digest, reason, channel)
  values (p_tenant, p_request, p_person, p_choice, v_stage, p_digest, p_reason, p_channel);
  -- The gateway wakes the workflow itself, at once; this row does it if the gateway dies first.
  insert into outbox (tenant, kind, action, due_at) values (p_tenant, 'wake', r.action, clock_timestamp() + interval '2 seconds');
  perform ledger_write(p_tenant, array['vote/' || p_request || '/' || p_person || '/' || p_choice],
    array[canonical_object(jsonb_build_object('action', r.action, 'channel', p_channel, 'digest', p_digest, 'event', 'vote.cast',
      'person', p_person, 'request', p_request, 'stage', v_stage, 'choice', p_choice))],
    array[case when p_reason is null then null else canonical_object(jsonb_build_object('reason', p_reason)) end]);
  return 'recorded';
end $$;

-- ── the beginning of an effect ──────────────────────────────────────────────────────────────────────────────────────
-- Compares stored values only; nothing here waits for anybody. Lock order: gates, request, budget, ledger.
-- Answers {"begun": {...}} or {"refused": "<code>"}.

create function begin_effect(
  p_tenant text, p_action text, p_step text, p_target text, p_round integer, p_digest text, p_facts_digest text,
  p_bundle_digest text, p_send_within_ms integer, p_grant_ttl_ms bigint
) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  a actions;
  d decisions;
  r approval_requests;
  v_fence record;
  v_refused text;
begin
  perform pass_gates(p_tenant);
  select * into r from approval_requests where tenant = p_tenant and action = p_action and round = p_round for update;
  select * into a from actions where tenant = p_tenant and action = p_action for update;
  select * into d from decisions where tenant = p_tenant and action = p_action and round = p_round and stage = 'initial';
  select * into v_fence from read_fences(p_tenant, a.agent, a.team, a.type);

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
    when not exists (
      select from agents g where g.tenant = p_tenant and g.agent = a.agent and g.generation = a.agent_generation and g.state = 'active') then 'agent_not_active'
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

-- Null when the countersignatures stand: enough distinct people in every stage, nobody against, not too long ago.
create function refused_by_votes(r approval_requests) returns text
language sql stable
as $$
  select case
    when r.request is null or r.state <> 'approved' then 'not_approved'
    when exists (select from valid_votes v where v.tenant = r.tenant and v.request = r.request and v.choice = 'deny') then 'denied_late'
    when exists (
      select from jsonb_array_elements(r.stages) with ordinality s
      where (select count(distinct v.person) from valid_votes v where v.tenant = r.tenant and v.request = r.request
             and v.choice = 'approve' and v.stage = s.ordinality - 1) >= (s.value ->> 'need')::integer is not true) then 'votes_void'
    -- `is not false`: stages that nobody had to fill have no last vote, and nobody's approval.
    when (clock_timestamp() > (select max(v.cast_at) from votes v where v.tenant = r.tenant and v.request = r.request)
          + make_interval(secs => r.valid_for_ms / 1000.0)) is not false then 'approval_lapsed'
  end
$$;

-- Undoing needs nobody's leave: it was authorised with the action, and it proceeds whatever was fenced since.
create function begin_undo(p_tenant text, p_action text, p_step text, p_target text, p_send_within_ms integer, p_grant_ttl_ms bigint)
returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  a actions;
  e effects;
begin
  -- The action before its effects, as in begin_effect: it must not end while its undoing begins.
  select * into a from actions where tenant = p_tenant and action = p_action for update;
  select * into e from effects where tenant = p_tenant and action = p_action and step = p_step and kind = 'do' for update;
  if e.state is distinct from 'done' then return jsonb_build_object('refused', 'nothing_to_undo'); end if;
  -- What an ended action did stands.
  if a.settled_at is not null then return jsonb_build_object('refused', 'action_closed'); end if;
  return open_effect(p_tenant, p_action, p_step, 'undo', p_target, a.agent, e.round, e.digest, p_send_within_ms, p_grant_ttl_ms);
end $$;

-- The consume-once row, the intent of a grant, and the ledger's entry, in that order. A row that stands already is
-- begun again only when its earlier attempt is known not to have happened.
create function open_effect(
  p_tenant text, p_action text, p_step text, p_kind text, p_target text, p_agent text, p_round integer, p_digest text,
  p_send_within_ms integer, p_grant_ttl_ms bigint
) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  e effects;
  v_now timestamptz := clock_timestamp();
begin
  insert into effects as x (tenant, action, step, kind, round, digest, idempotency_key, grant_id, send_by)
  values (p_tenant, p_action, p_step, p_kind, p_round, p_digest, p_tenant || '/' || p_action || '/' || p_step || '/' || p_kind,
          p_action || '.' || p_step || '.' || p_kind || '.1', v_now + make_interval(secs => p_send_within_ms / 1000.0))
  on conflict (tenant, action, step, kind) do update
    set attempt = x.attempt + 1, state = 'begun', round = excluded.round, digest = excluded.digest, begun_at = v_now, send_by = excluded.send_by,
        grant_id = p_action || '.' || p_step || '.' || p_kind || '.' || (x.attempt + 1), result = null, code = null, settled_at = null
    where x.state = 'absent'
  returning * into e;
  if not found then return jsonb_build_object('refused', 'begun_before'); end if;

  insert into grants (tenant, grant_id, action, step, agent, target, expires_at)
  values (p_tenant, e.grant_id, p_action, p_step, p_agent, p_target, v_now + make_interval(secs => p_grant_ttl_ms / 1000.0));
  update actions set state = case p_kind when 'do' then 'executing' else 'undoing' end, waiting_on = '{}'
  where tenant = p_tenant and action = p_action;
  perform ledger_write(p_tenant, array['effect/' || p_action || '/' || p_step || '/' || p_kind || '/' || e.attempt || '/begun'],
    array[canonical_object(jsonb_build_object('action', p_action, 'agent', p_agent, 'attempt', e.attempt, 'digest', p_digest,
      'event', 'effect.begun', 'grant', e.grant_id, 'idempotencyKey', e.idempotency_key, 'kind', p_kind, 'round', p_round, 'step', p_step, 'target', p_target))],
    array[null]::text[]);
  return jsonb_build_object('begun', jsonb_build_object('attempt', e.attempt, 'grantId', e.grant_id, 'idempotencyKey', e.idempotency_key));
end $$;

-- ── a question that answered itself ─────────────────────────────────────────────────────────────────────────────────

-- A target can say after all what a person was asked to find out. Never in a person's name, which only the gateway may use.
create function withdraw_task(p_tenant text, p_task text, p_resolution text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare t tasks;
begin
  update tasks
  set state = 'resolved', resolution = p_resolution, reason = 'The target said so itself.', resolved_by = 'countersign', resolved_at = clock_timestamp()
  where tenant = p_tenant and task = p_task and state = 'open'
  returning * into t;
  if not found then return false; end if;
  perform ledger_append(p_tenant, array['task/' || p_task || '/resolved'],
    array[canonical_object(jsonb_build_object('action', t.action, 'event', 'task.resolved', 'kind', t.kind, 'person', null,
      'resolution', p_resolution, 'step', t.step, 'task', p_task))],
    array[null]::text[]);
  return true;
end $$;

-- ── which bundle is in force ────────────────────────────────────────────────────────────────────────────────────────

-- A version never goes back: an older bundle, however well signed, is refused. Takes the global gate, for it is a fence too.
create function activate_bundle(p_digest text, p_version bigint, p_signed text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare v_current bundles;
begin
  perform pg_advisory_xact_lock(7001, 0);
  select * into v_current from bundles order by version desc limit 1;
  if v_current.digest = p_digest then return 'active'; end if;
  if v_current.version >= p_version then return 'older'; end if;
  insert into bundles (digest, version, signed) values (p_digest, p_version, p_signed)
  on conflict (digest) do update set version = excluded.version, signed = excluded.signed, activated_at = clock_timestamp();
  return 'active';
end $$;
