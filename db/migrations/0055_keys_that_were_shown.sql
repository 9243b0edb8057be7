-- Whoever was shown a key of an agent does not step out of what it asked by ending that key, and nobody comes to have what they approved by being
-- shown one afterwards.

-- Who was shown a key of the agent that was good at that moment or at any since, whatever became of it. Ten minutes more than a key's time: what
-- was sent with it may be looked at later.
create function key_holders_since(p_tenant text, p_agent text, p_generation integer, p_since timestamptz) returns setof text
language sql stable
as $$
  select k.issued_by from agent_keys k
  where (k.tenant, k.agent, k.generation) = (p_tenant, p_agent, p_generation) and k.issued_by is not null
    and coalesce(k.revoked_at, 'infinity') >= p_since
  union
  select c.issued_by from agent_credentials c
  where (c.tenant, c.agent, c.generation) = (p_tenant, p_agent, p_generation)
    and least(coalesce(c.revoked_at, 'infinity'), c.not_after + interval '10 minutes') >= p_since
$$;

-- As before, and whoever was shown a key only after the agent asked, too.
create or replace function conflicted_people(p_tenant text, p_action text) returns setof text
language sql stable
as $$
  select accounts_of(p_tenant, array[a.agent_owner, a.agent_creator, a.on_behalf_of] || people_behind(p_tenant, a.agent)
    || array(select key_holders_since(p_tenant, a.agent, a.agent_generation, a.created_at)))
  from actions a where a.tenant = p_tenant and a.action = p_action
$$;

drop function key_holders_at(text, text, integer, timestamptz);

-- As before, but that nobody is handed what they approved: whoever stands behind the agent by now may be who claims. What is in use goes on.
create or replace function claim_grant(p_tenant text, p_grant text, p_agent text, p_generation integer, p_key text) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '2s'
as $$
declare
  g grants;
  c grant_claims;
begin
  perform pass_gates(p_tenant);
  g := lock_lent_grant(p_tenant, p_grant, p_agent, p_generation);
  if g.grant_id is null then return 'not_found'; end if;
  if access_ended(p_tenant, p_grant) is not null then return 'grant_over'; end if;
  select * into c from grant_claims where tenant = p_tenant and grant_id = p_grant order by claim desc limit 1;
  if c.public_key = p_key then return 'claimed'; end if;
  if exists (select from grant_claims where tenant = p_tenant and grant_id = p_grant and public_key = p_key) then return 'claim_superseded'; end if;
  if c.claim = 3 then return 'claims_exhausted'; end if;
  if exists (
    select from effects e
    join approval_requests r on (r.tenant, r.action, r.round) = (e.tenant, e.action, e.round)
    join votes v on (v.tenant, v.request) = (r.tenant, r.request)
    where (e.tenant, e.action, e.grant_id) = (p_tenant, g.action, p_grant) and v.choice = 'approve'
      and v.person in (select conflicted_people(p_tenant, g.action))) then return 'votes_void'; end if;
  update grant_claims set jwe = null where tenant = p_tenant and grant_id = p_grant;
  insert into grant_claims (tenant, grant_id, claim, public_key) values (p_tenant, p_grant, coalesce(c.claim, 0) + 1, p_key);
  perform ledger_write(p_tenant, array['grant/' || p_grant || '/claimed/' || coalesce(c.claim, 0) + 1],
    array[canonical_object(jsonb_build_object('action', g.action, 'agent', p_agent, 'claim', coalesce(c.claim, 0) + 1, 'event', 'grant.claimed', 'grant', p_grant))],
    array[null]::text[]);
  return 'claimed';
end $$;
