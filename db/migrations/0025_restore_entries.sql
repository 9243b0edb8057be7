-- That an operator acknowledged a restored database is that operator's word: no process writes it by itself.
create or replace function ledger_append(p_tenant text, p_keys text[], p_entries text[], p_bodies text[]) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select from unnest(p_keys) k where k ~ '^(vote|fence|quarantine|people|init|restore)/|^effect/.*/begun$|^grant/.*/(claimed|minted|returned)(/|$)') then
    raise exception 'ledger_append: such an entry is written by its guard alone' using errcode = 'insufficient_privilege';
  end if;
  return ledger_write(p_tenant, p_keys, p_entries, p_bodies);
end
$$;
