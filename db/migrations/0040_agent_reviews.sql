-- An agent that nobody uses is taken out of use, and what an agent may do has to be confirmed again now and then. One row says of each agent when to
-- look at it next; a worker's loop looks, a page at a time, so that agents of whom nothing is due cost nothing.

create table agent_reviews (
  tenant text not null,
  agent text not null,
  generation integer not null,
  look_at timestamptz default clock_timestamp(),
  confirmed_at timestamptz not null default clock_timestamp(),
  confirmed_by text,
  stage text not null default 'confirmed' check (stage in ('confirmed', 'due', 'restricted', 'lapsed')),
  due_at timestamptz,
  stage_watched interval,
  warnings integer not null default 0 check (warnings between 0 and 2),
  warned_at timestamptz,
  warned_watched interval,
  asked_before timestamptz,
  kept_at timestamptz,
  reclaimed_at timestamptz,
  primary key (tenant, agent),
  foreign key (tenant, agent) references agents,
  foreign key (tenant, confirmed_by) references people
);
create index agent_reviews_due on agent_reviews (look_at);
create index agent_reviews_open on agent_reviews (tenant, due_at) where stage <> 'confirmed' or warnings > 0;
comment on table agent_reviews is 'Of each agent: when somebody last confirmed what it may do, how often its owner was warned that it asks for nothing, and when to look again.';
comment on column agent_reviews.look_at is 'Null: of this agent nothing will be due, for it was not let in or leaves.';
comment on column agent_reviews.asked_before is 'The newest thing that it had asked for when its owner was warned. Another one since, and the warnings count no more.';

create table review_watches (
  tenant text primary key references tenants,
  seen_at timestamptz not null default clock_timestamp(),
  watched interval not null default '0',
  hour bigint not null default 0,
  told integer not null default 0,
  moved integer not null default 0
);
comment on table review_watches is 'For how long the rounds of a tenant have really been watching. A clock that is put forward, or a worker that was away, adds an hour at most.';
comment on column review_watches.hour is 'The watched hour that told and moved count in.';

create table agent_notes (
  tenant text not null,
  note uuid not null default gen_random_uuid(),
  agent text not null,
  person text not null,
  kind text not null check (kind in ('idle', 'idle_again', 'reclaimed', 'review_due', 'review_restricted', 'review_lapsed')),
  made_at timestamptz not null default clock_timestamp(),
  due_at timestamptz not null default clock_timestamp(),
  attempts integer not null default 0,
  last_code text,
  done_at timestamptz,
  primary key (tenant, note),
  foreign key (tenant, agent) references agents,
  foreign key (tenant, person) references people
);
create index agent_notes_due on agent_notes (due_at) where done_at is null;
comment on table agent_notes is 'What the owner of an agent is to be told of it. Decides nothing.';

do $$
declare t text;
begin
  foreach t in array array['agent_reviews', 'review_watches', 'agent_notes']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy own_tenant on %I using (tenant = current_setting(''app.tenant'', true)) with check (tenant = current_setting(''app.tenant'', true))', t);
  end loop;
end $$;
create policy every_tenant_by_trigger on agent_reviews for all to countersign_guard using (true) with check (true);

-- When it last asked for something is asked of every agent once a day, however much it asks for.
create index actions_of_agent on actions (tenant, agent, created_at);
create index reported_decisions_of_agent on reported_decisions (tenant, agent, recorded_at);

-- Whoever is let in was looked at in that moment; and whoever was moved is looked at now.
create function review_agent() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare v_look timestamptz := case when new.state not in ('onboarding', 'offboarding', 'offboarded') then clock_timestamp() end;
begin
  if tg_op = 'UPDATE' and old.generation = new.generation and old.state <> 'onboarding' then
    update agent_reviews set look_at = v_look where tenant = new.tenant and agent = new.agent;
  else
    delete from agent_reviews where tenant = new.tenant and agent = new.agent;
    insert into agent_reviews (tenant, agent, generation, look_at) values (new.tenant, new.agent, new.generation, v_look);
  end if;
  return null;
