-- People, what they may do and where, and which of them are one human. Nothing here is written but by the functions below, each of which
-- knows who asks, refuses whoever may not, and tells the ledger.

alter table people add column human text check (is_id(human));
comment on column people.human is 'Accounts of one human share it; null stands for the person''s own id.';

alter table person_tokens
  add column issued_at timestamptz not null default now(),
  add column issued_by text,
  add column login text generated always as (left(encode(token_hash, 'hex'), 16)) stored;
comment on column person_tokens.login is 'How people name a token that nobody can show any more. Sixteen digits of the hash of 256 random bits tell nothing.';

alter table agent_keys add column if not exists issued_by text;
comment on column agent_keys.issued_by is 'Whoever was shown the key could act as the agent, and never decides on what it asks.';

alter table actions add column on_behalf_of text, add foreign key (tenant, on_behalf_of) references people;
comment on column actions.on_behalf_of is 'Whom the agent says it acts for. It lets nobody decide; that person may not.';

create table role_grants (
  tenant text not null,
  person text not null,
  role text not null check (role in ('viewer', 'operator', 'approver', 'owner')),
  environment text not null check (is_id(environment)),
  primary key (tenant, person, role, environment),
  foreign key (tenant, person) references people
);
comment on table role_grants is 'Roles in one environment. Those that hold in every environment are in people.roles; an admin is one everywhere.';

create table admin_proposals (
  tenant text not null,
  person text not null,
  proposed_by text not null,
  expires_at timestamptz not null default now() + interval '7 days',
  primary key (tenant, person),
  foreign key (tenant, person) references people,
  foreign key (tenant, proposed_by) references people
);
comment on table admin_proposals is 'One admin proposes another; a second person confirms it (may_confirm_admin), or it lapses.';

create table init_links (
  tenant text not null references tenants,
  secret_hash bytea not null unique check (length(secret_hash) = 32),
  person text not null check (is_id(person)),
  name text not null check (length(name) <= 200),
  address text not null,
  expires_at timestamptz not null default now() + interval '15 minutes',
  used_at timestamptz,
  primary key (tenant, secret_hash)
);
comment on table init_links is 'How the first admin comes in. Written by whoever owns the database; worth nothing once there is an admin.';

do $$
declare t text;
begin
  foreach t in array array['role_grants', 'admin_proposals', 'init_links']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy own_tenant on %I using (tenant = current_setting(''app.tenant'', true)) with check (tenant = current_setting(''app.tenant'', true))', t);
  end loop;
end $$;

-- ── who is one human ────────────────────────────────────────────────────────────────────────────────────────────────

-- Where a mail really goes: the case is ignored, and so is what follows a plus sign.
create function mailbox_of(p_address text) returns text language sql immutable
  return lower(split_part(split_part(p_address, '@', 1), '+', 1) || '@' || split_part(p_address, '@', 2));

create index people_human on people (tenant, ('human:' || coalesce(human, person)));
create index person_addresses_mailbox on person_addresses (tenant, ('mail:' || mailbox_of(address)));
create index slack_identities_user on slack_identities (tenant, ('slack:' || slack_user));
create index slack_identities_person on slack_identities (tenant, person);

create view account_links with (security_invoker = true) as
select tenant, person, 'human:' || coalesce(human, person) as link from people
union all
select tenant, person, 'mail:' || mailbox_of(address) from person_addresses
union all
-- Without its team: one user of an Enterprise Grid has the same id in all of its workspaces.
select tenant, person, 'slack:' || slack_user from slack_identities;
comment on view account_links is 'Two accounts that have a link in common belong to one human.';

-- The people given and every other account of the same humans.
create function accounts_of(p_tenant text, p_people text[]) returns setof text
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  with recursive same (person) as (
    select unnest(p_people)
    union
    select b.person
    from same s
    join account_links a on a.tenant = p_tenant and a.person = s.person
    join account_links b on b.tenant = p_tenant and b.link = a.link
  )
  select person from same where person is not null
$$;

create function human_of(p_tenant text, p_person text) returns text language sql stable
  return (select min(a) from accounts_of(p_tenant, array[p_person]) a);

-- ── who may do what, and where ──────────────────────────────────────────────────────────────────────────────────────

