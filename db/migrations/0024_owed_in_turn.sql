-- As before, but where something is owed already, a stop is owed too, and does not try again what just failed: waiting for whoever writes those entries,
-- and then for the ledger, could take longer than Postgres lets a statement take, and a statement that was cancelled has stopped nothing.
create or replace function write_or_owe(p_tenant text, p_key text, p_entry jsonb, p_body jsonb) returns void
language plpgsql volatile
as $$
begin
  if exists (select from owed_entries where tenant = p_tenant) then
    raise exception 'what was owed before comes first';
  end if;
  perform ledger_write(p_tenant, array[p_key], array[canonical_object(p_entry)], array[canonical_object(p_body)]);
exception when others then
  insert into owed_entries (tenant, key, entry, body)
  values (p_tenant, p_key,
    canonical_object(p_entry || jsonb_build_object('owedSince',
      to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))),
    canonical_object(p_body));
end $$;
