-- What operators watch, counted over every tenant: numbers alone, so that whoever may read them learns of nobody.

alter table outbox add column created_at timestamptz not null default clock_timestamp();
comment on column outbox.created_at is 'When it was written; due_at moves with every try.';

create index tasks_open on tasks (opened_at) where state = 'open';

-- Processes compare it with the migrations that they were built with.
grant select on schema_migrations to countersign_gateway, countersign_worker, countersign_loops;

-- Its owner is the one role of functions that sees every tenant.
grant select on tenants, actions, outbox, grants, tasks, notices, ledger, checkpoints, bundles to countersign_identity;

create function measure_operations() returns table (measure text, label text, value double precision)
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
  -- Long enough for the action that used it and for the reaper after it; what is alive then, somebody fails to end.
  select 'overdue_revocations', '', count(*) from grants where state <> 'revoked' and expires_at < clock_timestamp() - interval '30 seconds'
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

grant create on schema public to countersign_identity;
alter function measure_operations() owner to countersign_identity;
revoke create on schema public from countersign_identity;
revoke execute on function measure_operations() from public;
grant execute on function measure_operations() to countersign_gateway;
