-- Offboarding: what an agent began is settled, what it could act with is ended and looked for at its target, and a receipt says so. An agent's
-- workflow orders it; what counts is here.

-- Messages to an agent's workflow beside those to an action's.
alter table outbox
  alter column action drop not null,
  add column agent text,
  add column generation integer,
  add foreign key (tenant, agent) references agents,
  drop constraint outbox_kind_check,
  add constraint outbox_kind_check check (case kind
    when 'wake' then action is not null and agent is null and generation is null
    when 'agent' then action is null and agent is not null and generation is not null
    else false end);

-- Whoever moves an agent, its workflow hears of it: it starts with the first message.
create function wake_agent() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  insert into outbox (tenant, kind, agent, generation) values (new.tenant, 'agent', new.agent, new.generation);
  return null;
end $$;
create policy every_tenant_by_trigger on outbox for all to countersign_guard using (true) with check (true);
create trigger wake_agent_made after insert on agents for each row execute function wake_agent();
create trigger wake_agent_moved after update of state, generation on agents
  for each row when (old.state <> new.state or old.generation <> new.generation) execute function wake_agent();

alter table grants
  add column verified text check (verified in ('absent', 'unverified')),
  add column verified_at timestamptz;
comment on column grants.verified is 'Asked after its end. Absent: the target was asked what it still has, and it is not among it. Unverified: that target cannot be asked.';

create table offboarding_exceptions (
  tenant text not null,
  agent text not null,
  generation integer not null,
  subject text not null check (length(subject) between 1 and 200),
  reason text not null check (length(reason) <= 1000),
  accepted_by text not null,
  accepted_at timestamptz not null default clock_timestamp(),
  primary key (tenant, agent, generation, subject),
  foreign key (tenant, agent) references agents,
  foreign key (tenant, accepted_by) references people
);
comment on table offboarding_exceptions is 'An action or a grant that an offboarding need not wait for, and the person who accepted that.';

create table receipts (
  tenant text not null,
  agent text not null,
  generation integer not null,
  receipt jsonb not null,
  digest text not null check (digest ~ '^sha256:[0-9a-f]{64}$'),
  issued_at timestamptz not null default clock_timestamp(),
  primary key (tenant, agent, generation),
  foreign key (tenant, agent) references agents
);
comment on table receipts is 'What an offboarding found and left; its digest is in the ledger.';

do $$
declare t text;
begin
  foreach t in array array['offboarding_exceptions', 'receipts']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy own_tenant on %I using (tenant = current_setting(''app.tenant'', true)) with check (tenant = current_setting(''app.tenant'', true))', t);
  end loop;
end $$;

