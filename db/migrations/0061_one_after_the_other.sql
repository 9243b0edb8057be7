-- What an agent left is found by its grants, its held budgets and its open requests, of which a tenant has more each year; each was read from the
-- first row to the last, and the receipt of an offboarding under the gate.
create index grants_of_agent on grants (tenant, agent);
create index grants_of_action on grants (tenant, action);
create index reservations_held on reservations (tenant, action) where state = 'held';
create index approval_requests_open on approval_requests (tenant, request) where state = 'open';

-- Most credentials that cannot be ended were never an agent's own, or were told of before: for these nobody has to wait at the gate.
create function holder_to_stop(p_tenant text, p_grant text, p_task text) returns table (agent text, generation integer)
language sql stable
as $$
  select a.agent, a.agent_generation
  from grants g join actions a on (a.tenant, a.action) = (g.tenant, g.action)
  where g.tenant = p_tenant and g.grant_id = p_grant and g.state = 'revoking'
    and exists (select from grant_claims c where (c.tenant, c.grant_id) = (g.tenant, g.grant_id) and c.minted_at is not null)
    and not exists (select from tasks t where t.tenant = p_tenant and t.task = p_task)
$$;
create or replace function quarantine_holder(p_tenant text, p_grant text, p_task text) returns boolean
language plpgsql security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '7s'
as $$
declare h record;
begin
  if not exists (select from holder_to_stop(p_tenant, p_grant, p_task)) then return false; end if;
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  -- Once more behind the gate: somebody else may have told of it meanwhile.
  select * into h from holder_to_stop(p_tenant, p_grant, p_task);
  if not found then return false; end if;
  return shift_agent(p_tenant, h.agent, h.generation, 'quarantine', 'countersign', 'A credential that it holds cannot be ended: ' || p_grant) = 'done';
end $$;

-- That an action was asked to end was told to the ledger, and is not taken back: not by the process either that may write it down.
create function keep_cancellation() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp
as $$
begin
  raise exception 'a cancellation is not taken back' using errcode = 'insufficient_privilege';
end $$;
create trigger keep_cancellation before update of cancel_requested_at, cancel_requested_by on actions
  for each row when (old.cancel_requested_at is not null) execute function keep_cancellation();
