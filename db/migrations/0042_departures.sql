-- Somebody leaves: what they own goes to an heir or stops, and what waited for them is asked of whoever is left. A workflow orders it, agent by
-- agent and request by request; what counts is here.

create table departures (
  tenant text not null,
  person text not null,
  departure text not null default 'dep-' || gen_random_uuid() check (departure ~ '^dep-[0-9a-f-]{36}$'),
  agents_to text,
  actor text not null,
  reason text not null check (length(reason) <= 1000),
  left_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  primary key (tenant, person),
  unique (tenant, departure),
  foreign key (tenant, person) references people,
  foreign key (tenant, agents_to) references people,
  foreign key (tenant, actor) references people
);
comment on table departures is 'Who left, and to whom their agents go; null: to nobody, so they stop.';
comment on column departures.departure is 'What Temporal calls it by: it is told of no person.';

create table departure_outcomes (
  tenant text not null,
  person text not null,
  kind text not null,
  subject text not null check (length(subject) between 1 and 200),
  outcome text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (tenant, person, kind, subject),
  foreign key (tenant, person) references departures,
  check (case kind
    when 'agent' then outcome in ('handed_over', 'quarantined', 'rejected', 'offboarding')
    when 'keys' then outcome = 'known'
    when 'approval' then outcome in ('rerouted', 'unanswerable')
    when 'group' then outcome = 'empty'
    when 'team' then outcome = 'ownerless'
    else false end)
);
comment on table departure_outcomes is 'What became of each thing that hung on a person who left. Keys: the person was shown a key of this agent that is still good.';

do $$
declare t text;
begin
  foreach t in array array['departures', 'departure_outcomes']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy own_tenant on %I using (tenant = current_setting(''app.tenant'', true)) with check (tenant = current_setting(''app.tenant'', true))', t);
  end loop;
end $$;

-- Messages to the workflow of a departure beside the others.
alter table outbox
  add column departure text,
  add foreign key (tenant, departure) references departures (tenant, departure),
  drop constraint outbox_kind_check,
  add constraint outbox_kind_check check (case kind
    when 'wake' then action is not null and agent is null and generation is null and departure is null
    when 'agent' then action is null and agent is not null and generation is not null and departure is null
    when 'departure' then action is null and agent is null and generation is null and departure is not null
    else false end);

alter table approval_requests
  drop constraint approval_requests_state_check,
  add constraint approval_requests_state_check check (state in ('open', 'approved', 'rejected', 'expired', 'cancelled', 'superseded', 'unanswerable'));

-- Whom it waits for has changed: cards and mails follow.
create trigger note_rerouting after update of stages on approval_requests for each row when (old.stages <> new.stages) execute function note_change();

-- ── leaving ─────────────────────────────────────────────────────────────────────────────────────────────────────────

create function has_not_departed(p_tenant text, p_person text) returns boolean
language sql stable
  return not exists (select from departures where tenant = p_tenant and person = p_person);

-- As at registration: an owner is an active person. And another human than whoever leaves.
create function may_inherit(p_tenant text, p_person text, p_heir text) returns boolean
language sql stable
  return exists (select from people where tenant = p_tenant and person = p_heir and state = 'active')
    and p_heir not in (select accounts_of(p_tenant, array[p_person]));

-- In the transaction in which somebody leaves. The same word again wakes what is not finished, and begins nothing twice.
create function begin_departure(p_tenant text, p_actor text, p_reason text, p_change jsonb) returns boolean
language plpgsql volatile
as $$
declare
  v_person text := p_change ->> 'person';
  v_group text;
  v_begun boolean;
begin
  insert into departures (tenant, person, agents_to, actor, reason)
  values (p_tenant, v_person, p_change ->> 'agentsTo', p_actor, p_reason) on conflict do nothing;
  v_begun := found;
  insert into outbox (tenant, kind, departure)
  select p_tenant, 'departure', d.departure from departures d where d.tenant = p_tenant and d.person = v_person and d.finished_at is null;
  if not v_begun then return false; end if;
  for v_group in
    insert into departure_outcomes (tenant, person, kind, subject, outcome)
    select p_tenant, v_person, 'group', m.group_name, 'empty' from group_members m
    where m.tenant = p_tenant and m.person = v_person and not exists (
      select from group_members o join people p using (tenant, person)
      where o.tenant = p_tenant and o.group_name = m.group_name and p.state = 'active')
    returning subject
  loop
    perform tell_people(p_tenant, 'group.left_empty', jsonb_build_object('actor', p_actor, 'person', v_person, 'group', v_group), '{}');
  end loop;
  return true;