create function iso_time(p timestamptz) returns text language sql stable
  return to_char(p at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- Nobody answered in time: the agent was never let in.
create function lapse_onboarding(p_tenant text, p_agent text, p_generation integer) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '2s'
as $$
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  if not exists (select from agents where tenant = p_tenant and agent = p_agent and generation = p_generation and state = 'onboarding') then return false; end if;
  if exists (select from proposals where tenant = p_tenant and verb = 'onboard' and subject = p_agent || '/' || p_generation
             and state = 'open' and expires_at > clock_timestamp()) then return false; end if;
  update proposals set state = 'expired', decided_at = clock_timestamp()
  where tenant = p_tenant and verb = 'onboard' and subject = p_agent || '/' || p_generation and state = 'open';
  return shift_agent(p_tenant, p_agent, p_generation, 'reject', 'countersign', null) = 'done';
end $$;

-- Asks every open action of an agent that leaves to end before anything happens; what has begun goes on.
create function cancel_for_offboarding(p_tenant text, p_agent text, p_generation integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_action text;
  v_asked integer := 0;
begin
  if not exists (select from agents where tenant = p_tenant and agent = p_agent and generation = p_generation and state = 'offboarding') then return 0; end if;
  for v_action in
    update actions set cancel_requested_at = clock_timestamp(), cancel_requested_by = 'offboarding'
    where tenant = p_tenant and agent = p_agent and agent_generation = p_generation and settled_at is null and cancel_requested_at is null
    returning action
  loop
    insert into outbox (tenant, kind, action) values (p_tenant, 'wake', v_action);
    perform ledger_write(p_tenant, array['action/' || v_action || '/cancel_requested'],
      array[canonical_object(jsonb_build_object('action', v_action, 'by', 'offboarding', 'event', 'action.cancel_requested'))], array[null]::text[]);
    v_asked := v_asked + 1;
  end loop;
  return v_asked;
end $$;

-- Ends what the agent could still get access by. Its requests are refused since it left; this is for whatever does not ask for its state.
create function cut_off_agent(p_tenant text, p_agent text, p_generation integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare v_keys integer;
begin
  if not exists (select from agents where tenant = p_tenant and agent = p_agent and generation = p_generation and state = 'offboarding') then return 0; end if;
  update agent_keys set revoked_at = clock_timestamp()
  where tenant = p_tenant and agent = p_agent and generation = p_generation and revoked_at is null;
  get diagnostics v_keys = row_count;
  if v_keys > 0 then
    perform tell_life(p_tenant, p_agent, 'agent.cut_off', jsonb_build_object('generation', p_generation, 'keys', v_keys), null, true);
  end if;
  return v_keys;
end $$;

-- What an offboarding still waits for: actions that have not ended, credentials that live or were not looked for, money that is held.
create function left_of_agent(p_tenant text, p_agent text, p_generation integer)
returns table (kind text, subject text, state text)
language sql stable
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
  )
  select f.kind, f.subject, f.state from found f
  where not exists (select from offboarding_exceptions e where (e.tenant, e.agent, e.generation, e.subject) = (p_tenant, p_agent, p_generation, f.subject))
$$;

-- A named person answers for what cannot be settled or looked for. Not whoever owns the agent.
create function except_from_offboarding(p_tenant text, p_actor text, p_agent text, p_subject text, p_reason text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare a agents;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent for update;
  if not found then return 'not_found'; end if;
  if not operates(p_tenant, p_actor, a.environment) then return 'forbidden'; end if;
  if p_actor in (select accounts_of(p_tenant, people_behind(p_tenant, p_agent))) then return 'self_approval'; end if;
  if coalesce(trim(p_reason), '') = '' then return 'reason_required'; end if;
  if a.state <> 'offboarding' then return 'agent_state_forbids'; end if;
  -- A credential that lives, or a key that is good, is never excepted: only that nobody could look for one, or that an action has no end yet.
  if not exists (select from left_of_agent(p_tenant, p_agent, a.generation) l
                 where l.subject = p_subject and (l.kind = 'action' or l.kind = 'budget' or (l.kind = 'grant' and l.state = 'unverified'))) then
    return 'not_found';
  end if;
  insert into offboarding_exceptions (tenant, agent, generation, subject, reason, accepted_by)
  values (p_tenant, p_agent, a.generation, p_subject, p_reason, p_actor);
  insert into outbox (tenant, kind, agent, generation) values (p_tenant, 'agent', p_agent, a.generation);
  perform tell_life(p_tenant, p_agent, 'agent.exception_accepted',
    jsonb_build_object('generation', a.generation, 'actor', p_actor, 'subject', p_subject), p_reason, false);
  return 'done';
end $$;

-- The end, once nothing is left but what a person answers for. The receipt is the worker's; whether there may be one is asked here.
create function finish_offboarding(p_tenant text, p_agent text, p_generation integer, p_receipt jsonb, p_digest text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '7s'
as $$
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  perform from agents where tenant = p_tenant and agent = p_agent and generation = p_generation and state = 'offboarding' for update;
  if not found or exists (select from left_of_agent(p_tenant, p_agent, p_generation)) then return false; end if;
  insert into receipts (tenant, agent, generation, receipt, digest) values (p_tenant, p_agent, p_generation, p_receipt, p_digest);
  update agents set state = next_agent_state(state, 'finish'), state_since = clock_timestamp() where tenant = p_tenant and agent = p_agent;
  perform tell_life(p_tenant, p_agent, 'agent.offboarded', jsonb_build_object('generation', p_generation, 'receipt', p_digest), null, false);
  return true;
end $$;

grant select on offboarding_exceptions, receipts to countersign_gateway, countersign_worker, countersign_loops, countersign_auditor, countersign_guard;
grant insert on offboarding_exceptions, receipts to countersign_guard;
grant select, update (revoked_at) on agent_keys to countersign_guard;
grant update (verified, verified_at) on grants to countersign_worker;

do $$
declare f record;
begin
  grant create on schema public to countersign_guard;
  for f in select p.oid::regprocedure as name, p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace
    and p.proname in ('wake_agent', 'lapse_onboarding', 'cancel_for_offboarding', 'cut_off_agent', 'except_from_offboarding', 'finish_offboarding')
  loop
    execute format('alter function %s owner to countersign_guard', f.name);
    execute format('revoke execute on function %s from public', f.name);
    if f.proname = 'except_from_offboarding' then
      execute format('grant execute on function %s to countersign_gateway', f.name);
    elsif f.proname <> 'wake_agent' then
      execute format('grant execute on function %s to countersign_worker', f.name);
    end if;
  end loop;
  revoke create on schema public from countersign_guard;
end $$;
