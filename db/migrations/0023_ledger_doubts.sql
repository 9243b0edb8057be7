-- A database that was restored from a backup has forgotten what was done since, and would do it again.

create table ledger_doubts (
  tenant text not null,
  contradicts bigint not null,
  noticed_at timestamptz not null default clock_timestamp(),
  acknowledged_at timestamptz,
  primary key (tenant, contradicts)
);
comment on table ledger_doubts is 'A log that contradicts the signed checkpoint over so many entries: no effect begins until an operator has acknowledged it.';
alter table ledger_doubts enable row level security;
alter table ledger_doubts force row level security;
create policy own_tenant on ledger_doubts
  using (tenant = current_setting('app.tenant', true)) with check (tenant = current_setting('app.tenant', true));
grant select on ledger_doubts to countersign_guard, countersign_auditor;
grant select, insert on ledger_doubts to countersign_loops;

-- What was done is still undone, as behind a fence.
create function refuse_in_doubt() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp
as $$
begin
  if new.kind = 'do' and exists (select from ledger_doubts where tenant = new.tenant and acknowledged_at is null) then
    raise exception 'the ledger of % contradicts a signed checkpoint', new.tenant using errcode = 'object_not_in_prerequisite_state';
  end if;
  return new;
end $$;
create trigger refuse_in_doubt before insert on effects for each row execute function refuse_in_doubt();
