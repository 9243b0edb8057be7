-- A stop of an action type that nobody can ask for stops nothing, and whoever gave it would think that it did.

-- In the catalogue in force, or of something that is open: a catalogue may have dropped the type of what waits.
create function knows_type(p_tenant text, p_type text) returns boolean language sql stable set search_path = pg_catalog, public, pg_temp
  return coalesce((select signed::jsonb #> '{content,catalogue,actionTypes}' ? p_type from bundles order by version desc limit 1), false)
    or exists (select from actions where tenant = p_tenant and type = p_type and settled_at is null);

create or replace function stop_scope(p_tenant text, p_actor text, p_scope text, p_reason text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '7s'
as $$
declare
  v_agent agents;
  v_refused text;
begin
  select * into v_agent from agents where tenant = p_tenant and 'agent:' || agent = p_scope;
  v_refused := case
    when p_scope = 'global' then 'forbidden'
    when p_scope like 'agent:%' and v_agent.agent is null then 'not_found'
    -- A name that nobody bears stops nothing, and whoever gave it would think that it did.
    when p_scope like 'team:%' and not exists (select from agents where tenant = p_tenant and 'team:' || team = p_scope) then 'not_found'
    when p_scope like 'action-type:%' and not knows_type(p_tenant, substr(p_scope, 13)) then 'not_found'
    when p_scope !~ '^(tenant|team:[a-z0-9-]{1,63}|agent:[a-z0-9-]{1,63}|action-type:[a-z][a-z0-9_.]{0,127})$' then 'not_found'
    when not (operates(p_tenant, p_actor, '*')
      or v_agent.agent is not null and (operates(p_tenant, p_actor, v_agent.environment) or p_actor = v_agent.owner)) then 'forbidden'
    when coalesce(trim(p_reason), '') = '' then 'reason_required'
  end;
  if v_refused is not null then return jsonb_build_object('refused', v_refused); end if;
  return jsonb_build_object('epoch', move_fence(p_tenant, p_scope, true, p_reason, p_actor));
end $$;

-- The first stop of a scope is as old as its row, and not as the transaction that waited to write it: what began meanwhile began before.
create or replace function move_fence(p_tenant text, p_scope text, p_closed boolean, p_reason text, p_actor text) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '7s'
as $$
declare
  v_epoch bigint;
  v_key text;
  v_entry jsonb;
begin
  perform pg_advisory_xact_lock(7001, case when p_scope = 'global' then 0 else hashtext(p_tenant) end);
  insert into fences as f (tenant, scope, closed, reason, actor, moved_at)
  values (case when p_scope = 'global' then '*' else p_tenant end, p_scope, p_closed, p_reason, p_actor, clock_timestamp())
  on conflict (tenant, scope) do update
    set epoch = f.epoch + 1, closed = excluded.closed, reason = excluded.reason, actor = excluded.actor, moved_at = clock_timestamp()
  returning f.epoch into v_epoch;
  v_key := 'fence/' || p_scope || '/' || v_epoch;
  v_entry := jsonb_build_object('actor', p_actor, 'closed', p_closed, 'epoch', v_epoch, 'event', 'fence.moved', 'scope', p_scope);
  if p_closed then
    perform write_or_owe(p_tenant, v_key, v_entry, jsonb_build_object('reason', p_reason));
  else
    perform write_owed_entries(p_tenant);
    perform ledger_write(p_tenant, array[v_key], array[canonical_object(v_entry)],
      array[canonical_object(jsonb_build_object('reason', p_reason))]);
  end if;
  return v_epoch;
end $$;
