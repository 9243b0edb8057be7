-- What a person answered stands in the row of its task, and whoever sends an effect again goes by that row: it is opened as a question, and answered
-- by the guards alone.
revoke insert on tasks from countersign_worker, countersign_loops;
grant insert (tenant, task, action, step, kind) on tasks to countersign_worker;

-- What its guard alone may say, nobody else says under another key either; nor is its key taken by anybody before it comes to that.
create or replace function ledger_append(p_tenant text, p_keys text[], p_entries text[], p_bodies text[]) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  v_written integer;
begin
  if exists (select from unnest(p_keys) k where k ~ '^(vote|fence|quarantine|people|init|restore|agent|proposal)/|^effect/.*/begun$|^grant/.*/(claimed|minted|returned)(/|$)|^reconciliation/.*/asked$|^task/.*/resolved$') then
    raise exception 'ledger_append: such an entry is written by its guard alone' using errcode = 'insufficient_privilege';
  end if;
  -- Written first: that looks whether the entries are JSON at all.
  v_written := ledger_write(p_tenant, p_keys, p_entries, p_bodies);
  if exists (select from unnest(p_entries) e where e::jsonb ->> 'event' ~ '^(agent|agent_key|proposal|person|login|logins|role|group|team|admin|identity|init|restore)[.]|^(vote[.]cast|fence[.]moved|effect[.]begun|approval[.]rerouted|reconciliation[.]asked|task[.]resolved|grant[.](claimed|minted|rotated|returned))$') then
    raise exception 'ledger_append: such an event is told by its guard alone' using errcode = 'insufficient_privilege';
  end if;
  return v_written;
end
$$;

-- As before, but that it writes its entry itself, now that no process may.
create or replace function withdraw_task(p_tenant text, p_task text, p_resolution text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare t tasks;
begin
  update tasks
  set state = 'resolved', resolution = p_resolution, reason = 'The target said so itself.', resolved_by = 'countersign', resolved_at = clock_timestamp()
  where tenant = p_tenant and task = p_task and state = 'open'
  returning * into t;
  if not found then return false; end if;
  perform ledger_write(p_tenant, array['task/' || p_task || '/resolved'],
    array[canonical_object(jsonb_build_object('action', t.action, 'event', 'task.resolved', 'kind', t.kind, 'person', null,
      'resolution', p_resolution, 'step', t.step, 'task', p_task))],
    array[null]::text[]);
  return true;
end $$;

-- The gate before the rows, as everywhere: for whoever writes rows that hold an agent's before it is stopped for what they say. It is waited for as
-- long as by any stop.
create function shut_gate(p_tenant text) returns void
language plpgsql volatile set lock_timeout = '7s'
as $$
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
end $$;
