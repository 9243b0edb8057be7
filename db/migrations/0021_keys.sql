-- Keys are replaced while everything runs.

alter table agent_keys add column expires_at timestamptz;
comment on column agent_keys.expires_at is 'Null: good until it is revoked. Production refuses to start with such a key.';

-- As before, and no longer than the key is good for.
create or replace function authenticate_agent(p_key_hash bytea) returns table (tenant text, agent text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select k.tenant, k.agent
  from agent_keys k join agents a on (a.tenant, a.agent, a.generation) = (k.tenant, k.agent, k.generation)
  where k.key_hash = p_key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp())
$$;

-- As before; and the same bundle signed anew takes the place of the old text, or agents who trust the new key alone could never open it.
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
  if v_current.version >= p_version then return 'older'; end if;
  insert into bundles (digest, version, signed) values (p_digest, p_version, p_signed)
  on conflict (digest) do update set version = excluded.version, signed = excluded.signed, activated_at = clock_timestamp();
  return 'active';
end $$;

create table payload_keys (
  key_id text primary key check (key_id ~ '^[a-z0-9-]{1,32}$'),
  check_value bytea not null check (length(check_value) = 32),
  since timestamptz not null default clock_timestamp()
);
comment on table payload_keys is 'The keys that payloads in Temporal were encrypted with. A process that lacks one of them, or holds another under its id, must not start: what it could not read it would take for forged.';
comment on column payload_keys.check_value is 'HMAC-SHA256 of a constant under the key: equal for equal keys, and of no other use.';
grant select, insert on payload_keys to countersign_gateway, countersign_worker;
grant select on payload_keys to countersign_auditor;

-- What the database says against serving anybody: three facts, and no row of any tenant.
create function production_problems() returns text[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select array_remove(array[
    case when (select rolsuper from pg_roles where rolname = session_user) then 'superuser' end,
    case when exists (select from people where demo and state = 'active') then 'demo_people' end,
    case when exists (
      select from agent_keys k join agents a on (a.tenant, a.agent, a.generation) = (k.tenant, k.agent, k.generation)
      where k.revoked_at is null and k.expires_at is null) then 'static_agent_keys' end], null)
$$;
grant create on schema public to countersign_identity;
alter function production_problems() owner to countersign_identity;
revoke create on schema public from countersign_identity;
revoke all on function production_problems() from public;
grant execute on function production_problems() to countersign_gateway, countersign_worker, countersign_loops, countersign_auditor;
