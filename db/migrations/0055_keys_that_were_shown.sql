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

-- Who stands behind an agent, or did by a key: whoever was shown one of this life of it, or of one that it comes from, whatever became of the key.
-- About the agent itself they decide nothing; who ends a key and has another one afterwards would else be nobody in between.
create function people_once_behind(p_tenant text, p_agent text) returns text[]
language sql stable
as $$
  select people_behind(p_tenant, p_agent) || array(
    select key_holders_since(p_tenant, l.agent, l.generation, '-infinity') from line_of(p_tenant, p_agent) l)
$$;

-- As before, but for keys that have ended.
create or replace function refused_to_decide(p proposals, p_actor text) returns text
language sql stable
as $$
  select case
    when p_actor in (select accounts_of(p.tenant, array[p.proposed_by, p.what ->> 'owner']
      || case when p.verb in ('onboard', 'resume') then people_once_behind(p.tenant, split_part(p.subject, '/', 1)) else '{}' end)) then 'self_approval'
    when p.verb = 'onboard' and not (
      has_role(p.tenant, p_actor, 'approver', p.what ->> 'environment') or has_role(p.tenant, p_actor, 'admin', '*')) then 'forbidden'
    when p.verb = 'resume' and not operates(p.tenant, p_actor,
      (select environment from agents where tenant = p.tenant and agent = split_part(p.subject, '/', 1))) then 'forbidden'
    when p.verb = 'lift' and not operates(p.tenant, p_actor, '*') then 'forbidden'
  end
$$;

-- As before, but for keys that have ended.
create or replace function answer_review(p_tenant text, p_actor text, p_agent text, p_choice text, p_digest text, p_reason text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '7s'
as $$
declare
  a agents;
  w agent_reviews;
  v_refused text;
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  select * into a from agents where tenant = p_tenant and agent = p_agent for update;
  if not found then return 'not_found'; end if;
  select * into w from agent_reviews where tenant = p_tenant and agent = p_agent for update;
  v_refused := case
    when p_actor in (select accounts_of(p_tenant, people_once_behind(p_tenant, p_agent))) then 'self_approval'
    when p_choice not in ('keep', 'end')
      or not (has_role(p_tenant, p_actor, 'approver', a.environment) or has_role(p_tenant, p_actor, 'admin', '*')) then 'forbidden'
    when coalesce(trim(p_reason), '') = '' then 'reason_required'
    when a.state in ('onboarding', 'offboarding', 'offboarded') or w.stage = 'confirmed' and w.warnings = 0 then 'review_not_open'
    when p_digest is distinct from rights_digest(a) then 'digest_mismatch'
    when p_choice = 'keep' and not exists (select from people where tenant = p_tenant and person = a.owner and state = 'active') then 'owner_not_active'
  end;
  if v_refused is not null then return v_refused; end if;
  perform tell_life(p_tenant, p_agent, 'agent.reviewed', jsonb_build_object('generation', a.generation, 'actor', p_actor, 'choice', p_choice,
    'stage', w.stage, 'warnings', w.warnings, 'rights', p_digest), p_reason, p_choice = 'end');
  if p_choice = 'end' then return shift_agent(p_tenant, p_agent, a.generation, 'offboard', p_actor, p_reason); end if;
  update agent_reviews set look_at = clock_timestamp(), confirmed_at = clock_timestamp(), confirmed_by = p_actor, stage = 'confirmed', due_at = null,
    stage_watched = null, warnings = 0, warned_at = null, warned_watched = null, asked_before = null, reclaimed_at = null,
    -- Only of what was listed as idle has somebody said that it is wanted all the same.
    kept_at = case when w.warnings > 0 then clock_timestamp() else w.kept_at end
  where tenant = p_tenant and agent = p_agent;
  return 'done';
end $$;

-- As before, but for keys that have ended, as all have by then; nor does anybody answer for what they may not decide on.
create or replace function except_from_offboarding(p_tenant text, p_actor text, p_agent text, p_subject text, p_reason text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare a agents;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent for update;
  if not found then return 'not_found'; end if;
  if not operates(p_tenant, p_actor, a.environment) then return 'forbidden'; end if;
  if p_actor in (select accounts_of(p_tenant, people_once_behind(p_tenant, p_agent))) then return 'self_approval'; end if;
  if coalesce(trim(p_reason), '') = '' then return 'reason_required'; end if;
  if a.state <> 'offboarding' then return 'agent_state_forbids'; end if;
  -- A credential that lives, or a key that is good, is never excepted: only that nobody could look for one, or that an action has no end yet.
  if not exists (select from left_of_agent(p_tenant, p_agent, a.generation) l
                 where l.subject = p_subject and (l.kind = 'action' or l.kind = 'budget' or (l.kind = 'grant' and l.state = 'unverified'))) then
    return 'not_found';
  end if;
  if p_actor in (select conflicted_people(p_tenant,
       coalesce((select g.action from grants g where g.tenant = p_tenant and g.grant_id = p_subject), p_subject))) then return 'self_approval'; end if;
  insert into offboarding_exceptions (tenant, agent, generation, subject, reason, accepted_by)
  values (p_tenant, p_agent, a.generation, p_subject, p_reason, p_actor);
  insert into outbox (tenant, kind, agent, generation) values (p_tenant, 'agent', p_agent, a.generation);
  perform tell_life(p_tenant, p_agent, 'agent.exception_accepted',
    jsonb_build_object('generation', a.generation, 'actor', p_actor, 'subject', p_subject), p_reason, false);
  return 'done';
end $$;