create function has_role(p_tenant text, p_person text, p_role text, p_environment text) returns boolean
language sql stable
as $$
  select exists (
    select from people p
    where p.tenant = p_tenant and p.person = p_person and p.state = 'active'
      and (p_role = any (p.roles) or exists (
        select from role_grants g where (g.tenant, g.person, g.role, g.environment) = (p_tenant, p_person, p_role, p_environment))))
$$;

drop function authenticate_person(bytea);
create function authenticate_person(p_token_hash bytea)
returns table (tenant text, person text, name text, roles text[], roles_in jsonb)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select p.tenant, p.person, p.name, p.roles, (
    select coalesce(jsonb_agg(jsonb_build_object('role', g.role, 'environment', g.environment) order by g.role, g.environment), '[]')
    from role_grants g where (g.tenant, g.person) = (p.tenant, p.person))
  from person_tokens t join people p using (tenant, person)
  where t.token_hash = p_token_hash and t.revoked_at is null and t.expires_at > now() and p.state = 'active'
$$;

-- ── who may not decide, and how often one counts ────────────────────────────────────────────────────────────────────

-- Who stands behind an agent as it is now: its owner, its maker, and whoever was shown a key of it that is still good.
create function people_behind(p_tenant text, p_agent text) returns text[]
language sql stable
as $$
  select array[g.owner, g.creator] || array(
    select k.issued_by from agent_keys k
    where (k.tenant, k.agent, k.generation) = (g.tenant, g.agent, g.generation) and k.revoked_at is null and k.issued_by is not null)
  from agents g where g.tenant = p_tenant and g.agent = p_agent
$$;

-- The conflict closure, all of it: who stands behind the agent, at the request or now; whom it acts for; and every other account of each of them.
create or replace function conflicted_people(p_tenant text, p_action text) returns setof text
language sql stable
as $$
  select accounts_of(p_tenant, array[a.agent_owner, a.agent_creator, a.on_behalf_of] || people_behind(p_tenant, a.agent))
  from actions a where a.tenant = p_tenant and a.action = p_action
$$;

create or replace view valid_votes with (security_invoker = true) as
select v.tenant, v.request, v.person, v.choice, v.stage, v.cast_at, human_of(v.tenant, v.person) as human
from votes v
join approval_requests r using (tenant, request)
join actions a using (tenant, action)
where v.digest = r.digest
  and has_role(v.tenant, v.person, 'approver', a.environment)
  and stage_entitles(v.tenant, r.stages -> v.stage, r.opened_at, v.person, v.cast_at)
  and v.person not in (select conflicted_people(v.tenant, r.action));
comment on view valid_votes is 'Which votes count, asked again every time: a person who left, lost the role or the group no longer counts.';

-- How many humans approved in a stage. One who approved in several counts in the first of them.
create function approvals_in(p_tenant text, p_request text, p_stage bigint) returns bigint
language sql stable
as $$
  select count(*) from (
    select min(v.stage) as stage from valid_votes v
    where v.tenant = p_tenant and v.request = p_request and v.choice = 'approve'
    group by v.human) h
  where h.stage = p_stage
$$;

create or replace function refused_by_votes(r approval_requests) returns text
language sql stable
as $$
  select case
    when r.request is null or r.state <> 'approved' then 'not_approved'
    when exists (select from valid_votes v where v.tenant = r.tenant and v.request = r.request and v.choice = 'deny') then 'denied_late'
    when exists (
      select from jsonb_array_elements(r.stages) with ordinality s
      where approvals_in(r.tenant, r.request, s.ordinality - 1) >= (s.value ->> 'need')::integer is not true) then 'votes_void'
    -- `is not false`: stages that nobody had to fill have no last vote, and nobody's approval.
    when (clock_timestamp() > (select max(v.cast_at) from votes v where v.tenant = r.tenant and v.request = r.request)
          + make_interval(secs => r.valid_for_ms / 1000.0)) is not false then 'approval_lapsed'
  end
$$;

