-- Whose key is taken, whose entry is not written: a guard's key is nobody else's, before it comes to that either. That a request was left to others
-- is told by its guard alone; that somebody wants an action cancelled, by that and by the gateway, which hears of it.
create or replace function ledger_append(p_tenant text, p_keys text[], p_entries text[], p_bodies text[]) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  v_hears boolean := session_user = 'countersign_gateway';
  v_written integer;
begin
  if exists (select from unnest(p_keys) k
             where k ~ '^(vote|fence|quarantine|people|init|restore|agent|proposal)/|^effect/.*/begun$|^grant/.*/(claimed|minted|returned)(/|$)|^reconciliation/.*/asked$|^task/.*/resolved$|^approval/.*/rerouted/'
               or (k ~ '^action/.*/cancel_requested$' and not v_hears)) then
    raise exception 'ledger_append: such an entry is written by its guard alone' using errcode = 'insufficient_privilege';
  end if;
  -- Written first: that looks whether the entries are JSON at all.
  v_written := ledger_write(p_tenant, p_keys, p_entries, p_bodies);
  if exists (select from unnest(p_entries) e
             where e::jsonb ->> 'event' ~ '^(agent|agent_key|proposal|person|login|logins|role|group|team|admin|identity|init|restore)[.]|^(vote[.]cast|fence[.]moved|effect[.]begun|approval[.]rerouted|reconciliation[.]asked|task[.]resolved|grant[.](claimed|minted|rotated|returned))$'
               or (e::jsonb ->> 'event' = 'action.cancel_requested' and not v_hears)) then
    raise exception 'ledger_append: such an event is told by its guard alone' using errcode = 'insufficient_privilege';
  end if;
  return v_written;
end
$$;
