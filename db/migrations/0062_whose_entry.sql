-- What a login tells, and under which keys: what its own process does, and nothing else. A key is written once, so whoever comes first with it has told
-- what happened. Where other events have keys of the same kind, of this process, another or a guard, the whole key is given; else how it begins.
create function may_tell(p_login text, p_key text, p_event text) returns boolean language sql immutable as $$
  select coalesce(p_key ~ case p_login
    when 'countersign_gateway' then case p_event
      when 'action.requested'        then '^action/[^/]+/requested$'
      when 'action.cancel_requested' then '^action/[^/]+/cancel_requested$'
      when 'vote.refused'            then '^vote-refused/'
      when 'people.refused'          then '^people-refused/'
      when 'decision.reported'       then '^decision/'
      when 'decisions.gap'           then '^decisions-gap/'
    end
    when 'countersign_worker' then case p_event
      when 'action.decided'          then '^action/[^/]+/decided/[0-9]+$'
      when 'action.reconsidered'     then '^action/[^/]+/reconsidered/[0-9]+$'
      when 'action.settled'          then '^action/[^/]+/settled$'
      when 'approval.reminded'       then '^approval/[^/]+/reminded/[0-9]+$'
      when 'approval.closed'         then '^approval/[^/]+/closed$'
      when 'approval.superseded'     then '^approval/[^/]+/superseded$'
      when 'effect.done'             then '^effect/[^/]+/[^/]+/(do|undo)/[0-9]+/done$'
      when 'effect.failed'           then '^effect/[^/]+/[^/]+/(do|undo)/[0-9]+/failed$'
      when 'effect.absent'           then '^effect/[^/]+/[^/]+/(do|undo)/[0-9]+/absent$'
      when 'effect.unknown'          then '^effect/[^/]+/[^/]+/(do|undo)/[0-9]+/unknown$'
      when 'grant.ended'             then '^grant/[^/]+/ended$'
      when 'grant.overdue'           then '^grant/[^/]+/overdue$'
      when 'grant.found_alive'       then '^grant/[^/]+/found_alive/[^/]+$'
      when 'task.opened'             then '^task/[^/]+/opened$'
      when 'reconciliation.finished' then '^reconciliation/[^/]+/finished$'
    end
    when 'countersign_loops' then case p_event
      when 'approval.shown'          then '^approval/[^/]+/shown/[0-9]+/[^/]+$'
      when 'checkpoint_key.replaced' then '^checkpoint-key/'
    end
  end, false)
$$;

-- As before, but that each login tells what is its own, where it told whatever no guard does. Who is asked for is who logged in: this function runs as
-- its owner, and a role that was taken on since says nothing.
create or replace function ledger_append(p_tenant text, p_keys text[], p_entries text[], p_bodies text[]) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  v_written integer;
begin
  -- Written first: that looks whether the entries are JSON at all.
  v_written := ledger_write(p_tenant, p_keys, p_entries, p_bodies);
  if exists (select from unnest(p_keys, p_entries) as g (key, entry) where not may_tell(session_user, g.key, g.entry::jsonb ->> 'event')) then
    raise exception 'ledger_append: such an entry is written by another, or by its guard alone' using errcode = 'insufficient_privilege';
  end if;
  return v_written;
end
$$;
