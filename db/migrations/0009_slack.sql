-- A person says which Slack account is theirs: logged in here, with a code that only whoever holds that account was given.

create function link_slack_by_code(p_tenant text, p_person text, p_code_hash bytea) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare c slack_link_codes;
begin
  perform lock_people(p_tenant);
  update slack_link_codes set used_at = clock_timestamp()
  where tenant = p_tenant and code_hash = p_code_hash and used_at is null and expires_at > clock_timestamp()
  returning * into c;
  if not found then return 'link_expired'; end if;
  if not exists (select from people where tenant = p_tenant and person = p_person and state = 'active') then return 'not_found'; end if;
  insert into slack_identities (tenant, slack_team, slack_user, person, linked_by)
  values (p_tenant, c.slack_team, c.slack_user, p_person, p_person) on conflict do nothing;
  if not found then return 'identity_taken'; end if;
  perform tell_people(p_tenant, 'identity.linked', jsonb_build_object('actor', p_person, 'person', p_person, 'channel', 'slack'),
    jsonb_build_object('slackTeam', c.slack_team, 'slackUser', c.slack_user));
  return 'linked';
end $$;

-- A stranger who presses again and again gets so many codes in the time that one is good for, and no more.
create function issue_link_code(p_tenant text, p_team text, p_user text, p_code_hash bytea) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  if (select count(*) from slack_link_codes where tenant = p_tenant and slack_team = p_team and slack_user = p_user and expires_at > clock_timestamp()) >= 5 then
    return false;
  end if;
  insert into slack_link_codes (tenant, code_hash, slack_team, slack_user) values (p_tenant, p_code_hash, p_team, p_user);
  return true;
end $$;

revoke insert on slack_link_codes from countersign_gateway;
grant insert on slack_link_codes to countersign_guard;

grant create on schema public to countersign_guard;
alter function link_slack_by_code(text, text, bytea) owner to countersign_guard;
alter function issue_link_code(text, text, text, bytea) owner to countersign_guard;
revoke create on schema public from countersign_guard;
revoke execute on function link_slack_by_code(text, text, bytea), issue_link_code(text, text, text, bytea) from public;
grant execute on function link_slack_by_code(text, text, bytea), issue_link_code(text, text, text, bytea) to countersign_gateway;
