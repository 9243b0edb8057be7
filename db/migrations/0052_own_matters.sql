-- Nobody judges what is their own: neither what became of a step of an agent that they stand behind, nor, by another address, whether two accounts
-- of theirs are one human.

-- Says what a person found out about a trouble, or mended. Answers 'done', 'unchanged' or why not. Whoever may not decide on an action answers no
-- question about it, of any kind: `did_not_happen` lets it be done once more, `happened` and `mended` let it count as done, and `mended` says of
-- a credential that it is no longer to be feared, while it may live on with those who gain by it.
create function resolve_task(p_tenant text, p_task text, p_person text, p_resolution text, p_reason text) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare t tasks;
begin
  select * into t from tasks where tenant = p_tenant and task = p_task for update;
  if not found then return 'not_found'; end if;
  if not operates(p_tenant, p_person, (select environment from actions where tenant = p_tenant and action = t.action)) then return 'forbidden'; end if;
  if p_person in (select conflicted_people(p_tenant, t.action)) then return 'self_approval'; end if;
  if t.state = 'resolved' then return case t.resolution when p_resolution then 'unchanged' else 'task_resolved' end; end if;
  update tasks
  set state = 'resolved', resolution = p_resolution, reason = p_reason, resolved_by = p_person, resolved_at = clock_timestamp()
  where tenant = p_tenant and task = p_task;
  -- The gateway wakes the workflow itself, at once; this row does it if the gateway dies first.
  insert into outbox (tenant, kind, action, due_at) values (p_tenant, 'wake', t.action, clock_timestamp() + interval '2 seconds');
  perform ledger_write(p_tenant, array['task/' || p_task || '/resolved'],
    array[canonical_object(jsonb_build_object('action', t.action, 'event', 'task.resolved', 'kind', t.kind, 'person', p_person,
      'resolution', p_resolution, 'step', t.step, 'task', p_task))],
    array[canonical_object(jsonb_build_object('reason', p_reason))]);
  return 'done';
end $$;

revoke update (state, resolution, reason, resolved_by, resolved_at) on tasks from countersign_gateway;

grant create on schema public to countersign_guard;
alter function resolve_task(text, text, text, text, text) owner to countersign_guard;
revoke create on schema public from countersign_guard;
revoke execute on function resolve_task(text, text, text, text, text) from public;
grant execute on function resolve_task(text, text, text, text, text) to countersign_gateway;

-- Would another address part two accounts that are known as one human by their mail alone? What `same` said stays, whatever becomes of the mail.
create function parts_accounts(p_tenant text, p_change jsonb) returns boolean
language sql stable
as $$
  select p_change ->> 'do' = 'link_address' and exists (
    select from person_addresses a join people p using (tenant, person),
      person_addresses b join people q using (tenant, person)
    where (a.tenant, a.person) = (p_tenant, p_change ->> 'person') and mailbox_of(a.address) <> mailbox_of(p_change ->> 'address')
      and b.tenant = p_tenant and mailbox_of(b.address) = mailbox_of(a.address)
      and coalesce(p.human, p.person) <> coalesce(q.human, q.person))
$$;

-- As before, but that nobody takes a link between accounts of their own away by putting another address in its place.
create or replace function change_people(p_tenant text, p_actor text, p_reason text, p_change jsonb) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_do text := p_change ->> 'do';
  v_person text := p_change ->> 'person';
  v_result text;
begin
  perform lock_people(p_tenant);
  v_result := case
    when not has_role(p_tenant, p_actor, 'admin', '*') then 'forbidden'
    when coalesce(trim(p_reason), '') = '' then 'reason_required'
    when v_do <> 'add' and not exists (select from people where tenant = p_tenant and person = v_person) then 'not_found'
    when (v_do in ('grant_role', 'join_group', 'unlink_slack', 'unlink_address') or parts_accounts(p_tenant, p_change))
      and v_person in (select accounts_of(p_tenant, array[p_actor])) then 'own_change'
    when v_do in ('grant_role', 'join_group') and has_login_from(p_tenant, p_actor, v_person) then 'second_person_needed'
    when takes_over_admin(p_tenant, p_actor, p_change) then 'second_person_needed'
    when v_do in ('revoke_role', 'leave') and coalesce(p_change ->> 'role', 'admin') = 'admin' and is_last_admin(p_tenant, v_person) then 'last_admin'
    when v_do = 'leave' and p_change ->> 'agentsTo' is not null and has_not_departed(p_tenant, v_person)
      and not may_inherit(p_tenant, v_person, p_change ->> 'agentsTo') then 'owner_not_active'
    when v_do like '%\_role' or v_do = 'propose_admin' then change_role(p_tenant, p_actor, p_change)
    when v_do in ('issue_login', 'revoke_logins') then change_logins(p_tenant, p_actor, p_change)
    when v_do like '%link\_%' or v_do = 'same' then change_links(p_tenant, p_actor, p_change)
    else change_person(p_tenant, p_change)
  end;
  -- Whoever left before there were departures leaves with the next word.
  if v_do = 'leave' and v_result in ('done', 'unchanged') and begin_departure(p_tenant, p_actor, p_reason, p_change) then v_result := 'done'; end if;
  if v_result = 'done' then
    perform tell_people(p_tenant,
      case v_do when 'add' then 'person.added' when 'leave' then 'person.left' when 'grant_role' then 'role.granted' when 'revoke_role' then 'role.revoked'
        when 'propose_admin' then 'admin.proposed' when 'join_group' then 'group.joined' when 'leave_group' then 'group.left'
        when 'issue_login' then 'login.issued' when 'revoke_logins' then 'logins.revoked' when 'same' then 'person.found_same'
        when 'link_slack' then 'identity.linked' when 'link_address' then 'identity.linked' else 'identity.unlinked' end,
      jsonb_build_object('actor', p_actor, 'person', v_person, 'role', p_change -> 'role', 'environment', p_change -> 'environment',
        'group', p_change -> 'group', 'sameAs', p_change -> 'sameAs', 'login', p_change -> 'login', 'agentsTo', p_change -> 'agentsTo',
        'channel', case when v_do like '%link\_%' then split_part(v_do, '_', 2) end),
      jsonb_build_object('reason', p_reason, 'name', p_change -> 'name', 'address', p_change -> 'address',
        'slackTeam', p_change -> 'slackTeam', 'slackUser', p_change -> 'slackUser'));
  end if;
  return v_result;
end $$;