end $$;
create trigger review_agent_made after insert on agents for each row execute function review_agent();
create trigger review_agent_moved after update of state, generation on agents
  for each row when (old.state <> new.state or old.generation <> new.generation) execute function review_agent();

-- Agents from before this are confirmed as of now.
insert into agent_reviews (tenant, agent, generation, look_at)
select tenant, agent, generation, case when state not in ('onboarding', 'offboarding', 'offboarded') then clock_timestamp() end from agents;

-- ── what is due ─────────────────────────────────────────────────────────────────────────────────────────────────────

create function last_asked(a agents) returns timestamptz language sql stable
  return greatest(
    (select max(created_at) from actions where tenant = a.tenant and agent = a.agent and agent_generation = a.generation),
    (select max(recorded_at) from reported_decisions where tenant = a.tenant and agent = a.agent and generation = a.generation));

-- All that somebody who reviews it confirms.
create function rights_of(a agents) returns jsonb language sql stable
  return jsonb_build_object('agent', a.agent, 'generation', a.generation, 'owner', a.owner, 'creator', a.creator, 'team', a.team,
    'environment', a.environment, 'purpose', a.purpose, 'riskTier', a.risk_tier, 'roles', a.roles, 'dataScopes', a.data_scopes);

create function rights_digest(a agents) returns text language sql stable
  return 'sha256:' || encode(sha256(convert_to('countersign/review/v1' || chr(10) || rights_of(a)::text, 'UTF8')), 'hex');

-- p_periods: inactiveDays, and reviewDays by risk tier; no tier counts as critical. Time to answer is fourteen days that were watched: whoever is
-- away for a week finds a week left. Warnings are seven watched days apart, for the same reason: a clock that is put forward ends nothing.
create function due_of_agent(w agent_reviews, a agents, p_periods jsonb, p_now timestamptz, p_watched interval) returns text
language plpgsql stable
as $$
declare
  v_review interval := make_interval(days => greatest((p_periods -> 'reviewDays' ->> coalesce(a.risk_tier, 'critical'))::integer, 28));
  v_inactive interval := make_interval(days => greatest((p_periods ->> 'inactiveDays')::integer, 7));
  v_asked timestamptz;
  v_since timestamptz;
begin
  if a.state in ('onboarding', 'offboarding', 'offboarded') then return null; end if;
  if w.stage = 'confirmed' and p_now >= w.confirmed_at + v_review - interval '14 days' then return 'open'; end if;
  if w.stage = 'due' and p_now >= w.due_at and p_watched - w.stage_watched >= interval '14 days' then return 'restrict'; end if;
  if w.stage = 'restricted' and p_watched - w.stage_watched >= interval '14 days' then return 'lapse'; end if;
  -- Somebody resumed it, and nobody has answered.
  if w.stage = 'restricted' and a.state in ('active', 'throttled') then return 'restrict'; end if;
  if w.stage = 'lapsed' and a.state <> 'quarantined' then return 'lapse'; end if;

  if w.reclaimed_at is not null and a.state = 'quarantined' then return null; end if;
  v_asked := last_asked(a);
  v_since := greatest(a.created_at, a.state_since, w.kept_at, v_asked);
  if w.warnings > 0 and (w.asked_before is distinct from v_asked or v_since > w.warned_at or p_now - v_since < v_inactive) then return 'forget'; end if;
  -- Whoever may not ask is not idle.
  if a.state not in ('active', 'throttled', 'read_only', 'ask_always') or p_now - v_since < v_inactive then return null; end if;
  if w.warnings > 0 and p_watched - w.warned_watched < interval '7 days' then return null; end if;
  return case when w.warnings < 2 then 'warn' else 'reclaim' end;
end $$;

