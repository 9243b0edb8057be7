-- A ledger that cannot be written stops every effect. It must not stop the stopping.

-- Whoever waits longer waits for somebody who holds the whole log; the tenant's own lock is held for milliseconds.
alter function ledger_write(text, text[], text[], text[]) set lock_timeout = '5s';

create table owed_entries (
  tenant text not null,
  key text not null,
  entry text not null,
  body text,
  owed_since timestamptz not null default clock_timestamp(),
  primary key (tenant, key)
);
comment on table owed_entries is 'What was stopped while the ledger could not be written; written there as soon as it can be.';
alter table owed_entries enable row level security;
alter table owed_entries force row level security;
create policy own_tenant on owed_entries
  using (tenant = current_setting('app.tenant', true)) with check (tenant = current_setting('app.tenant', true));
grant select, insert, delete, update on owed_entries to countersign_guard; -- update for row locks
grant select on owed_entries to countersign_loops, countersign_auditor;

-- Oldest first, each under its own key: done twice, it is written once.
create function write_owed_entries(p_tenant text) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_written integer := 0;
  o owed_entries;
begin
  for o in select * from owed_entries where tenant = p_tenant order by owed_since, key for update loop
    perform ledger_write(p_tenant, array[o.key], array[o.entry], array[o.body]);
    delete from owed_entries where tenant = p_tenant and key = o.key;
    v_written := v_written + 1;
  end loop;
  return v_written;
end $$;

-- For what only takes away: it holds whether or not the ledger can be told now. The entry then says since when it has been owed.
create function write_or_owe(p_tenant text, p_key text, p_entry jsonb, p_body jsonb) returns void
language plpgsql volatile
as $$
begin
  perform write_owed_entries(p_tenant);
  perform ledger_write(p_tenant, array[p_key], array[canonical_object(p_entry)], array[canonical_object(p_body)]);
exception when others then
  insert into owed_entries (tenant, key, entry, body)
  values (p_tenant, p_key,
    canonical_object(p_entry || jsonb_build_object('owedSince',
      to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))),
    canonical_object(p_body));
end $$;

-- As before, but that closing a fence does not wait for the ledger. Opening one does: it lets effects begin.
create or replace function move_fence(p_tenant text, p_scope text, p_closed boolean, p_reason text, p_actor text) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_epoch bigint;
  v_key text;
  v_entry jsonb;
begin
  perform pg_advisory_xact_lock(7001, case when p_scope = 'global' then 0 else hashtext(p_tenant) end);
  insert into fences as f (tenant, scope, closed, reason, actor)
  values (case when p_scope = 'global' then '*' else p_tenant end, p_scope, p_closed, p_reason, p_actor)
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

grant create on schema public to countersign_guard;
alter function write_owed_entries(text) owner to countersign_guard;
alter function write_or_owe(text, text, jsonb, jsonb) owner to countersign_guard;
revoke create on schema public from countersign_guard;
revoke execute on function write_owed_entries(text), write_or_owe(text, text, jsonb, jsonb) from public;
grant execute on function write_owed_entries(text) to countersign_loops;
