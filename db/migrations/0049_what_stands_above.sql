-- A stop of a team reaches whatever comes from its agents, of whatever team that is; and whoever held a key of an agent when it asked stays one who
-- may not decide about that, also when the key has ended since.

-- Scopes of stops that reach an agent: its own and those of all that it comes from.
create function scopes_in_line(p_tenant text, p_agent text) returns setof text
language sql stable
as $$
  select s.scope from line_of(p_tenant, p_agent) l left join agents g on (g.tenant, g.agent) = (p_tenant, l.agent),
    lateral (values ('agent:' || l.agent), ('team:' || g.team)) s (scope)
  where s.scope is not null
$$;

create or replace function read_fences(p_tenant text, p_agent text, p_team text, p_type text) returns table (epochs text, closed text) language sql stable
as $$
  select coalesce(string_agg(scope || '=' || epoch, ',' order by scope), ''), min(scope) filter (where f.closed)
  from fences f
  where (f.tenant = '*' and scope = 'global')
     or (f.tenant = p_tenant and (scope in ('tenant', 'agent:' || p_agent, 'team:' || p_team, 'action-type:' || p_type)
       or scope in (select scopes_in_line(p_tenant, p_agent))))
$$;

-- As before, and for a team too: only those of its agents from which others come are looked up.
create or replace function stops_of(p_tenant text) returns table (scope text, epoch bigint, actor text, reason text, since timestamp with time zone, agents bigint, open_actions bigint, begun jsonb) language sql stable
as $$
  select f.scope, f.epoch, f.actor, f.reason, f.moved_at,
    (select count(*) from agents g where g.tenant = p_tenant and g.state <> 'offboarded' and (in_scope(f.scope, g.agent, g.team) or g.agent = any (born.agents))),
    (select count(*) from actions a where a.tenant = p_tenant and a.settled_at is null
      and (in_scope(f.scope, a.agent, a.team) or a.agent = any (born.agents) or f.scope = 'action-type:' || a.type)),
    (select coalesce(jsonb_agg(jsonb_build_object('action', a.action, 'step', e.step, 'kind', e.kind, 'state', e.state) order by e.begun_at), '[]') from (
      select e.* from effects e join actions a using (tenant, action)
      where e.tenant = p_tenant and a.settled_at is null and e.state in ('begun', 'unknown')
        and (in_scope(f.scope, a.agent, a.team) or a.agent = any (born.agents) or f.scope = 'action-type:' || a.type)
      order by e.begun_at limit 100) e join actions a using (tenant, action))
  from fences f,
    lateral (select array(
      select b.agent from agents p, born_of(p_tenant, p.agent) b
      where p.tenant = p_tenant and (f.scope = 'agent:' || p.agent or f.scope = 'team:' || p.team)
        and exists (select from agents c where c.tenant = p_tenant and c.parent = p.agent)) as agents) born
  where f.closed and f.tenant = case when f.scope = 'global' then '*' else p_tenant end
$$;

-- Who stands behind an agent as it is now, and behind those that it comes from: owners, makers, and whoever was shown a key that is still good.
create or replace function people_behind(p_tenant text, p_agent text) returns text[]
language sql stable
as $$
  with line as (select l.agent, l.generation from line_of(p_tenant, p_agent) l)
  select array(
    select unnest(array[g.owner, g.creator]) from line l join agents g on (g.tenant, g.agent) = (p_tenant, l.agent)
    union
    select k.issued_by from line l join agent_keys k on (k.tenant, k.agent, k.generation) = (p_tenant, l.agent, l.generation)
    where k.revoked_at is null and k.issued_by is not null
    union
    select c.issued_by from line l join agent_credentials c on (c.tenant, c.agent, c.generation) = (p_tenant, l.agent, l.generation)
    where c.revoked_at is null and c.not_after > clock_timestamp())
$$;

-- Who had been shown a key of the agent that was good when it asked, whatever became of the key. A token lives for ten minutes after its key's time.
create function key_holders_at(p_tenant text, p_agent text, p_generation integer, p_at timestamptz) returns setof text
language sql stable
as $$
  select k.issued_by from agent_keys k
  where (k.tenant, k.agent, k.generation) = (p_tenant, p_agent, p_generation) and k.issued_by is not null
    and k.created_at <= p_at and coalesce(k.revoked_at, 'infinity') >= p_at
  union
  select c.issued_by from agent_credentials c
  where (c.tenant, c.agent, c.generation) = (p_tenant, p_agent, p_generation)
    and c.registered_at <= p_at and least(coalesce(c.revoked_at, 'infinity'), c.not_after + interval '10 minutes') >= p_at
$$;

-- The conflict closure, all of it: who stands behind the agent, at the request or now; whom it acts for; and every other account of each of them.
create or replace function conflicted_people(p_tenant text, p_action text) returns setof text
language sql stable
as $$
  select accounts_of(p_tenant, array[a.agent_owner, a.agent_creator, a.on_behalf_of] || people_behind(p_tenant, a.agent)
    || array(select key_holders_at(p_tenant, a.agent, a.agent_generation, a.created_at)))
  from actions a where a.tenant = p_tenant and a.action = p_action
$$;
grant select (created_at) on agent_keys to countersign_gateway, countersign_worker, countersign_loops, countersign_auditor, countersign_guard;