create or replace function cast_vote(
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
  if not has_role(p_tenant, p_person, 'approver', (select environment from actions where tenant = p_tenant and action = r.action)) then
    return 'not_entitled';
  end if;
  -- Whichever of their accounts it was.
  if exists (select from votes where tenant = p_tenant and request = p_request and choice in (p_choice, 'deny')
             and person in (select accounts_of(p_tenant, array[p_person]))) then
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
      where approvals_in(p_tenant, p_request, o.ordinality - 1) < (o.value ->> 'need')::integer))
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

-- ── changes of people ───────────────────────────────────────────────────────────────────────────────────────────────

-- One after the other: the last admin must not be taken away twice at once, nor the first one made twice.
create function lock_people(p_tenant text) returns void language sql volatile
as $$
  select pg_advisory_xact_lock(hashtextextended('countersign/people/' || p_tenant, 0))
$$;

create function is_last_admin(p_tenant text, p_person text) returns boolean language sql stable
as $$
  select has_role(p_tenant, p_person, 'admin', '*')
     and not exists (select from people where tenant = p_tenant and person <> p_person and state = 'active' and 'admin' = any (roles))
$$;

-- Ids and codes go into the entry; names, addresses and reasons beside it.
create function tell_people(p_tenant text, p_event text, p_entry jsonb, p_body jsonb) returns void
language sql volatile
as $$
  select ledger_write(p_tenant, array['people/' || p_event || '/' || gen_random_uuid()],
    array[canonical_object(jsonb_strip_nulls(p_entry) || jsonb_build_object('event', p_event))],
    array[canonical_object(jsonb_strip_nulls(p_body))])
$$;

-- Any change but the confirmation of an admin. Answers 'done', 'unchanged' or why not. An admin changes nothing in favour of an account of
-- their own: that needs another admin.
create function change_people(p_tenant text, p_actor text, p_reason text, p_change jsonb) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
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
    when v_do in ('revoke_role', 'leave') and coalesce(p_change ->> 'role', 'admin') = 'admin' and is_last_admin(p_tenant, v_person) then 'last_admin'
    when v_do like '%\_role' or v_do = 'propose_admin' then change_role(p_tenant, p_actor, p_change)
    when v_do in ('issue_login', 'revoke_logins') then change_logins(p_tenant, p_actor, p_change)
    when v_do like '%link\_%' or v_do = 'same' then change_links(p_tenant, p_actor, p_change)
    else change_person(p_tenant, p_change)
  end;
  if v_result = 'done' then
    perform tell_people(p_tenant,
      case v_do when 'add' then 'person.added' when 'leave' then 'person.left' when 'grant_role' then 'role.granted' when 'revoke_role' then 'role.revoked'
        when 'propose_admin' then 'admin.proposed' when 'join_group' then 'group.joined' when 'leave_group' then 'group.left'
        when 'issue_login' then 'login.issued' when 'revoke_logins' then 'logins.revoked' when 'same' then 'person.found_same'
        when 'link_slack' then 'identity.linked' when 'link_address' then 'identity.linked' else 'identity.unlinked' end,
      jsonb_build_object('actor', p_actor, 'person', v_person, 'role', p_change -> 'role', 'environment', p_change -> 'environment',
        'group', p_change -> 'group', 'sameAs', p_change -> 'sameAs', 'login', p_change -> 'login',
        'channel', case when v_do like '%link\_%' then split_part(v_do, '_', 2) end),
      jsonb_build_object('reason', p_reason, 'name', p_change -> 'name', 'address', p_change -> 'address',
        'slackTeam', p_change -> 'slackTeam', 'slackUser', p_change -> 'slackUser'));
  end if;
  return v_result;
end $$;

create function change_person(p_tenant text, p_change jsonb) returns text
language plpgsql volatile
as $$
declare v_person text := p_change ->> 'person';
begin
  case p_change ->> 'do'
    when 'add' then
      insert into people (tenant, person, name) values (p_tenant, v_person, p_change ->> 'name') on conflict do nothing;
      -- The same again is a request whose answer was lost.
      if not found then
        return case when exists (select from people where tenant = p_tenant and person = v_person and name = p_change ->> 'name') then 'unchanged' else 'person_exists' end;
      end if;
    when 'leave' then
      update people set state = 'left' where tenant = p_tenant and person = v_person and state = 'active';
      if not found then return 'unchanged'; end if;
      update person_tokens set revoked_at = clock_timestamp() where tenant = p_tenant and person = v_person and revoked_at is null;
    when 'join_group' then
      insert into group_members (tenant, group_name, person) values (p_tenant, p_change ->> 'group', v_person) on conflict do nothing;
      if not found then return 'unchanged'; end if;
    when 'leave_group' then
      delete from group_members where tenant = p_tenant and group_name = p_change ->> 'group' and person = v_person;
      if not found then return 'unchanged'; end if;
  end case;
  return 'done';
