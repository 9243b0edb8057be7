-- Another bundle of the version in force is refused by a name of its own: not older, but one of two that somebody built under one number.
create or replace function activate_bundle(p_digest text, p_version bigint, p_signed text) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare v_current bundles;
begin
  perform pg_advisory_xact_lock(7001, 0);
  select * into v_current from bundles order by version desc limit 1;
  if v_current.digest = p_digest then
    update bundles set version = p_version, signed = p_signed
    where digest = p_digest and p_version >= version and (version, signed) is distinct from (p_version, p_signed);
    return 'active';
  end if;
  if v_current.version = p_version then return 'taken'; end if;
  if v_current.version > p_version then return 'older'; end if;
  insert into bundles (digest, version, signed) values (p_digest, p_version, p_signed)
  on conflict (digest) do update set version = excluded.version, signed = excluded.signed, activated_at = clock_timestamp();
  return 'active';
end $$;

-- Which keys encrypt payloads is the operator's word, but for the first: a process that was taken over could have named one that nobody has, and
-- none would have started any more.
revoke insert on payload_keys from countersign_gateway, countersign_worker;
grant select, insert, update on payload_keys to countersign_guard;
alter table payload_keys add column used_until timestamptz not null default clock_timestamp();
comment on column payload_keys.used_until is 'When a process last said that it encrypts with it; they say so every hour.';

-- Whether this process may encrypt with that key. False: it is not registered, or is another one.
create function use_payload_key(p_key_id text, p_check bytea) returns boolean
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('countersign/payload-keys', 0));
  update payload_keys set used_until = clock_timestamp() where key_id = p_key_id and check_value = p_check;
  if found then return true; end if;
  if exists (select from payload_keys) then return false; end if;
  -- Nothing was encrypted before the first, so that it locks nobody out.
  insert into payload_keys (key_id, check_value) values (p_key_id, p_check);
  return true;
end $$;

-- Whether a history that Temporal still has may hold payloads under that key: somebody encrypted with it lately, or an action that began while it
-- was in use has not ended, or has not for long enough. For whoever owns the database; it looks at every tenant, and tells nothing else.
create function payload_key_needed(p_key_id text, p_kept interval) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select exists (
    select from payload_keys k where k.key_id = p_key_id and (
      k.used_until > clock_timestamp() - p_kept
      -- A day, where an hour would do: a process whose database was away has not said for longer that it uses it.
      or exists (
        select from actions a where a.created_at < k.used_until + interval '1 day'
          and (a.settled_at is null or a.settled_at > clock_timestamp() - p_kept))))
$$;

grant create on schema public to countersign_guard, countersign_identity;
alter function use_payload_key(text, bytea) owner to countersign_guard;
grant select on payload_keys to countersign_identity;
alter function payload_key_needed(text, interval) owner to countersign_identity;
revoke create on schema public from countersign_guard, countersign_identity;
revoke all on function use_payload_key(text, bytea), payload_key_needed(text, interval) from public;
grant execute on function use_payload_key(text, bytea) to countersign_gateway, countersign_worker;
