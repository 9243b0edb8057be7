-- Agents hold a key pair, and act with tokens that live for minutes. What is stolen ends by itself; what is known to be stolen ends at once.

create table agent_enrolments (
  tenant text not null,
  secret_hash bytea not null unique check (length(secret_hash) = 32),
  agent text not null,
  generation integer not null,
  life interval not null default interval '24 hours' check (life > interval '0' and life <= interval '7 days'),
  issued_by text not null,
  expires_at timestamptz not null default clock_timestamp() + interval '15 minutes',
  used_at timestamptz,
  used_for text,
  primary key (tenant, secret_hash),
  foreign key (tenant, agent) references agents,
  foreign key (tenant, issued_by) references people,
  check ((used_at is null) = (used_for is null))
);
comment on table agent_enrolments is 'Secrets by which an agent registers its first key: one key each, within a quarter of an hour, for the generation it was made for.';
comment on column agent_enrolments.life is 'Of the credential. A week at most: by then somebody has looked at a machine that stopped renewing it.';

create table agent_credentials (
  tenant text not null,
  kid text not null unique check (kid ~ '^[A-Za-z0-9_-]{43}$'),
  agent text not null,
  generation integer not null,
  x text not null check (x ~ '^[A-Za-z0-9_-]{43}$'),
  registered_by text not null check (registered_by in ('enrolment', 'rotation')),
  issued_by text not null,
  life interval not null check (life > interval '0' and life <= interval '7 days'),
  registered_at timestamptz not null default clock_timestamp(),
  not_after timestamptz not null,
  rotation_required_at timestamptz,
  replaced_by text,
  revoked_at timestamptz,
  primary key (tenant, kid),
  foreign key (tenant, agent) references agents,
  foreign key (tenant, replaced_by) references agent_credentials (tenant, kid)
);
create index agent_credentials_of on agent_credentials (tenant, agent, generation);
comment on table agent_credentials is 'Public keys of agents (Ed25519), by thumbprint (RFC 7638). It is good from when it is registered.';
comment on column agent_credentials.issued_by is 'Whoever was shown the secret of the enrolment that this goes back to: they could act as the agent, and never decide on what it asks.';
comment on column agent_credentials.replaced_by is 'One key has one successor: a thief who registers the next one is found out when the agent cannot.';

create table agent_assertions (
  tenant text not null,
  kid text not null,
  jti text not null check (length(jti) between 16 and 64),
  expires_at timestamptz not null,
  primary key (tenant, kid, jti),
  foreign key (tenant, kid) references agent_credentials
);
comment on table agent_assertions is 'What was exchanged for a token, so that it is not exchanged again.';

do $$
declare t text;
begin
  foreach t in array array['agent_enrolments', 'agent_credentials', 'agent_assertions']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy own_tenant on %I using (tenant = current_setting(''app.tenant'', true)) with check (tenant = current_setting(''app.tenant'', true))', t);
  end loop;
end $$;

create function is_good(c agent_credentials) returns boolean language sql stable
  return c.revoked_at is null and c.not_after > clock_timestamp();

-- ── who is it ───────────────────────────────────────────────────────────────────────────────────────────────────────