end $$;

create function change_role(p_tenant text, p_actor text, p_change jsonb) returns text
language plpgsql volatile
as $$
declare
  v_person text := p_change ->> 'person';
  v_role text := p_change ->> 'role';
  v_environment text := p_change ->> 'environment';
begin
  if p_change ->> 'do' = 'propose_admin' then
    if has_role(p_tenant, v_person, 'admin', '*') then return 'unchanged'; end if;
    insert into admin_proposals as a (tenant, person, proposed_by) values (p_tenant, v_person, p_actor)
    on conflict (tenant, person) do update set proposed_by = excluded.proposed_by, expires_at = excluded.expires_at where a.expires_at <= now();
  elsif p_change ->> 'do' = 'revoke_role' then
    -- Taken away everywhere, it is taken away in each environment too.
    delete from role_grants where tenant = p_tenant and person = v_person and role = v_role and v_environment in ('*', environment);
    if v_environment <> '*' then return case when found then 'done' else 'unchanged' end; end if;
    update people set roles = array_remove(roles, v_role)
    where tenant = p_tenant and person = v_person and (found or v_role = any (roles));
  elsif v_role = 'admin' then return 'second_person_needed';
  elsif v_environment = '*' then
    update people set roles = roles || v_role where tenant = p_tenant and person = v_person and v_role <> all (roles);
  else
    insert into role_grants (tenant, person, role, environment) values (p_tenant, v_person, v_role, v_environment) on conflict do nothing;
  end if;
  return case when found then 'done' else 'unchanged' end;
end $$;

create function change_logins(p_tenant text, p_actor text, p_change jsonb) returns text
language plpgsql volatile
as $$
declare v_person text := p_change ->> 'person';
begin
  if p_change ->> 'do' = 'issue_login' then
    if not exists (select from people where tenant = p_tenant and person = v_person and state = 'active') then return 'not_found'; end if;
    -- Ninety days: a login that nobody renews is one that nobody misses.
    insert into person_tokens (tenant, token_hash, person, issued_by, expires_at)
    values (p_tenant, decode(p_change ->> 'tokenHash', 'hex'), v_person, p_actor,
      clock_timestamp() + least(make_interval(hours => (p_change ->> 'hours')::integer), interval '90 days'));
  else
    update person_tokens set revoked_at = clock_timestamp()
    where tenant = p_tenant and person = v_person and revoked_at is null and coalesce(p_change ->> 'login', login) = login;
  end if;
  return case when found then 'done' else 'unchanged' end;
end $$;

create function change_links(p_tenant text, p_actor text, p_change jsonb) returns text
language plpgsql volatile
as $$
declare
  v_person text := p_change ->> 'person';
  v_address text := p_change ->> 'address';
begin
  case p_change ->> 'do'
    when 'link_slack' then
      insert into slack_identities (tenant, slack_team, slack_user, person, linked_by)
      values (p_tenant, p_change ->> 'slackTeam', p_change ->> 'slackUser', v_person, p_actor) on conflict do nothing;
      if not found then
        return case when exists (select from slack_identities where (tenant, slack_team, slack_user, person)
          = (p_tenant, p_change ->> 'slackTeam', p_change ->> 'slackUser', v_person)) then 'unchanged' else 'identity_taken' end;
      end if;
    when 'unlink_slack' then
      delete from slack_identities where tenant = p_tenant and person = v_person and slack_team = p_change ->> 'slackTeam';
    when 'link_address' then
      if exists (select from person_addresses where tenant = p_tenant and lower(address) = lower(v_address) and person <> v_person) then return 'identity_taken'; end if;
      insert into person_addresses as a (tenant, person, address) values (p_tenant, v_person, v_address)
      on conflict (tenant, person) do update set address = excluded.address, verified_at = now() where a.address <> excluded.address;
    when 'unlink_address' then
      delete from person_addresses where tenant = p_tenant and person = v_person;
    when 'same' then
      if not exists (select from people where tenant = p_tenant and person = p_change ->> 'sameAs') then return 'not_found'; end if;
      -- All accounts of both become one human; it cannot be taken apart again here, for that would bring a vote back.
      update people p set human = h.human
      from (select min(a) as human from accounts_of(p_tenant, array[v_person, p_change ->> 'sameAs']) a) h
      where p.tenant = p_tenant and p.person in (select accounts_of(p_tenant, array[v_person, p_change ->> 'sameAs'])) and p.human is distinct from h.human;
  end case;
  return case when found then 'done' else 'unchanged' end;
