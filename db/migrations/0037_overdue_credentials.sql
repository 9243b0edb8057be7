-- A credential that cannot be ended: whoever holds it acts no more, and what was told of it is taken back once it is dead.

-- An agent that holds a credential of its own which nobody can end acts no more, until two people say otherwise: once for each credential, in the
-- transaction that opens the task about it. What was made for a call of ours no agent ever had. Call it before the row of the grant is touched:
-- the gate comes first, as everywhere.
create function quarantine_holder(p_tenant text, p_grant text, p_task text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '7s'
as $$
declare
  v_agent text;
  v_generation integer;
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  select a.agent, a.agent_generation into v_agent, v_generation
  from grants g join actions a on (a.tenant, a.action) = (g.tenant, g.action)
  where g.tenant = p_tenant and g.grant_id = p_grant and g.state = 'revoking'
    and exists (select from grant_claims c where (c.tenant, c.grant_id) = (g.tenant, g.grant_id) and c.minted_at is not null)
    and not exists (select from tasks t where t.tenant = p_tenant and t.task = p_task);
  if not found then return false; end if;
  return shift_agent(p_tenant, v_agent, v_generation, 'quarantine', 'countersign', 'A credential that it holds cannot be ended: ' || p_grant) = 'done';
end $$;

do $$
begin
  grant create on schema public to countersign_guard;
  alter function quarantine_holder(text, text, text) owner to countersign_guard;
  revoke create on schema public from countersign_guard;
end $$;
revoke execute on function quarantine_holder(text, text, text) from public;
grant execute on function quarantine_holder(text, text, text) to countersign_worker;

-- As before, but that it sees trouble before the time of the credential is over.
create or replace function measure_operations() returns table (measure text, label text, value double precision)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select 'open_actions', s.state, count(a.action)::double precision
  from unnest(array['received', 'waiting', 'executing', 'unknown', 'undoing']) s (state)
  left join (select action, state from actions where settled_at is null) a using (state) group by s.state
  union all
  select 'oldest_open_action_seconds', '', coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0) from actions where settled_at is null
  union all
  select 'outbox_pending', '', count(*) from outbox where done_at is null
  union all
  select 'outbox_age_seconds', '', coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0) from outbox where done_at is null
  union all
  select 'live_grants', '', count(*) from grants where state <> 'revoked'
  union all
  -- Long enough for the action that used it and for the reaper after it; what is alive then, somebody fails to end. What was given back, or stopped,
  -- ends before its time: after as many tries as open a task, it is the same trouble.
  select 'overdue_revocations', '', count(*) from grants
  where state <> 'revoked' and (expires_at < clock_timestamp() - interval '30 seconds' or revoke_attempts >= 8)
  union all
  select 'open_tasks', k.kind, count(t.task)
  from unnest(array['unknown_outcome', 'undo_stuck', 'revocation_overdue']) k (kind)
  left join (select task, kind from tasks where state = 'open') t using (kind) group by k.kind
  union all
  select 'untold_notices', '', count(*) from notices where shown_version < version and attempts > 0
  union all
  select 'unanchored_ledger_seconds', '', coalesce(extract(epoch from clock_timestamp() - min(e.at)), 0)
  from tenants t, lateral (
    select l.at from ledger l
    where l.tenant = t.tenant and l.seq >= coalesce((select max(c.size) from checkpoints c where c.tenant = t.tenant), 0)
    order by l.seq limit 1
  ) e
  union all
  select 'bundle_in_force_version', '', coalesce(max(version), 0) from bundles
$$;
