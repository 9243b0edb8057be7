-- One admin alone neither becomes another one nor gets rid of them: what two people must do would be one person's otherwise.

-- By ids and not by humans: one's own address with a plus sign, or one more Slack account, would make another admin one's own account.
create function takes_over_admin(p_tenant text, p_actor text, p_change jsonb) returns boolean
language sql stable
as $$
  select (p_change ->> 'do' in ('issue_login', 'link_slack', 'link_address', 'unlink_slack', 'unlink_address', 'same', 'leave')
          or (p_change ->> 'do' = 'revoke_role' and p_change ->> 'role' = 'admin'))
     and exists (select from unnest(array[p_change ->> 'person', p_change ->> 'sameAs']) u (person)
                 where u.person <> p_actor and has_role(p_tenant, u.person, 'admin', '*'))
$$;

-- Could one of the others be this person? They were shown a login of theirs that is still good.
create function has_login_from(p_tenant text, p_person text, variadic p_others text[]) returns boolean
language sql stable
as $$
  select exists (select from person_tokens t where t.tenant = p_tenant and t.person = p_person and t.revoked_at is null
                 and t.expires_at > clock_timestamp() and t.issued_by in (select accounts_of(p_tenant, p_others)))
$$;

-- As before, but that another admin counts as one whichever links were made, and confirms nothing for whoever has a login of theirs. Where the
-- proposer is the only admin, every login is one that they may have issued, and nobody could confirm.
create or replace function may_confirm_admin(p_tenant text, p_proposer text, p_candidate text, p_confirmer text) returns boolean
language sql stable
as $$
  select p_confirmer not in (select accounts_of(p_tenant, array[p_proposer, p_candidate]))
     and has_role(p_tenant, p_proposer, 'admin', '*')
     and case
       when exists (select from people where tenant = p_tenant and state = 'active' and 'admin' = any (roles)
                    and person not in (p_proposer, p_candidate))
       then has_role(p_tenant, p_confirmer, 'admin', '*') and not has_login_from(p_tenant, p_confirmer, p_proposer, p_candidate)
       else has_role(p_tenant, p_confirmer, 'owner', '*') or has_role(p_tenant, p_confirmer, 'operator', '*')
     end
$$;

-- As before, with two causes more to refuse.
create or replace function change_people(p_tenant text, p_actor text, p_reason text, p_change jsonb) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
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
    when v_do in ('grant_role', 'join_group', 'unlink_slack', 'unlink_address')
      and v_person in (select accounts_of(p_tenant, array[p_actor])) then 'own_change'
    when v_do in ('grant_role', 'join_group') and has_login_from(p_tenant, p_actor, v_person) then 'second_person_needed'
    when takes_over_admin(p_tenant, p_actor, p_change) then 'second_person_needed'
    when v_do in ('revoke_role', 'leave') and coalesce(p_change ->> 'role', 'admin') = 'admin' and is_last_admin(p_tenant, v_person) then 'last_admin'
    when v_do like '%\_role' or v_do = 'propose_admin' then change_role(p_tenant, p_actor, p_change)
    when v_do in ('issue_login', 'revoke_logins') then change_logins(p_tenant, p_actor, p_change)
    when v_do like '%link\_%' or v_do = 'same' then change_links(p_tenant, p_actor, p_change)
    else change_person(p_tenant, p_change)
  end;
  if v_result = 'done' then
    perform tell_people(p_tenant,
      case v_do when 'add' then 'person.added' when 'leave' then 'person.left' when 'grant_role' then 'role.granted' when 'revoke_role' then 'role.revoked'
        when 'propose_admin' then 'admin.proposed' when 'join_group' then 'group.joined' when 'leave_group' then 'group.left'
        when 'issue_login' then 'login.issued' when 'revoke_logins' then 'logins.revoked' when 'same' then 'person.found_same'
        when 'link_slack' then 'identity.linked' when 'link_address' then 'identity.linked' else 'identity.unlinked' end,
      jsonb_build_object('actor', p_actor, 'person', v_person, 'role', p_change -> 'role', 'environment', p_change -> 'environment',
        'group', p_change -> 'group', 'sameAs', p_change -> 'sameAs', 'login', p_change -> 'login',
        'channel', case when v_do like '%link\_%' then split_part(v_do, '_', 2) end),
      jsonb_build_object('reason', p_reason, 'name', p_change -> 'name', 'address', p_change -> 'address',
        'slackTeam', p_change -> 'slackTeam', 'slackUser', p_change -> 'slackUser'));
  end if;
  return v_result;
end $$;