end $$;

-- ── admins ──────────────────────────────────────────────────────────────────────────────────────────────────────────

-- The rule of two people, in one place. Whoever confirms is another human than the proposer and the candidate; another admin where there is
-- one, and where the proposer is alone somebody who answers for agents or operates everywhere.
create function may_confirm_admin(p_tenant text, p_proposer text, p_candidate text, p_confirmer text) returns boolean
language sql stable
as $$
  select p_confirmer not in (select accounts_of(p_tenant, array[p_proposer, p_candidate]))
     and has_role(p_tenant, p_proposer, 'admin', '*')
     and case
       when exists (select from people where tenant = p_tenant and state = 'active' and 'admin' = any (roles)
                    and person not in (select accounts_of(p_tenant, array[p_proposer, p_candidate])))
       then has_role(p_tenant, p_confirmer, 'admin', '*')
       else has_role(p_tenant, p_confirmer, 'owner', '*') or has_role(p_tenant, p_confirmer, 'operator', '*')
     end
$$;

create function confirm_admin(p_tenant text, p_actor text, p_reason text, p_person text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare v_proposal admin_proposals;
begin
  perform lock_people(p_tenant);
  if coalesce(trim(p_reason), '') = '' then return 'reason_required'; end if;
  select a.* into v_proposal from admin_proposals a join people p using (tenant, person)
  where a.tenant = p_tenant and a.person = p_person and a.expires_at > now() and p.state = 'active';
  if not found then return case when has_role(p_tenant, p_person, 'admin', '*') then 'unchanged' else 'not_found' end; end if;
  if not may_confirm_admin(p_tenant, v_proposal.proposed_by, p_person, p_actor) then return 'second_person_needed'; end if;
  update people set roles = roles || 'admin'::text where tenant = p_tenant and person = p_person and 'admin' <> all (roles);
  delete from admin_proposals where tenant = p_tenant and person = p_person;
  perform tell_people(p_tenant, 'admin.appointed',
    jsonb_build_object('person', p_person, 'proposedBy', v_proposal.proposed_by, 'actor', p_actor), jsonb_build_object('reason', p_reason));
  return 'done';
end $$;

-- Finds the tenant of a link before a tenant is known, as the functions that authenticate do.
create function find_init_link(p_secret_hash bytea) returns text
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select l.tenant from init_links l where l.secret_hash = p_secret_hash
$$;

-- Once, within its time, and only while nobody is an admin. A refusal is told to the ledger once. Answers {"done": "<person>"} or
-- {"refused": "<code>"}.
create function redeem_init_link(p_tenant text, p_secret_hash bytea, p_token_hash bytea) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  l init_links;
  v_refused text;
  v_link text := left(encode(p_secret_hash, 'hex'), 16);
begin
  perform lock_people(p_tenant);
  select * into l from init_links where tenant = p_tenant and secret_hash = p_secret_hash for update;
  if not found then return jsonb_build_object('refused', 'not_found'); end if;
  v_refused := case
    when exists (select from people where tenant = p_tenant and state = 'active' and 'admin' = any (roles)) then 'init_closed'
    when l.used_at is not null or l.expires_at <= clock_timestamp() then 'init_link_spent'
    -- Whoever left does not come back this way, with the roles of then.
    when exists (select from people where tenant = p_tenant and person = l.person and state = 'left') then 'person_exists'
  end;
  if v_refused is not null then
    perform ledger_write(p_tenant, array['init/' || v_link || '/refused/' || v_refused],
      array[canonical_object(jsonb_build_object('event', 'init.refused', 'code', v_refused, 'link', v_link))], array[null]::text[]);
    return jsonb_build_object('refused', v_refused);
  end if;
  update init_links set used_at = clock_timestamp() where tenant = p_tenant and secret_hash = p_secret_hash;
  insert into people as p (tenant, person, name, roles) values (p_tenant, l.person, l.name, array['admin'])
  on conflict (tenant, person) do update set roles = p.roles || 'admin'::text;
  insert into person_addresses (tenant, person, address) values (p_tenant, l.person, l.address) on conflict do nothing;
  insert into person_tokens (tenant, token_hash, person, expires_at) values (p_tenant, p_token_hash, l.person, clock_timestamp() + interval '30 days');
  perform tell_people(p_tenant, 'admin.appointed', jsonb_build_object('person', l.person, 'link', v_link),
    jsonb_build_object('name', l.name, 'address', l.address));
  return jsonb_build_object('done', l.person);
end $$;

-- ── entries that only a guard writes ────────────────────────────────────────────────────────────────────────────────

create or replace function ledger_append(p_tenant text, p_keys text[], p_entries text[], p_bodies text[]) returns integer
  language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp
as $$
begin
  if exists (select from unnest(p_keys) k where k ~ '^(vote|fence|quarantine|people|init)/|^effect/.*/begun$') then
    raise exception 'ledger_append: such an entry is written by its guard alone' using errcode = 'insufficient_privilege';
  end if;
  return ledger_write(p_tenant, p_keys, p_entries, p_bodies);
end
$$;

-- ── who may call it ─────────────────────────────────────────────────────────────────────────────────────────────────

grant select on role_grants to countersign_gateway, countersign_worker, countersign_loops, countersign_auditor, countersign_guard;
grant select on admin_proposals to countersign_gateway, countersign_auditor, countersign_guard;
grant select on role_grants, init_links to countersign_identity;
grant select (tenant, agent, generation, issued_by, revoked_at) on agent_keys
  to countersign_gateway, countersign_worker, countersign_loops, countersign_auditor, countersign_guard;
grant select (tenant, person, login, issued_at, issued_by, expires_at, revoked_at) on person_tokens to countersign_gateway, countersign_guard;

grant select on account_links to countersign_guard;
grant insert on people, person_tokens, group_members to countersign_guard;
grant update (state, roles, human) on people to countersign_guard;
grant update (revoked_at) on person_tokens to countersign_guard;
grant delete on group_members to countersign_guard;
grant insert, update, delete on person_addresses to countersign_guard;
grant delete on slack_identities to countersign_guard;
grant insert, delete on role_grants to countersign_guard;
grant insert, update, delete on admin_proposals to countersign_guard;
grant select on init_links to countersign_guard;
grant update (used_at) on init_links to countersign_guard;

grant create on schema public to countersign_guard, countersign_identity;
alter function authenticate_person(bytea) owner to countersign_identity;
alter function find_init_link(bytea) owner to countersign_identity;
alter function accounts_of(text, text[]) owner to countersign_guard;
alter function change_people(text, text, text, jsonb) owner to countersign_guard;
alter function confirm_admin(text, text, text, text) owner to countersign_guard;
alter function redeem_init_link(text, bytea, bytea) owner to countersign_guard;
revoke create on schema public from countersign_guard, countersign_identity;

revoke execute on function authenticate_person(bytea), find_init_link(bytea), change_people(text, text, text, jsonb), confirm_admin(text, text, text, text),
  redeem_init_link(text, bytea, bytea), accounts_of(text, text[]) from public;
grant execute on function authenticate_person(bytea), find_init_link(bytea), change_people(text, text, text, jsonb), confirm_admin(text, text, text, text),
  redeem_init_link(text, bytea, bytea) to countersign_gateway;
grant execute on function accounts_of(text, text[])
  to countersign_gateway, countersign_worker, countersign_loops, countersign_auditor, countersign_guard;
