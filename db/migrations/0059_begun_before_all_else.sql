-- What was begun was begun, whatever would stop it now: whoever asks again hears that first. A worker that was told of a cancellation or a fence
-- instead would believe that nothing began, and nobody would take back what a twin of it did. Of the action only its columns are locked, and not its
-- key: whoever names it in a row of theirs may hold the ledger, which is wanted next.
create or replace function begin_effect(p_tenant text, p_action text, p_step text, p_target text, p_round integer, p_digest text, p_facts_digest text, p_bundle_digest text, p_send_within_ms integer, p_grant_ttl_ms bigint) returns jsonb language plpgsql security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '2s'
as $$
declare
  a actions;
  d decisions;
  r approval_requests;
  v_fence record;
  v_agent text;
  v_refused text;
begin
  perform pass_gates(p_tenant);
  select * into r from approval_requests where tenant = p_tenant and action = p_action and round = p_round for update;
  select * into a from actions where tenant = p_tenant and action = p_action for no key update;
  select * into d from decisions where tenant = p_tenant and action = p_action and round = p_round and stage = 'initial';
  select * into v_fence from read_fences(p_tenant, a.agent, a.team, a.type);
  v_agent := coalesce(line_stopped(p_tenant, a.agent, a.agent_generation, a.effect_class, d.effect = 'require_approval'), 'may');

  v_refused := case
    when a.action is null then 'not_found'
    when exists (
      select from effects e where e.tenant = p_tenant and e.action = p_action and e.step = p_step and e.kind = 'do' and e.state <> 'absent') then 'begun_before'
    when d.action is null or d.effect = 'deny' then 'not_decided'
    when a.settled_at is not null or a.state = 'undoing' or exists (
      select from effects u where u.tenant = p_tenant and u.action = p_action and u.kind = 'undo') then 'action_closed'
    when a.cancel_requested_at is not null then 'cancelled'
    when a.round <> p_round or not exists (
      select from action_rounds w where w.tenant = p_tenant and w.action = p_action and w.round = p_round
        and w.digest = p_digest and w.facts_digest = p_facts_digest) then 'digest_mismatch'
    when v_fence.closed is not null then 'scope_fenced'
    when v_fence.epochs <> d.epochs then 'fence_moved'
    when v_agent <> 'may' then v_agent
    when p_bundle_digest is distinct from (select digest from bundles order by version desc limit 1) then 'bundle_stale'
    when (select f.effect = 'deny' or f.bundle_digest <> p_bundle_digest from decisions f
          where f.tenant = p_tenant and f.action = p_action and f.round = p_round and f.stage = 'preflight/' || p_step
          order by f.decided_at desc limit 1) is distinct from false then 'not_decided'
    when d.effect = 'require_approval' then refused_by_votes(r)
  end;
  if v_refused is not null then return jsonb_build_object('refused', v_refused); end if;

  if d.budgeted then
    perform from reservations where tenant = p_tenant and action = p_action and state = 'held' for update;
    if not found then return jsonb_build_object('refused', 'budget_lost'); end if;
  end if;
  return open_effect(p_tenant, p_action, p_step, 'do', p_target, a.agent, p_round, p_digest, p_send_within_ms, p_grant_ttl_ms);
end $$;
