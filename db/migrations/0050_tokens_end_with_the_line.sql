-- How often an agent was stopped, by itself, by a scope that it is in, or through one that it comes from: a token says so, and ends with the next stop.
create or replace function epoch_of(a agents) returns bigint language sql stable
as $$
  select (select coalesce(sum(g.times_stopped), 0)::bigint from line_of(a.tenant, a.agent) l join agents g on (g.tenant, g.agent) = (a.tenant, l.agent)) + (
    select coalesce(sum(f.epoch), 0)::bigint from fences f
    where (f.tenant = '*' and f.scope = 'global')
       or (f.tenant = a.tenant and (f.scope = 'tenant' or f.scope in (select scopes_in_line(a.tenant, a.agent)))))
$$;