end $$;

-- As before, but that a departure begins with the word that somebody left.
create or replace function change_people(p_tenant text, p_actor text, p_reason text, p_change jsonb) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_do text := p_change ->> 'do';
  v_person text := p_change ->> 'person';
  v_result text;
begin
  perform lock_people(p_tenant);
  v_result := case
    when not has_role(p_tenant, p_actor, 'admin', '*') then 'forbidden'
    when coalesce(trim(p_reason), '') = '' then 'reason_required'
    when v_do <> 'add' and not exists (select from people where tenant = p_tenant and person = v_person) then 'not_found'
    when v_do in ('grant_role', 'join_group', 'unlink_slack', 'unlink_address')
      and v_person in (select accounts_of(p_tenant, array[p_actor])) then 'own_change'
    when v_do in ('grant_role', 'join_group') and has_login_from(p_tenant, p_actor, v_person) then 'second_person_needed'
    when takes_over_admin(p_tenant, p_actor, p_change) then 'second_person_needed'
    when v_do in ('revoke_role', 'leave') and coalesce(p_change ->> 'role', 'admin') = 'admin' and is_last_admin(p_tenant, v_person) then 'last_admin'
    when v_do = 'leave' and p_change ->> 'agentsTo' is not null and has_not_departed(p_tenant, v_person)
      and not may_inherit(p_tenant, v_person, p_change ->> 'agentsTo') then 'owner_not_active'
    when v_do like '%\_role' or v_do = 'propose_admin' then change_role(p_tenant, p_actor, p_change)
    when v_do in ('issue_login', 'revoke_logins') then change_logins(p_tenant, p_actor, p_change)
    when v_do like '%link\_%' or v_do = 'same' then change_links(p_tenant, p_actor, p_change)
    else change_person(p_tenant, p_change)
  end;
  -- Whoever left before there were departures leaves with the next word.
  if v_do = 'leave' and v_result in ('done', 'unchanged') and begin_departure(p_tenant, p_actor, p_reason, p_change) then v_result := 'done'; end if;
  if v_result = 'done' then
    perform tell_people(p_tenant,
      case v_do when 'add' then 'person.added' when 'leave' then 'person.left' when 'grant_role' then 'role.granted' when 'revoke_role' then 'role.revoked'
        when 'propose_admin' then 'admin.proposed' when 'join_group' then 'group.joined' when 'leave_group' then 'group.left'
        when 'issue_login' then 'login.issued' when 'revoke_logins' then 'logins.revoked' when 'same' then 'person.found_same'
        when 'link_slack' then 'identity.linked' when 'link_address' then 'identity.linked' else 'identity.unlinked' end,
      jsonb_build_object('actor', p_actor, 'person', v_person, 'role', p_change -> 'role', 'environment', p_change -> 'environment',
        'group', p_change -> 'group', 'sameAs', p_change -> 'sameAs', 'login', p_change -> 'login', 'agentsTo', p_change -> 'agentsTo',
        'channel', case when v_do like '%link\_%' then split_part(v_do, '_', 2) end),
      jsonb_build_object('reason', p_reason, 'name', p_change -> 'name', 'address', p_change -> 'address',
        'slackTeam', p_change -> 'slackTeam', 'slackUser', p_change -> 'slackUser'));
  end if;
  return v_result;
end $$;

-- ── agents ──────────────────────────────────────────────────────────────────────────────────────────────────────────

-- From now on somebody else answers for it. Its workflow says so too.
create function give_agent(p_tenant text, p_agent text, p_actor text, p_to text, p_reason text) returns void
language plpgsql volatile
as $$
declare a agents;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent for update;
  if a.owner = p_to then return; end if;
  update agents set owner = p_to where tenant = p_tenant and agent = p_agent;
  insert into outbox (tenant, kind, agent, generation) values (p_tenant, 'agent', p_agent, a.generation);
  perform tell_life(p_tenant, p_agent, 'agent.handed_over', jsonb_build_object('generation', a.generation, 'actor', p_actor,
    'from', a.owner, 'to', p_to), p_reason, false);
end $$;

