-- Whoever reviews agents holds their rows, and then ends the keys of those that nobody uses. Whoever changed a key at that moment held its row and
-- waited for the agent, or for the ledger, that the review had: one of the two was hung up on. The agent before its keys now, as everywhere; what
-- is being changed is looked at by the next round.
create or replace function rotate_agent_credential(p_tenant text, p_agent text, p_kid text, p_next_kid text, p_next_x text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  c agent_credentials;
  n agent_credentials;
  a agents;
  v_result jsonb;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent for share;
  select * into c from agent_credentials where tenant = p_tenant and kid = p_kid and agent = p_agent for no key update;
  if not found or not is_good(c) then return jsonb_build_object('refused', 'unauthenticated'); end if;
  if a.generation is distinct from c.generation or not may_hold_credentials(a.state) then return jsonb_build_object('refused', 'agent_not_active'); end if;
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

create or replace function require_rotation(p_tenant text, p_actor text, p_agent text, p_reason text) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare a agents;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent for share;
  if not found then return 'not_found'; end if;
  if not (operates(p_tenant, p_actor, a.environment) or p_actor = a.owner) then return 'forbidden'; end if;
  if coalesce(trim(p_reason), '') = '' then return 'reason_required'; end if;
  update agent_credentials c set rotation_required_at = clock_timestamp()
  where c.tenant = p_tenant and c.agent = p_agent and c.replaced_by is null and is_good(c);
  if not found then return 'not_found'; end if;
  perform tell_life(p_tenant, p_agent, 'agent.rotation_required', jsonb_build_object('generation', a.generation, 'actor', p_actor), p_reason, false);
  return 'done';
end $$;

create or replace function revoke_agent_credential(p_tenant text, p_actor text, p_agent text, p_kid text, p_reason text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  a agents;
  v_rows bigint;
  v_ended text[];
  v_keys text[] := '{}';
  v_refused text;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent for share;
  v_refused := case
    when a.agent is null then 'not_found'
    when not (operates(p_tenant, p_actor, a.environment) or p_actor = a.owner) then 'forbidden'
    when coalesce(trim(p_reason), '') = '' then 'reason_required'
  end;
  if v_refused is not null then return jsonb_build_object('refused', v_refused); end if;
  loop
    -- Whoever registers the next key holds the row of the one before: that is waited for, and the next turn finds what they registered. Hence also
    -- rows of keys that are over; they are not told of.
    with ended as (
      update agent_credentials c set revoked_at = clock_timestamp()
      where c.tenant = p_tenant and c.kid in (select successors_of(p_tenant, p_agent, p_kid)) and c.revoked_at is null
      returning c.kid, c.registered_at, c.not_after > clock_timestamp() as was_good)
    select count(*), coalesce(array_agg(kid order by registered_at) filter (where was_good), '{}') into v_rows, v_ended from ended;
    exit when v_rows = 0;
    v_keys := v_keys || v_ended;
  end loop;
  if v_keys = '{}' then return jsonb_build_object('refused', 'not_found'); end if;
  perform tell_life(p_tenant, p_agent, 'agent.key_revoked', jsonb_build_object('generation', a.generation, 'actor', p_actor,
    'named', p_kid, 'keys', array_to_string(v_keys, ' ')), p_reason, true);
  return jsonb_build_object('ended', to_jsonb(v_keys));
end $$;
