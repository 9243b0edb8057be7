-- Who has heard of a stop. What is stopped is decided by the fences, in the transaction that begins something; nothing rests on this but that the
-- gateway refuses early, and that whoever stopped something sees which process has not heard of it.

create table processes (
  process text primary key check (length(process) <= 200),
  kind text not null check (kind in ('gateway', 'worker')),
  moves_heard bigint not null,
  heard_at timestamptz not null default clock_timestamp()
);
comment on table processes is 'The processes of this deployment that work now, and up to which move of a fence each has heard.';

-- Grows by one with each move of any fence. Of two snapshots the one that counts more has seen every move of the other.
create function fence_moves() returns bigint language sql stable
  return (select coalesce(sum(epoch), 0)::bigint from fences);

create function tell_fence_moved() returns trigger language plpgsql as $$
begin
  perform pg_notify('countersign_fences', '');
  return null;
end $$;
create trigger told after insert or update on fences for each statement execute function tell_fence_moved();

-- What a process has heard so far, for what there is to hear. A minute of silence, and it is not there: it was killed, or cut off for so long that
-- it takes no requests either.
create function hear_stops(p_process text, p_kind text, p_heard bigint) returns table (moves bigint, closed jsonb)
language sql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
  insert into processes as p (process, kind, moves_heard) values (p_process, p_kind, p_heard)
  on conflict (process) do update set moves_heard = excluded.moves_heard, heard_at = clock_timestamp();
  delete from processes where process in (
    select process from processes where heard_at < clock_timestamp() - interval '1 minute' for update skip locked);
  select fence_moves(), coalesce((select jsonb_agg(jsonb_build_array(tenant, scope)) from fences where fences.closed), '[]');
$$;

create function stop_hearing(p_process text) returns void
language sql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
  delete from processes where process = p_process;
$$;

-- Which processes have not heard of everything that moved up to now.
create function unheard_by() returns table (process text, kind text, heard_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select process, kind, heard_at from processes where moves_heard < fence_moves() and heard_at > clock_timestamp() - interval '1 minute'
$$;

grant select on fences to countersign_identity;
grant select, insert, update, delete on processes to countersign_identity;

do $$
declare f regprocedure;
begin
  -- It sees the fences of every tenant.
  grant create on schema public to countersign_identity;
  foreach f in array array['hear_stops(text, text, bigint)', 'stop_hearing(text)', 'unheard_by()']::regprocedure[]
  loop
    execute format('alter function %s owner to countersign_identity', f);
    execute format('revoke execute on function %s from public', f);
    execute format('grant execute on function %s to countersign_gateway', f);
  end loop;
  revoke create on schema public from countersign_identity;
  grant execute on function hear_stops(text, text, bigint), stop_hearing(text) to countersign_worker;
end $$;
