-- A stop bites first, and is written down where that takes no time.

-- How long the ledger may be waited for is said by whoever waits: a process role has 5 s for a lock (create-roles), and the two below have less.
alter function ledger_write(text, text[], text[], text[]) reset lock_timeout;

-- As before, and each wait is short: for the log, for each of its two tables. What others append is committed within milliseconds; a log that is
-- held for longer is one that cannot be written now, and then the entry is owed.
create or replace function write_or_owe(p_tenant text, p_key text, p_entry jsonb, p_body jsonb) returns void
language plpgsql volatile set lock_timeout = '500ms'
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

-- Who holds the gates open while waiting for rows or the ledger keeps a stop waiting: three such waits, and a second in which a frozen process may
-- still hold them. So long a stop waits, and is done within the ten seconds of a statement.
alter function begin_effect(text, text, text, text, integer, text, text, text, integer, bigint) set lock_timeout = '2s';
alter function begin_mint(text, text) set lock_timeout = '2s';
alter function claim_grant(text, text, text, integer, text) set lock_timeout = '2s';
alter function record_mint(text, text, integer, integer, text) set lock_timeout = '2s';
alter function move_fence(text, text, boolean, text, text) set lock_timeout = '7s';
