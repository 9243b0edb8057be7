-- A token of before a stop is none after it, even where the stop was lifted meanwhile: whoever has the token alone does not get another.

alter table agents add column times_stopped integer not null default 0;
comment on column agents.times_stopped is 'How often the agent was paused, quarantined or taken out of service, whoever did it.';

create function count_agent_stop() returns trigger language plpgsql as $$
begin
  new.times_stopped := old.times_stopped + 1;
  return new;
end $$;
create trigger count_agent_stop before update of state on agents for each row
  when (new.state <> old.state and new.state in ('paused', 'quarantined', 'offboarding')) execute function count_agent_stop();

-- Grows with each of those stops, and with each move of a fence that the agent is behind. None of these counts ever gets smaller, so the same sum is the same moment.
create function epoch_of(a agents) returns bigint language sql stable
  return a.times_stopped + (
    select coalesce(sum(f.epoch), 0)::bigint from fences f
    where (f.tenant = '*' and f.scope = 'global') or (f.tenant = a.tenant and f.scope in ('tenant', 'agent:' || a.agent, 'team:' || a.team)));

drop function authenticate_token(text, text, integer, text);
-- Of a token whose signature holds. A credential that was ended, or whose generation has, is nobody's any more, however long its tokens say they live.
create function authenticate_token(p_tenant text, p_agent text, p_generation integer, p_epoch bigint, p_kid text) returns table (tenant text, agent text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select c.tenant, c.agent
  from agent_credentials c join agents a on (a.tenant, a.agent, a.generation) = (c.tenant, c.agent, c.generation)
  where c.tenant = p_tenant and c.kid = p_kid and c.agent = p_agent and c.generation = p_generation and is_good(c)
    and a.state not in ('offboarding', 'offboarded') and epoch_of(a) = p_epoch
$$;

create or replace function redeem_assertion(p_tenant text, p_kid text, p_jti text, p_expires_at timestamptz, p_config_digest text) returns jsonb
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
  if v_digest is null or v_digest = p_config_digest then
    return jsonb_build_object('done', credential_json(c) || jsonb_build_object('epoch', epoch_of(a)));
  end if;
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

grant create on schema public to countersign_identity;
alter function authenticate_token(text, text, integer, bigint, text) owner to countersign_identity;
revoke create on schema public from countersign_identity;
revoke execute on function authenticate_token(text, text, integer, bigint, text) from public;
grant execute on function authenticate_token(text, text, integer, bigint, text) to countersign_gateway, countersign_owner;
