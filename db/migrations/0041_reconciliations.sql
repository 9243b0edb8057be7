-- What targets have, against what the table of grants says: an operator asks, a worker that touches targets looks, and says what it found.

create table reconciliations (
  tenant text not null references tenants,
  reconciliation text not null check (reconciliation ~ '^rec-[0-9a-f-]{36}$'),
  asked_by text not null,
  asked_at timestamptz not null default clock_timestamp(),
  ends_aliens_of text,
  taken_at timestamptz,
  finished_at timestamptz,
  targets jsonb,
  findings jsonb,
  digest text check (digest ~ '^sha256:[0-9a-f]{64}$'),
  primary key (tenant, reconciliation),
  foreign key (tenant, asked_by) references people,
  foreign key (tenant, ends_aliens_of) references reconciliations,
  check (num_nulls(finished_at, targets, findings, digest) in (0, 4))
);
create index reconciliations_open on reconciliations (asked_at) where finished_at is null;
comment on table reconciliations is 'One look at every target. Its findings never change; their digest is in the ledger.';
comment on column reconciliations.ends_aliens_of is 'An earlier one: what it named as alien is ended, and nothing else. Who asked for that gave a reason, which is beside the ledger.';

alter table reconciliations enable row level security;
alter table reconciliations force row level security;
create policy own_tenant on reconciliations using (tenant = current_setting('app.tenant', true)) with check (tenant = current_setting('app.tenant', true));

-- The login role of a grant at a database, as its provider names it; a test compares the two.
create function grant_role(p_grant text) returns text
language sql immutable strict
return 'jit_' || left(encode(sha256(convert_to('countersign/grant-role/v1', 'UTF8') || '\x00'::bytea || convert_to(p_grant, 'UTF8')), 'hex'), 24);

-- Targets are everybody's, so it is for whoever operates in every environment. Aliens are ended only once they were reported, and for a reason.
create function ask_reconciliation(p_tenant text, p_actor text, p_ends_aliens_of text, p_reason text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare v_id text := 'rec-' || gen_random_uuid();
begin
  if not operates(p_tenant, p_actor, '*') then return jsonb_build_object('refused', 'forbidden'); end if;
  if p_ends_aliens_of is not null then
    if not exists (select from reconciliations where tenant = p_tenant and reconciliation = p_ends_aliens_of and finished_at is not null) then
      return jsonb_build_object('refused', 'not_found');
    end if;
    if coalesce(trim(p_reason), '') = '' then return jsonb_build_object('refused', 'reason_required'); end if;
  end if;
  insert into reconciliations (tenant, reconciliation, asked_by, ends_aliens_of) values (p_tenant, v_id, p_actor, p_ends_aliens_of);
  perform ledger_write(p_tenant, array['reconciliation/' || v_id || '/asked'],
    array[canonical_object(jsonb_strip_nulls(jsonb_build_object('event', 'reconciliation.asked', 'actor', p_actor, 'reconciliation', v_id,
      'endsAliensOf', p_ends_aliens_of)))],
    array[canonical_object(case when p_reason is not null then jsonb_build_object('reason', p_reason) end)]);
  return jsonb_build_object('id', v_id);
end $$;

create or replace function ledger_append(p_tenant text, p_keys text[], p_entries text[], p_bodies text[]) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select from unnest(p_keys) k where k ~ '^(vote|fence|quarantine|people|init|restore|agent|proposal)/|^effect/.*/begun$|^grant/.*/(claimed|minted|returned)(/|$)|^reconciliation/.*/asked$') then
    raise exception 'ledger_append: such an entry is written by its guard alone' using errcode = 'insufficient_privilege';
  end if;
  return ledger_write(p_tenant, p_keys, p_entries, p_bodies);
end
$$;

grant select on reconciliations to countersign_gateway, countersign_worker, countersign_loops, countersign_auditor, countersign_guard;
grant insert on reconciliations to countersign_guard;
grant update (taken_at) on reconciliations to countersign_loops;
grant update (finished_at, targets, findings, digest) on reconciliations to countersign_worker;

do $$
begin
  grant create on schema public to countersign_guard;
  alter function ask_reconciliation(text, text, text, text) owner to countersign_guard;
  revoke create on schema public from countersign_guard;
end $$;
revoke execute on function ask_reconciliation(text, text, text, text) from public;
grant execute on function ask_reconciliation(text, text, text, text) to countersign_gateway;
