-- Each cause for which an agent is in quarantine counts, and not the first alone: who agreed on one has not agreed on the others. And who ends a key
-- ends what was registered under it: whoever had that key may have registered the next one.

alter table agents add column quarantined_for text[] not null default '{}';
comment on column agents.quarantined_for is 'Digests of the causes of its quarantine, the last one if it is over: what comes again and again is told once. Empty where it was made before they were kept.';
grant update (quarantined_for) on agents to countersign_guard;

-- A digest: a person's words stand where they can be erased.
create function quarantine_cause(p_source text, p_reason text) returns text language sql immutable
  return encode(sha256(convert_to(p_source || chr(10) || coalesce(p_reason, ''), 'UTF8')), 'hex');

-- False: it is in quarantine for that already, or is nothing that can be. The caller holds the tenant's gate alone, and tells the ledger.
create function quarantine_for(p_tenant text, p_agent text, p_generation integer, p_source text, p_reason text) returns boolean
language plpgsql volatile
as $$
declare v_cause text := quarantine_cause(p_source, p_reason);
begin
  update agents set state = 'quarantined', state_since = clock_timestamp(), quarantined_for = '{}'
  where tenant = p_tenant and agent = p_agent and generation = p_generation and next_agent_state(state, 'quarantine') is not null;
  -- The last hundred: so many different ones come from people alone, whose words are told in any case, and a row is no log.
  update agents set quarantined_for = (quarantined_for || v_cause)[greatest(cardinality(quarantined_for) - 98, 1):]
  where tenant = p_tenant and agent = p_agent and generation = p_generation and state = 'quarantined' and not v_cause = any (quarantined_for);
  if not found then return false; end if;
  -- What was proposed knew nothing of this cause.
  update proposals set state = 'expired', decided_at = clock_timestamp()
  where tenant = p_tenant and verb = 'resume' and subject = p_agent || '/' || p_generation and state = 'open';
  return true;
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
  if p_event = 'quarantine' and quarantine_for(p_tenant, p_agent, p_generation, p_actor, p_reason) then
    v_next := 'quarantined';
  elsif v_next is null then
    return case when a.state = case p_event when 'throttle' then 'throttled' when 'restrict' then 'read_only' when 'ask_always' then 'ask_always'
      when 'pause' then 'paused' when 'quarantine' then 'quarantined' when 'resume' then 'active' when 'offboard' then 'offboarding' end
      then 'unchanged' else 'agent_state_forbids' end;
  else
    update agents set state = v_next, state_since = clock_timestamp() where tenant = p_tenant and agent = p_agent;
  end if;
  -- What was held back looks again. Before the ledger: an action that is being settled is held by whoever waits for that.
  insert into outbox (tenant, kind, action)
  select p_tenant, 'wake', w.action from actions w
  where w.tenant = p_tenant and w.settled_at is null and w.agent in (select b.agent from born_of(p_tenant, p_agent) b union select p_agent);
  perform tell_life(p_tenant, p_agent, 'agent.moved', jsonb_build_object('generation', a.generation, 'actor', p_actor, 'by', p_event,
    'from', a.state, 'to', v_next), p_reason, p_event not in ('approve', 'resume'));
  return 'done';
end $$;

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
  if not found or not quarantine_for(p_tenant, p_agent, p_generation, 'report', v_cause) then return false; end if;
  perform write_or_owe(p_tenant, 'quarantine/' || p_agent || '/' || p_generation || '/' || p_stream || '/' || p_seq,
    jsonb_build_object('agent', p_agent, 'cause', v_cause, 'event', 'agent.quarantined', 'generation', p_generation, 'seq', p_seq, 'stream', p_stream), null);
  return true;
end $$;