-- ── a round ─────────────────────────────────────────────────────────────────────────────────────────────────────────

-- Warnings and reclaims of one agent.
create function count_idle(w agent_reviews, a agents, p_due text, p_watched interval) returns void
language plpgsql volatile
as $$
declare
  v_entry jsonb := jsonb_build_object('generation', a.generation, 'actor', 'countersign', 'owner', a.owner,
    'idleSince', iso_time(greatest(a.created_at, a.state_since, w.kept_at, last_asked(a))));
  v_keys integer;
  v_credentials integer;
begin
  if p_due = 'forget' then
    update agent_reviews set warnings = 0, warned_at = null, warned_watched = null, asked_before = null, reclaimed_at = null
    where tenant = a.tenant and agent = a.agent;
  elsif p_due = 'warn' then
    update agent_reviews set warnings = w.warnings + 1, warned_at = clock_timestamp(), warned_watched = p_watched, asked_before = last_asked(a)
    where tenant = a.tenant and agent = a.agent;
    perform tell_life(a.tenant, a.agent, 'agent.warned', v_entry || jsonb_build_object('warning', w.warnings + 1), null, false);
    insert into agent_notes (tenant, agent, person, kind) values (a.tenant, a.agent, a.owner, case w.warnings when 0 then 'idle' else 'idle_again' end);
  else
    -- Stopped, and not offboarded: that cannot be called off, and whether anybody has read a warning is not known. A person ends it, or two resume it.
    perform shift_agent(a.tenant, a.agent, a.generation, 'quarantine', 'countersign', 'inactive');
    update agent_keys set revoked_at = clock_timestamp()
    where tenant = a.tenant and agent = a.agent and generation = a.generation and revoked_at is null;
    get diagnostics v_keys = row_count;
    update agent_credentials set revoked_at = clock_timestamp()
    where tenant = a.tenant and agent = a.agent and generation = a.generation and revoked_at is null;
    get diagnostics v_credentials = row_count;
    update agent_reviews set reclaimed_at = clock_timestamp() where tenant = a.tenant and agent = a.agent;
    perform tell_life(a.tenant, a.agent, 'agent.reclaimed', v_entry || jsonb_build_object('cause', 'inactive', 'keys', v_keys + v_credentials), null, true);
    insert into agent_notes (tenant, agent, person, kind) values (a.tenant, a.agent, a.owner, 'reclaimed');
  end if;
end $$;

-- Opens the review of one agent, or takes away what nobody confirmed: first it always has to ask, so that its work goes on with a person looking at each
-- thing, as nobody has at the whole. Where somebody had made it read_only or paused it, it stays that: to ask would be more than it may.
create function count_review(w agent_reviews, a agents, p_due text, p_periods jsonb, p_watched interval) returns void
language plpgsql volatile
as $$
declare
  v_next text := case p_due when 'open' then 'due' when 'restrict' then 'restricted' else 'lapsed' end;
  v_event text := case p_due when 'restrict' then 'ask_always' when 'lapse' then 'quarantine' end;
  v_due timestamptz := case p_due
    when 'open' then greatest(clock_timestamp() + interval '14 days', w.confirmed_at
      + make_interval(days => greatest((p_periods -> 'reviewDays' ->> coalesce(a.risk_tier, 'critical'))::integer, 28)))
    when 'restrict' then clock_timestamp() + interval '14 days' end;
begin
  if next_agent_state(a.state, v_event) is not null and not (p_due = 'restrict' and a.state = 'read_only') then
    perform shift_agent(a.tenant, a.agent, a.generation, v_event, 'countersign', 'not reviewed');
  end if;
  if w.stage = v_next then return; end if;
  update agent_reviews set stage = v_next, stage_watched = p_watched, due_at = v_due where tenant = a.tenant and agent = a.agent;
  perform tell_life(a.tenant, a.agent, case p_due when 'open' then 'agent.review_opened' else 'agent.review_lapsed' end,
    jsonb_build_object('generation', a.generation, 'actor', 'countersign', 'owner', a.owner, 'stage', v_next, 'rights', rights_digest(a),
      'due', iso_time(v_due)), null, p_due <> 'open');
  insert into agent_notes (tenant, agent, person, kind) values (a.tenant, a.agent, a.owner, 'review_' || v_next);