-- Of a token whose signature holds. A credential that was ended, or whose generation has, is nobody's any more, however long its tokens say they live.
create function authenticate_token(p_tenant text, p_agent text, p_generation integer, p_kid text) returns table (tenant text, agent text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select c.tenant, c.agent
  from agent_credentials c join agents a on (a.tenant, a.agent, a.generation) = (c.tenant, c.agent, c.generation)
  where c.tenant = p_tenant and c.kid = p_kid and c.agent = p_agent and c.generation = p_generation and is_good(c)
    and a.state not in ('offboarding', 'offboarded')
$$;

create function find_agent_credential(p_kid text) returns table (tenant text, agent text, generation integer, x text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select c.tenant, c.agent, c.generation, c.x
  from agent_credentials c join agents a on (a.tenant, a.agent, a.generation) = (c.tenant, c.agent, c.generation)
  where c.kid = p_kid and is_good(c)
$$;

create function find_agent_enrolment(p_secret_hash bytea) returns text
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select e.tenant from agent_enrolments e where e.secret_hash = p_secret_hash
$$;

-- ── registering keys ────────────────────────────────────────────────────────────────────────────────────────────────

create function may_hold_credentials(p_state text) returns boolean language sql immutable
  return p_state in ('active', 'throttled', 'read_only', 'ask_always', 'paused');

create function issue_agent_enrolment(p_tenant text, p_actor text, p_agent text, p_secret_hash bytea, p_life interval) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare a agents;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent for share;
  if not found then return 'not_found'; end if;
  if not exists (select from people where tenant = p_tenant and person = p_actor and state = 'active')
     or not (operates(p_tenant, p_actor, a.environment) or p_actor = a.owner) then return 'forbidden'; end if;
  if not may_hold_credentials(a.state) then return 'agent_state_forbids'; end if;
  insert into agent_enrolments (tenant, secret_hash, agent, generation, life, issued_by)
  values (p_tenant, p_secret_hash, p_agent, a.generation, p_life, p_actor);
  perform tell_life(p_tenant, p_agent, 'agent.enrolment_issued', jsonb_build_object('generation', a.generation, 'actor', p_actor), null, false);
  return 'done';
end $$;

create function credential_json(c agent_credentials) returns jsonb language sql stable
  return jsonb_build_object('tenant', c.tenant, 'agent', c.agent, 'generation', c.generation, 'kid', c.kid,
    'registeredAt', iso_time(c.registered_at), 'notAfter', iso_time(c.not_after), 'rotate', c.rotation_required_at is not null and c.replaced_by is null);

create function register_credential(p_tenant text, p_agent text, p_generation integer, p_kid text, p_x text, p_how text, p_issued_by text, p_life interval)
returns jsonb
language plpgsql volatile
as $$
declare c agent_credentials;
begin
  insert into agent_credentials (tenant, kid, agent, generation, x, registered_by, issued_by, life, not_after)
  values (p_tenant, p_kid, p_agent, p_generation, p_x, p_how, p_issued_by, p_life, clock_timestamp() + p_life)
  on conflict do nothing returning * into c;
  if not found then return jsonb_build_object('refused', 'key_taken'); end if;
  perform tell_life(p_tenant, p_agent, 'agent.key_registered', jsonb_build_object('generation', p_generation, 'key', p_kid, 'by', p_how,
    'issuedBy', p_issued_by, 'until', iso_time(c.not_after)), null, false);
  return jsonb_build_object('done', credential_json(c));
end $$;

-- One secret, one key. Asked again for the same key, it answers as before: the first answer may have been lost.
create function enrol_agent(p_tenant text, p_secret_hash bytea, p_kid text, p_x text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  e agent_enrolments;
  a agents;
  c agent_credentials;
  v_result jsonb;
begin
  select * into e from agent_enrolments where tenant = p_tenant and secret_hash = p_secret_hash for update;
  if not found then return jsonb_build_object('refused', 'not_found'); end if;
  if e.expires_at <= clock_timestamp() or e.used_for <> p_kid then return jsonb_build_object('refused', 'enrolment_closed'); end if;
  select * into a from agents where tenant = p_tenant and agent = e.agent and generation = e.generation for share;
  if not found then return jsonb_build_object('refused', 'enrolment_closed'); end if;
  if not may_hold_credentials(a.state) then return jsonb_build_object('refused', 'agent_not_active'); end if;
  if e.used_at is not null then
    select * into c from agent_credentials where tenant = p_tenant and kid = p_kid;
    return case when is_good(c) then jsonb_build_object('done', credential_json(c)) else jsonb_build_object('refused', 'enrolment_closed') end;
  end if;
  v_result := register_credential(p_tenant, e.agent, e.generation, p_kid, p_x, 'enrolment', e.issued_by, e.life);
  if v_result ? 'done' then
    update agent_enrolments set used_at = clock_timestamp(), used_for = p_kid where tenant = p_tenant and secret_hash = p_secret_hash;
  end if;
  return v_result;
end $$;

-- The next key, by the one before it, which goes on for an hour at most: what is under way with it ends well within that.
create function rotate_agent_credential(p_tenant text, p_agent text, p_kid text, p_next_kid text, p_next_x text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  c agent_credentials;
  n agent_credentials;
  a agents;
  v_result jsonb;
begin
  select * into c from agent_credentials where tenant = p_tenant and kid = p_kid and agent = p_agent for no key update;
  if not found or not is_good(c) then return jsonb_build_object('refused', 'unauthenticated'); end if;
  select * into a from agents where tenant = p_tenant and agent = p_agent and generation = c.generation for share;
  if not found or not may_hold_credentials(a.state) then return jsonb_build_object('refused', 'agent_not_active'); end if;
  if c.replaced_by is not null then
    select * into n from agent_credentials where tenant = p_tenant and kid = c.replaced_by;
    return case when n.kid = p_next_kid and is_good(n) then jsonb_build_object('done', credential_json(n))
      else jsonb_build_object('refused', 'key_replaced') end;
  end if;
  v_result := register_credential(p_tenant, p_agent, c.generation, p_next_kid, p_next_x, 'rotation', c.issued_by, c.life);
  if v_result ? 'done' then
    update agent_credentials set replaced_by = p_next_kid, not_after = least(not_after, clock_timestamp() + interval '1 hour')
    where tenant = p_tenant and kid = p_kid;
  end if;
  return v_result;
end $$;

-- ── a token for an assertion ────────────────────────────────────────────────────────────────────────────────────────

-- The caller has checked the signature. Whoever runs something else than was registered is stopped here, and gets none; one that runs an earlier
-- version of its own, as while a new one is rolled out, just gets none.
create function redeem_assertion(p_tenant text, p_kid text, p_jti text, p_expires_at timestamptz, p_config_digest text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '7s'
as $$
declare
  c agent_credentials;
  a agents;
  v_digest text;
begin
  insert into agent_assertions (tenant, kid, jti, expires_at)
  select p_tenant, p_kid, p_jti, p_expires_at from agent_credentials where tenant = p_tenant and kid = p_kid
  on conflict do nothing;
  if not found then return jsonb_build_object('refused', 'unauthenticated'); end if;
  select * into c from agent_credentials where tenant = p_tenant and kid = p_kid;
  select * into a from agents where tenant = p_tenant and agent = c.agent and generation = c.generation;
  if not found or not is_good(c) then return jsonb_build_object('refused', 'unauthenticated'); end if;
  if not may_hold_credentials(a.state) then return jsonb_build_object('refused', 'agent_not_active'); end if;
  select digest into v_digest from agent_versions
  where tenant = p_tenant and agent = a.agent and generation = a.generation and version = a.version;
  if v_digest is null or v_digest = p_config_digest then return jsonb_build_object('done', credential_json(c)); end if;
  if p_config_digest is not null and not exists (
       select from agent_versions where tenant = p_tenant and agent = a.agent and generation = a.generation and digest = p_config_digest) then
    -- The gate before the row, as everywhere: nothing of the agent begins meanwhile.
    perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
    update agents set state = 'quarantined', state_since = clock_timestamp()
    where tenant = p_tenant and agent = a.agent and generation = a.generation and next_agent_state(state, 'quarantine') is not null;
    if found then
      perform write_or_owe(p_tenant, 'quarantine/' || a.agent || '/' || a.generation || '/config/' || gen_random_uuid(),
        jsonb_build_object('agent', a.agent, 'cause', 'config_drift', 'event', 'agent.quarantined', 'generation', a.generation,
          'key', p_kid, 'registered', v_digest, 'runs', p_config_digest), null);
    end if;
  end if;
  return jsonb_build_object('refused', 'config_drift');
end $$;

-- ── ending and asking for another ───────────────────────────────────────────────────────────────────────────────────

-- Ends one, or all where none is named, whether or not the ledger can be told now.
create function revoke_agent_credential(p_tenant text, p_actor text, p_agent text, p_kid text, p_reason text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  a agents;
  v_keys text[];
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent;
  if not found then return 'not_found'; end if;
  if not (operates(p_tenant, p_actor, a.environment) or p_actor = a.owner) then return 'forbidden'; end if;
  if coalesce(trim(p_reason), '') = '' then return 'reason_required'; end if;
  with ended as (
    update agent_credentials c set revoked_at = clock_timestamp()
    where c.tenant = p_tenant and c.agent = p_agent and (p_kid is null or c.kid = p_kid) and is_good(c) returning c.kid)
  select array_agg(kid order by kid) into v_keys from ended;
  if v_keys is null then return 'not_found'; end if;
  perform tell_life(p_tenant, p_agent, 'agent.key_revoked', jsonb_build_object('generation', a.generation, 'actor', p_actor,
    'keys', array_to_string(v_keys, ' ')), p_reason, true);
  return 'done';
end $$;

-- The agent is told with its next token, and registers another key by itself.
create function require_rotation(p_tenant text, p_actor text, p_agent text, p_reason text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare a agents;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent;
  if not found then return 'not_found'; end if;
  if not (operates(p_tenant, p_actor, a.environment) or p_actor = a.owner) then return 'forbidden'; end if;
  if coalesce(trim(p_reason), '') = '' then return 'reason_required'; end if;
  update agent_credentials c set rotation_required_at = clock_timestamp()
  where c.tenant = p_tenant and c.agent = p_agent and c.replaced_by is null and is_good(c);
  if not found then return 'not_found'; end if;
  perform tell_life(p_tenant, p_agent, 'agent.rotation_required', jsonb_build_object('generation', a.generation, 'actor', p_actor), p_reason, false);
  return 'done';
end $$;

-- ── what was there before, and now knows credentials ────────────────────────────────────────────────────────────────

create or replace function people_behind(p_tenant text, p_agent text) returns text[]
language sql stable
as $$
  select array[g.owner, g.creator] || array(
    select k.issued_by from agent_keys k
    where (k.tenant, k.agent, k.generation) = (g.tenant, g.agent, g.generation) and k.revoked_at is null and k.issued_by is not null
    union
    select c.issued_by from agent_credentials c
    where (c.tenant, c.agent, c.generation) = (g.tenant, g.agent, g.generation) and c.revoked_at is null and c.not_after > clock_timestamp())
  from agents g where g.tenant = p_tenant and g.agent = p_agent
$$;

create or replace function cut_off_agent(p_tenant text, p_agent text, p_generation integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_keys integer;
  v_credentials integer;
begin
  if not exists (select from agents where tenant = p_tenant and agent = p_agent and generation = p_generation and state = 'offboarding') then return 0; end if;
  update agent_keys set revoked_at = clock_timestamp()
  where tenant = p_tenant and agent = p_agent and generation = p_generation and revoked_at is null;
  get diagnostics v_keys = row_count;
  update agent_credentials set revoked_at = clock_timestamp()
  where tenant = p_tenant and agent = p_agent and generation = p_generation and revoked_at is null;
  get diagnostics v_credentials = row_count;
  v_keys := v_keys + v_credentials;
  if v_keys > 0 then
    perform tell_life(p_tenant, p_agent, 'agent.cut_off', jsonb_build_object('generation', p_generation, 'keys', v_keys), null, true);
  end if;
  return v_keys;
end $$;

create or replace function left_of_agent(p_tenant text, p_agent text, p_generation integer)
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
    union
    select 'key', 'keys', 'good' from agent_credentials c
    where c.tenant = p_tenant and c.agent = p_agent and c.generation = p_generation and c.revoked_at is null
  )
  select f.kind, f.subject, f.state from found f
  where not exists (select from offboarding_exceptions e where (e.tenant, e.agent, e.generation, e.subject) = (p_tenant, p_agent, p_generation, f.subject))
$$;

-- Keys without a token's short life are for development, whether or not they end one day.
create or replace function production_problems() returns text[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select array_remove(array[
    case when (select rolsuper from pg_roles where rolname = session_user) then 'superuser' end,
    case when exists (select from people where demo and state = 'active') then 'demo_people' end,
    case when exists (
      select from agent_keys k join agents a on (a.tenant, a.agent, a.generation) = (k.tenant, k.agent, k.generation)
      where k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp())) then 'static_agent_keys' end], null)
$$;

grant select on agent_credentials to countersign_gateway, countersign_worker, countersign_loops, countersign_auditor, countersign_guard, countersign_identity;
grant insert, update (not_after, rotation_required_at, replaced_by, revoked_at) on agent_credentials to countersign_guard;
grant select, insert, update (used_at, used_for) on agent_enrolments to countersign_guard;
grant select on agent_enrolments to countersign_identity;
grant select, insert on agent_assertions to countersign_guard;
grant select (expires_at), delete on agent_enrolments, agent_assertions to countersign_loops;

do $$
declare f record;
begin
  grant create on schema public to countersign_guard, countersign_identity;
  for f in select p.oid::regprocedure as name, p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace
    and p.proname in ('issue_agent_enrolment', 'enrol_agent', 'rotate_agent_credential', 'redeem_assertion', 'revoke_agent_credential',
      'require_rotation', 'authenticate_token', 'find_agent_credential', 'find_agent_enrolment')
  loop
    execute format('alter function %s owner to %I', f.name, case
      when f.proname in ('authenticate_token', 'find_agent_credential', 'find_agent_enrolment') then 'countersign_identity' else 'countersign_guard' end);
    execute format('revoke execute on function %s from public', f.name);
    -- The other three are people's: the gateway calls them for whom it knows, and the owner of the database for whom they name.
    execute format('grant execute on function %s to countersign_gateway, countersign_owner', f.name);
  end loop;
  revoke create on schema public from countersign_guard, countersign_identity;
end $$;