-- As before, but that what an agent in quarantine runs is looked at, too.
create or replace function redeem_assertion(p_tenant text, p_kid text, p_jti text, p_expires_at timestamptz, p_config_digest text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '7s'
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
  -- That it is known is asked before the gate: whoever is in quarantine for it asks again every few seconds, and effects of others would wait.
  if not may_hold_credentials(a.state)
     and (a.state <> 'quarantined' or quarantine_cause('config', 'drift') = any (a.quarantined_for)) then
    return jsonb_build_object('refused', 'agent_not_active');
  end if;
  select digest into v_digest from agent_versions
  where tenant = p_tenant and agent = a.agent and generation = a.generation and version = a.version;
  if (v_digest is null or v_digest = p_config_digest) and may_hold_credentials(a.state) then
    return jsonb_build_object('done', credential_json(c) || jsonb_build_object('epoch', epoch_of(a)));
  end if;
  if v_digest is not null and p_config_digest is not null and not exists (
       select from agent_versions where tenant = p_tenant and agent = a.agent and generation = a.generation and digest = p_config_digest) then
    -- The gate before the row, as everywhere: nothing of the agent begins meanwhile.
    perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
    if quarantine_for(p_tenant, a.agent, a.generation, 'config', 'drift') then
      perform write_or_owe(p_tenant, 'quarantine/' || a.agent || '/' || a.generation || '/config/' || gen_random_uuid(),
        jsonb_build_object('agent', a.agent, 'cause', 'config_drift', 'event', 'agent.quarantined', 'generation', a.generation,
          'key', p_kid, 'registered', v_digest, 'runs', p_config_digest), null);
    end if;
  end if;
  return jsonb_build_object('refused', case when may_hold_credentials(a.state) then 'config_drift' else 'agent_not_active' end);
end $$;

-- As before, but that a review which nobody answered is a cause of its own.
create or replace function count_review(w agent_reviews, a agents, p_due text, p_periods jsonb, p_watched interval) returns void
language plpgsql volatile
as $$
declare
  v_next text := case p_due when 'open' then 'due' when 'restrict' then 'restricted' else 'lapsed' end;
  v_due timestamptz := case p_due
    when 'open' then greatest(clock_timestamp() + interval '14 days', w.confirmed_at
      + make_interval(days => greatest((p_periods -> 'reviewDays' ->> coalesce(a.risk_tier, 'critical'))::integer, 28)))
    when 'restrict' then clock_timestamp() + interval '14 days' end;
begin
  if p_due = 'lapse' then
    perform shift_agent(a.tenant, a.agent, a.generation, 'quarantine', 'countersign', 'not reviewed');
  elsif p_due = 'restrict' and a.state <> 'read_only' and next_agent_state(a.state, 'ask_always') is not null then
    perform shift_agent(a.tenant, a.agent, a.generation, 'ask_always', 'countersign', 'not reviewed');
  end if;
  if w.stage = v_next then return; end if;
  update agent_reviews set stage = v_next, stage_watched = p_watched, due_at = v_due where tenant = a.tenant and agent = a.agent;
  perform tell_life(a.tenant, a.agent, case p_due when 'open' then 'agent.review_opened' else 'agent.review_lapsed' end,
    jsonb_build_object('generation', a.generation, 'actor', 'countersign', 'owner', a.owner, 'stage', v_next, 'rights', rights_digest(a),
      'due', iso_time(v_due)), null, p_due <> 'open');
  insert into agent_notes (tenant, agent, person, kind) values (a.tenant, a.agent, a.owner, 'review_' || v_next);
end $$;

-- ── keys and their successors ───────────────────────────────────────────────────────────────────────────────────────────────

-- A key and its successors: what was registered under it by rotation, and under that. All of an agent where none is named.
create function successors_of(p_tenant text, p_agent text, p_kid text) returns setof text language sql stable
as $$
  with recursive found (kid, replaced_by) as (
    select c.kid, c.replaced_by from agent_credentials c
    where c.tenant = p_tenant and c.agent = p_agent and (p_kid is null or c.kid = p_kid)
    union
    select c.kid, c.replaced_by from found f join agent_credentials c on (c.tenant, c.kid) = (p_tenant, f.replaced_by))
  select kid from found
$$;

drop function revoke_agent_credential(text, text, text, text, text);
-- Ends one with its successors, or all where none is named, whether or not the ledger can be told now. Also successors of a key that is over or ended
-- already: what was registered under it may be a thief's. Whether it is nobody can tell, so an agent that rotated in order is out too, until it enrols again.
create function revoke_agent_credential(p_tenant text, p_actor text, p_agent text, p_kid text, p_reason text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  a agents;
  v_rows bigint;
  v_ended text[];
  v_keys text[] := '{}';
  v_refused text;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent;
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

do $$
begin
  grant create on schema public to countersign_guard;
  alter function revoke_agent_credential(text, text, text, text, text) owner to countersign_guard;
  revoke execute on function revoke_agent_credential(text, text, text, text, text) from public;
  grant execute on function revoke_agent_credential(text, text, text, text, text) to countersign_gateway, countersign_owner;
  revoke create on schema public from countersign_guard;
end $$;
