-- A grant lives for an hour at most, whatever a worker asks for: the most that an action type may say. Its time is written once, and moved by nobody.
-- As before otherwise.
create or replace function open_effect(
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
  values (p_tenant, e.grant_id, p_action, p_step, p_agent, p_target, v_now + make_interval(secs => least(greatest(p_grant_ttl_ms, 0), 3600000) / 1000.0));
  update actions set state = case p_kind when 'do' then 'executing' else 'undoing' end, waiting_on = '{}'
  where tenant = p_tenant and action = p_action;
  perform ledger_write(p_tenant, array['effect/' || p_action || '/' || p_step || '/' || p_kind || '/' || e.attempt || '/begun'],
    array[canonical_object(jsonb_build_object('action', p_action, 'agent', p_agent, 'attempt', e.attempt, 'digest', p_digest,
      'event', 'effect.begun', 'grant', e.grant_id, 'idempotencyKey', e.idempotency_key, 'kind', p_kind, 'round', p_round, 'step', p_step, 'target', p_target))],
    array[null]::text[]);
  return jsonb_build_object('begun', jsonb_build_object('attempt', e.attempt, 'grantId', e.grant_id, 'idempotencyKey', e.idempotency_key));
end $$;
