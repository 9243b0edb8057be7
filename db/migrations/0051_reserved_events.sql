-- What its guard alone may say, nobody else says under another key either: whoever reads the ledger goes by the event.
create or replace function ledger_append(p_tenant text, p_keys text[], p_entries text[], p_bodies text[]) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  v_written integer;
begin
  if exists (select from unnest(p_keys) k where k ~ '^(vote|fence|quarantine|people|init|restore|agent|proposal)/|^effect/.*/begun$|^grant/.*/(claimed|minted|returned)(/|$)|^reconciliation/.*/asked$') then
    raise exception 'ledger_append: such an entry is written by its guard alone' using errcode = 'insufficient_privilege';
  end if;
  -- Written first: that looks whether the entries are JSON at all.
  v_written := ledger_write(p_tenant, p_keys, p_entries, p_bodies);
  if exists (select from unnest(p_entries) e where e::jsonb ->> 'event' ~ '^(agent|proposal|person|role|group|team|admin|identity|init|restore)[.]|^(vote[.]cast|fence[.]moved|effect[.]begun|approval[.]rerouted|reconciliation[.]asked|grant[.](claimed|minted|rotated|returned))$') then
    raise exception 'ledger_append: such an event is told by its guard alone' using errcode = 'insufficient_privilege';
  end if;
  return v_written;
end
$$;