end $$;

-- One page of one tenant; answers with how many agents it looked at. In an hour it tells of two hundred and moves twenty at most: who sees the
-- first of a wrong sweep has time to stop it, by the policy's periods or by keeping what is listed.
create function review_agents(p_tenant text, p_periods jsonb, p_limit integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '7s'
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_watch review_watches;
  v_page text[];
  v_nothing text[] := '{}';
  v_gate boolean := false;
  v_agent text;
  v_due text;
  w agent_reviews;
  a agents;
begin
  insert into review_watches (tenant) values (p_tenant) on conflict do nothing;
  -- One round of a tenant at a time, whoever runs it.
  select * into v_watch from review_watches where tenant = p_tenant for update skip locked;
  if not found then return 0; end if;
  v_watch.watched := v_watch.watched + least(greatest(v_now - v_watch.seen_at, interval '0'), interval '1 hour');
  if v_watch.hour <> floor(extract(epoch from v_watch.watched) / 3600) then
    v_watch.hour := floor(extract(epoch from v_watch.watched) / 3600);
    v_watch.told := 0;
    v_watch.moved := 0;
  end if;

  -- What lies further ahead than anything is put off was written by a clock that has been put back since.
  v_page := array(select r.agent from agent_reviews r
    where r.tenant = p_tenant and (r.look_at <= v_now or r.look_at > v_now + interval '2 days') order by r.look_at limit p_limit);
  -- The gate before the rows, as everywhere; and only where something will be taken away, for effects wait behind it.
  if exists (select from agents g join agent_reviews r using (tenant, agent) where g.tenant = p_tenant and g.agent = any (v_page)
             and due_of_agent(r, g, p_periods, v_now, v_watch.watched) in ('restrict', 'lapse', 'reclaim')) then
    perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
    v_gate := true;
  end if;
  -- All of them before any entry, or two transactions could wait for each other. Who is being moved or asks right now is looked at the next time.
  v_page := array(select locked.agent from (
    select g.agent from agents g join agent_reviews r using (tenant, agent)
    where g.tenant = p_tenant and g.agent = any (v_page) for update of g, r skip locked) locked);

  foreach v_agent in array v_page loop
    select * into a from agents where tenant = p_tenant and agent = v_agent;
    select * into w from agent_reviews where tenant = p_tenant and agent = v_agent;
    v_due := due_of_agent(w, a, p_periods, v_now, v_watch.watched);
    if v_due is null then
      v_nothing := v_nothing || a.agent;
    elsif v_due in ('restrict', 'lapse', 'reclaim') and (not v_gate or v_watch.moved >= 20) or v_due in ('open', 'warn') and v_watch.told >= 200 then
      -- Each at a time of its own, so that the rest of many is not looked at again and again.
      update agent_reviews set look_at = v_now + interval '1 hour' * (1 + 23 * random()) where tenant = p_tenant and agent = a.agent;
    else
      if v_due in ('open', 'restrict', 'lapse') then
        perform count_review(w, a, v_due, p_periods, v_watch.watched);
      else
        perform count_idle(w, a, v_due, v_watch.watched);
      end if;
      if v_due in ('restrict', 'lapse', 'reclaim') then v_watch.moved := v_watch.moved + 1; end if;
      if v_due in ('open', 'warn') then v_watch.told := v_watch.told + 1; end if;
      update agent_reviews set look_at = v_now where tenant = p_tenant and agent = a.agent;
    end if;
  end loop;
  -- Policy may name other periods by tomorrow.
  update agent_reviews set look_at = v_now + interval '1 day' where tenant = p_tenant and agent = any (v_nothing);
  update review_watches set seen_at = v_now, watched = v_watch.watched, hour = v_watch.hour, told = v_watch.told, moved = v_watch.moved
  where tenant = p_tenant;
  return cardinality(v_page);
end $$;

-- ── the answer ──────────────────────────────────────────────────────────────────────────────────────────────────────

-- Whoever could let it in says whether it stays as it is, or ends: never who stands behind it, under whichever account. To keep gives nothing back that
-- was taken meanwhile: that is for who operates.
create function answer_review(p_tenant text, p_actor text, p_agent text, p_choice text, p_digest text, p_reason text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '7s'
as $$
declare
  a agents;
  w agent_reviews;
  v_refused text;
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  select * into a from agents where tenant = p_tenant and agent = p_agent for update;
  if not found then return 'not_found'; end if;
  select * into w from agent_reviews where tenant = p_tenant and agent = p_agent for update;
  v_refused := case
    when p_actor in (select accounts_of(p_tenant, people_behind(p_tenant, p_agent))) then 'self_approval'
    when p_choice not in ('keep', 'end')
      or not (has_role(p_tenant, p_actor, 'approver', a.environment) or has_role(p_tenant, p_actor, 'admin', '*')) then 'forbidden'
    when coalesce(trim(p_reason), '') = '' then 'reason_required'
    when a.state in ('onboarding', 'offboarding', 'offboarded') or w.stage = 'confirmed' and w.warnings = 0 then 'review_not_open'
    when p_digest is distinct from rights_digest(a) then 'digest_mismatch'
    when p_choice = 'keep' and not exists (select from people where tenant = p_tenant and person = a.owner and state = 'active') then 'owner_not_active'
  end;
  if v_refused is not null then return v_refused; end if;
  perform tell_life(p_tenant, p_agent, 'agent.reviewed', jsonb_build_object('generation', a.generation, 'actor', p_actor, 'choice', p_choice,
    'stage', w.stage, 'warnings', w.warnings, 'rights', p_digest), p_reason, p_choice = 'end');
  if p_choice = 'end' then return shift_agent(p_tenant, p_agent, a.generation, 'offboard', p_actor, p_reason); end if;
  update agent_reviews set look_at = clock_timestamp(), confirmed_at = clock_timestamp(), confirmed_by = p_actor, stage = 'confirmed', due_at = null,
    stage_watched = null, warnings = 0, warned_at = null, warned_watched = null, asked_before = null, reclaimed_at = null,
    -- Only of what was listed as idle has somebody said that it is wanted all the same.
    kept_at = case when w.warnings > 0 then clock_timestamp() else w.kept_at end
  where tenant = p_tenant and agent = p_agent;
  return 'done';
end $$;

grant select on agent_reviews to countersign_gateway, countersign_worker, countersign_loops, countersign_auditor, countersign_guard;
grant insert, update, delete on agent_reviews to countersign_guard;
grant select on review_watches to countersign_loops, countersign_auditor, countersign_guard;
grant insert, update on review_watches to countersign_guard;
grant select, update (due_at, attempts, last_code, done_at), delete on agent_notes to countersign_loops;
grant select on agent_notes to countersign_auditor;
grant insert on agent_notes to countersign_guard;

do $$
declare f record;
begin
  grant create on schema public to countersign_guard;
  for f in select p.oid::regprocedure as name, p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace
    and p.proname in ('review_agent', 'review_agents', 'answer_review')
  loop
    execute format('alter function %s owner to countersign_guard', f.name);
    execute format('revoke execute on function %s from public', f.name);
    if f.proname = 'review_agents' then execute format('grant execute on function %s to countersign_loops', f.name); end if;
    if f.proname = 'answer_review' then execute format('grant execute on function %s to countersign_gateway', f.name); end if;
  end loop;
  revoke create on schema public from countersign_guard;
end $$;
