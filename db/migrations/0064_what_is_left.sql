-- An offboarding reads what is left and what was in flight, and not all that its agent ever did: that is found by when it ended. What has not ended
-- has no such time, and comes last in the index.
create index actions_of_agent_ended on actions (tenant, agent, settled_at);
create index grants_of_agent_ended on grants (tenant, agent, revoked_at);
drop index grants_of_agent;

-- As before, but that nobody answers for a credential that lives: also not whoever answered for one when nobody could look for it, and which was
-- found alive later. Since when the agent is fenced is read first: whoever plans with a time to come does not know how few have ended since. Which
-- generation a grant is of is asked of each by itself: joined, all actions of one might be read first.
create or replace function left_of_agent(p_tenant text, p_agent text, p_generation integer)
returns table (kind text, subject text, state text)
language plpgsql stable
as $$
declare v_fenced timestamptz := (select s.state_since from agents s where s.tenant = p_tenant and s.agent = p_agent);
begin
  return query
  with found as (
    select 'action' as kind, a.action as subject, a.state from actions a
    where a.tenant = p_tenant and a.agent = p_agent and a.agent_generation = p_generation and a.settled_at is null
    union all
    select 'grant', g.grant_id, g.state from grants g
    where g.tenant = p_tenant and g.agent = p_agent and g.state <> 'revoked'
      and (select a.agent_generation from actions a where (a.tenant, a.action) = (g.tenant, g.action)) = p_generation
    union all
    select 'grant', g.grant_id, 'unverified' from grants g
    where g.tenant = p_tenant and g.agent = p_agent and g.state = 'revoked' and g.verified is null and g.revoked_at >= v_fenced
      and (select a.agent_generation from actions a where (a.tenant, a.action) = (g.tenant, g.action)) = p_generation
    union all
    select 'budget', r.action, r.state from reservations r join actions a on (a.tenant, a.action) = (r.tenant, r.action)
    where r.tenant = p_tenant and a.agent = p_agent and a.agent_generation = p_generation and r.state = 'held'
    union all
    select distinct 'key', 'keys', 'good' from agent_keys k
    where k.tenant = p_tenant and k.agent = p_agent and k.generation = p_generation and k.revoked_at is null
    union all
    select 'agent', c.agent || '/' || c.generation, c.state from agents c
    where c.tenant = p_tenant and c.parent = p_agent and c.parent_generation = p_generation and c.state <> 'offboarded'
    union
    select 'key', 'keys', 'good' from agent_credentials c
    where c.tenant = p_tenant and c.agent = p_agent and c.generation = p_generation and c.revoked_at is null
  )
  select f.kind, f.subject, f.state from found f
  where (f.kind = 'grant' and f.state <> 'unverified')
    or not exists (select from offboarding_exceptions e where (e.tenant, e.agent, e.generation, e.subject) = (p_tenant, p_agent, p_generation, f.subject));
end $$;
