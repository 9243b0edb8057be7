-- A denial needs no more than that it was cast: whoever cast it was entitled then. If it went with its person's role, taking a role away would allow
-- what was denied.
create or replace view valid_votes with (security_invoker = true) as
select v.tenant, v.request, v.person, v.choice, v.stage, v.cast_at, human_of(v.tenant, v.person) as human
from votes v
join approval_requests r using (tenant, request)
join actions a using (tenant, action)
where v.digest = r.digest
  and (v.choice = 'deny'
    or (has_role(v.tenant, v.person, 'approver', a.environment)
      and stage_entitles(v.tenant, r.stages -> v.stage, r.opened_at, v.person, v.cast_at)
      and v.person not in (select conflicted_people(v.tenant, r.action))));
comment on view valid_votes is 'Which votes count, asked again every time: an approval goes with the role, the group or the impartiality of whoever gave it, a denial stands.';