-- One agent of a person who left: to the heir, if that is still somebody who may own it, and else it stops. What nobody has let in yet is
-- rejected: it was to be let in for another owner. Null: there is nothing to do about it, or no more.
create function hand_over_agent(p_tenant text, p_person text, p_agent text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '2s'
as $$
declare
  d departures;
  a agents;
  v_outcome text;
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  select * into d from departures where tenant = p_tenant and person = p_person and finished_at is null;
  if not found then return null; end if;
  select * into a from agents where tenant = p_tenant and agent = p_agent and owner = p_person and state <> 'offboarded' for update;
  if not found or exists (select from departure_outcomes o where (o.tenant, o.person, o.kind, o.subject) = (p_tenant, p_person, 'agent', p_agent)) then
    return null;
  end if;
  v_outcome := case
    when a.state = 'onboarding' then 'rejected'
    when may_inherit(p_tenant, p_person, d.agents_to) then 'handed_over'
    when a.state = 'offboarding' then 'offboarding'
    else 'quarantined' end;
  if v_outcome = 'rejected' then
    update proposals set state = 'expired', decided_at = clock_timestamp()
    where tenant = p_tenant and verb = 'onboard' and subject = p_agent || '/' || a.generation and state = 'open';
    perform shift_agent(p_tenant, p_agent, a.generation, 'reject', d.actor, d.reason);
  elsif v_outcome = 'handed_over' then
    perform give_agent(p_tenant, p_agent, d.actor, d.agents_to, d.reason);
  elsif v_outcome = 'quarantined' then
    perform shift_agent(p_tenant, p_agent, a.generation, 'quarantine', d.actor, d.reason);
  end if;
  insert into departure_outcomes (tenant, person, kind, subject, outcome)
  select p_tenant, p_person, 'agent', p_agent, v_outcome
  union all
  select p_tenant, p_person, 'keys', p_agent, 'known' where v_outcome = 'handed_over' and (
    exists (select from agent_keys k where (k.tenant, k.agent, k.generation) = (p_tenant, p_agent, a.generation) and k.revoked_at is null
      and k.issued_by in (select accounts_of(p_tenant, array[p_person])))
    or exists (select from agent_credentials c where (c.tenant, c.agent, c.generation) = (p_tenant, p_agent, a.generation) and is_good(c)
      and c.issued_by in (select accounts_of(p_tenant, array[p_person]))));
  return v_outcome;
end $$;

-- ── approvals ───────────────────────────────────────────────────────────────────────────────────────────────────────

-- Takes whoever may never vote any more out of an open request: who left, and who owns its agent by now. Where too few of a stage are left, those it
-- would have been escalated to are asked at once. Who may vote is only narrowed. Null: there is nothing to do about it, or no more.
create function reroute_approval(p_tenant text, p_person text, p_request text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '2s'
as $$
declare
  d departures;
  r approval_requests;
  v_out text[];
begin
  select * into d from departures where tenant = p_tenant and person = p_person and finished_at is null;
  if not found then return null; end if;
  select * into r from approval_requests where tenant = p_tenant and request = p_request and state = 'open' for update;
  if not found or exists (select from departure_outcomes o where (o.tenant, o.person, o.kind, o.subject) = (p_tenant, p_person, 'approval', p_request)) then
    return null;
  end if;
  v_out := array(
    select conflicted_people(p_tenant, r.action)
    union
    select e from jsonb_array_elements(r.stages) s,
      jsonb_array_elements_text((s -> 'eligible') || coalesce(s -> 'escalation' -> 'eligible', '[]')) e
    where not exists (select from people where tenant = p_tenant and person = e and state = 'active'));
  update approval_requests set stages = (
    select jsonb_agg(s || jsonb_build_object('eligible', kept.own) || case when s ? 'escalation' then jsonb_build_object('escalation',
        (s -> 'escalation') || jsonb_build_object('eligible', (s -> 'escalation' -> 'eligible') - v_out, 'afterMs',
          case when (select count(distinct human_of(p_tenant, e)) from jsonb_array_elements_text(kept.own) e) < (s ->> 'need')::integer
            then least((s -> 'escalation' ->> 'afterMs')::bigint, floor(extract(epoch from clock_timestamp() - r.opened_at) * 1000)::bigint)
            else (s -> 'escalation' ->> 'afterMs')::bigint end))
      else '{}' end order by place)
    from jsonb_array_elements(r.stages) with ordinality as asked (s, place), lateral (select (s -> 'eligible') - v_out as own) kept)
  where tenant = p_tenant and request = p_request;
  insert into departure_outcomes (tenant, person, kind, subject, outcome) values (p_tenant, p_person, 'approval', p_request, 'rerouted');
  insert into outbox (tenant, kind, action) values (p_tenant, 'wake', r.action);
  perform ledger_write(p_tenant, array['approval/' || p_request || '/rerouted/' || p_person],
    array[canonical_object(jsonb_build_object('action', r.action, 'request', p_request, 'digest', r.digest, 'person', p_person, 'event', 'approval.rerouted'))],
    array[null]::text[]);
  return 'rerouted';
end $$;

-- Nobody who is left could countersign this any more: the request is over. Whether that is so the worker has worked out.
create function end_unanswerable(p_tenant text, p_person text, p_request text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  update departure_outcomes set outcome = 'unanswerable'
  where tenant = p_tenant and person = p_person and kind = 'approval' and subject = p_request and outcome = 'rerouted';
  if not found then return false; end if;
  update approval_requests set state = 'unanswerable', closed_at = clock_timestamp() where tenant = p_tenant and request = p_request and state = 'open';
  return found;
end $$;

-- ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────────

-- Under the gate, as registrations are: nothing becomes this person's after it was looked. False: something is left.
create function finish_departure(p_tenant text, p_person text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '2s'
as $$
declare
  d departures;
  v_team text;
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  select * into d from departures where tenant = p_tenant and person = p_person for update;
  if not found then return false; end if;
  if d.finished_at is not null then return true; end if;
  if exists (select from agents a where a.tenant = p_tenant and a.owner = p_person and a.state <> 'offboarded' and not exists (
      select from departure_outcomes o where (o.tenant, o.person, o.kind, o.subject) = (p_tenant, p_person, 'agent', a.agent))) then
    return false;
  end if;
  for v_team in
    insert into departure_outcomes (tenant, person, kind, subject, outcome)
    select distinct p_tenant, p_person, 'team', a.team, 'ownerless' from agents a
    where a.tenant = p_tenant and a.owner = p_person and a.state <> 'offboarded' and not exists (
      select from agents g join people p on (p.tenant, p.person) = (g.tenant, g.owner)
      where g.tenant = p_tenant and g.team = a.team and g.state <> 'offboarded' and p.state = 'active')
    returning subject
  loop
    perform tell_people(p_tenant, 'team.left_ownerless', jsonb_build_object('actor', d.actor, 'person', p_person, 'team', v_team), '{}');
  end loop;
  update departures set finished_at = clock_timestamp() where tenant = p_tenant and person = p_person;
  perform tell_people(p_tenant, 'person.departed', jsonb_build_object('actor', d.actor, 'person', p_person, 'agentsTo', d.agents_to) || (
    select coalesce(jsonb_object_agg(o.outcome, o.n), '{}') from (
      select outcome, count(*) as n from departure_outcomes where tenant = p_tenant and person = p_person and kind in ('agent', 'approval')
      group by outcome) o), '{}');
  return true;
end $$;

-- ── a new owner for what was stopped ────────────────────────────────────────────────────────────────────────────────

-- Out of quarantine under another owner, by two people as ever.
create function propose_resume_under(p_tenant text, p_actor text, p_agent text, p_owner text, p_reason text) returns jsonb
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
    when not operates(p_tenant, p_actor, a.environment) then 'forbidden'
    when coalesce(trim(p_reason), '') = '' then 'reason_required'
    when not exists (select from people where tenant = p_tenant and person = p_owner and state = 'active') then 'owner_not_active'
    when a.state <> 'quarantined' then 'agent_state_forbids'
    when exists (select from proposals where tenant = p_tenant and verb = 'resume' and subject = p_agent || '/' || a.generation
                 and state = 'open' and expires_at > clock_timestamp()) then 'proposed_already'
  end;
  if v_refused is not null then return jsonb_build_object('refused', v_refused); end if;
  return jsonb_build_object('proposal', propose(p_tenant, 'resume', p_agent || '/' || a.generation,
    jsonb_build_object('agent', p_agent, 'generation', a.generation, 'since', a.state_since, 'owner', p_owner, 'reason', p_reason), p_actor));
end $$;

-- As before, but that nothing is given back to an agent for which nobody answers.
create or replace function move_agent(p_tenant text, p_actor text, p_agent text, p_event text, p_reason text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '7s'
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
    when p_event = 'resume' and not exists (select from people where tenant = p_tenant and person = a.owner and state = 'active') then 'owner_not_active'
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

-- As before, but that whoever is to own it does not let it in either.
create or replace function refused_to_decide(p proposals, p_actor text) returns text
language sql stable
as $$
  select case
    when p_actor in (select accounts_of(p.tenant, array[p.proposed_by, p.what ->> 'owner']
      || case when p.verb in ('onboard', 'resume') then people_behind(p.tenant, split_part(p.subject, '/', 1)) else '{}' end)) then 'self_approval'
    when p.verb = 'onboard' and not (
      has_role(p.tenant, p_actor, 'approver', p.what ->> 'environment') or has_role(p.tenant, p_actor, 'admin', '*')) then 'forbidden'
    when p.verb = 'resume' and not operates(p.tenant, p_actor,
      (select environment from agents where tenant = p.tenant and agent = split_part(p.subject, '/', 1))) then 'forbidden'
    when p.verb = 'lift' and not operates(p.tenant, p_actor, '*') then 'forbidden'
  end
$$;

-- As before, and a new owner with the confirmation.
create or replace function decide_proposal(p_tenant text, p_actor text, p_proposal text, p_choice text, p_digest text, p_reason text) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '7s'
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
  -- Nothing is let in, or on, for which nobody answers.
  if p_choice = 'confirm' and p.verb in ('onboard', 'resume') and not exists (
    select from people o where o.tenant = p_tenant and o.state = 'active' and o.person = coalesce(p.what ->> 'owner',
      (select a.owner from agents a where a.tenant = p_tenant and a.agent = p.what ->> 'agent'))) then return 'owner_not_active'; end if;

  -- Moved since: what was to be lifted, or let in, is another thing now.
  if p_choice = 'confirm' and not still_stands(p) then return 'proposal_closed'; end if;
  update proposals set state = case p_choice when 'confirm' then 'confirmed' else 'rejected' end, decided_by = p_actor, decided_at = clock_timestamp()
  where tenant = p_tenant and proposal = p_proposal;
  if p.verb = 'lift' then
    if p_choice = 'confirm' then perform move_fence(p_tenant, p.subject, false, p_reason, p_actor); end if;
  elsif p_choice = 'confirm' or p.verb = 'onboard' then
    if p.verb = 'resume' and p.what ->> 'owner' is not null then
      perform give_agent(p_tenant, p.what ->> 'agent', p_actor, p.what ->> 'owner', p_reason);
    end if;
    perform shift_agent(p_tenant, p.what ->> 'agent', (p.what ->> 'generation')::integer,
      case when p.verb = 'resume' then 'resume' when p_choice = 'confirm' then 'approve' else 'reject' end, p_actor, p_reason);
  end if;
  perform tell_proposal(p_tenant, p.proposal, case p_choice when 'confirm' then 'confirmed' else 'rejected' end,
    jsonb_build_object('actor', p_actor, 'proposedBy', p.proposed_by, 'verb', p.verb, 'subject', p.subject, 'digest', p.digest), p_reason);
  return 'done';
end $$;

-- ── who may call what ───────────────────────────────────────────────────────────────────────────────────────────────

grant select on departures, departure_outcomes to countersign_gateway, countersign_worker, countersign_loops, countersign_auditor, countersign_guard;
grant insert on departures, departure_outcomes to countersign_guard;
grant update (finished_at) on departures to countersign_guard;
grant update (outcome) on departure_outcomes to countersign_guard;

do $$
declare f record;
begin
  grant create on schema public to countersign_guard;
  for f in select p.oid::regprocedure as name, p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace
    and p.proname in ('hand_over_agent', 'reroute_approval', 'end_unanswerable', 'finish_departure', 'propose_resume_under')
  loop
    execute format('alter function %s owner to countersign_guard', f.name);
    execute format('revoke execute on function %s from public', f.name);
    execute format('grant execute on function %s to %I', f.name, case f.proname when 'propose_resume_under' then 'countersign_gateway' else 'countersign_worker' end);
  end loop;
  revoke create on schema public from countersign_guard;
end $$;
