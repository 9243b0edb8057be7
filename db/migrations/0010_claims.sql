-- The lane `granted`: an agent claims a credential that is made for one action, and gives it back. What an agent may do here it does through
-- functions, as everywhere: a worker that was taken over cannot claim in the name of an agent, nor a gateway record a credential.

create table grant_claims (
  tenant text not null,
  grant_id text not null,
  claim integer not null check (claim between 1 and 3),
  public_key text not null check (public_key ~ '^[A-Za-z0-9_-]{43}$'),
  claimed_at timestamptz not null default clock_timestamp(),
  mints integer not null default 0,
  jwe text check (length(jwe) <= 4096),
  minted_at timestamptz,
  primary key (tenant, grant_id, claim),
  unique (tenant, grant_id, public_key),
  foreign key (tenant, grant_id) references grants
);
comment on table grant_claims is 'Which keys a credential was made for: each claim under another key is a new password, and the end of the one before. Three at most: an agent that lost its key twice is none that should go on.';
comment on column grant_claims.public_key is 'X25519, the member x of the JWK. The private half never left the agent.';
comment on column grant_claims.mints is 'How often a credential was begun to be made for this claim: only the last one is handed out.';
comment on column grant_claims.jwe is 'The credential, readable by the holder of the private key alone; forgotten when another claim takes its place or the grant is over.';

alter table grant_claims enable row level security;
alter table grant_claims force row level security;
create policy own_tenant on grant_claims using (tenant = current_setting('app.tenant', true)) with check (tenant = current_setting('app.tenant', true));

alter table grants
  add column returned_at timestamptz,
  add column returned_as text check (returned_as in ('done', 'failed')),
  add column report jsonb,
  add constraint grants_returned check ((returned_at is null) = (returned_as is null));
comment on column grants.report is 'What the agent says that it did with access of its own. Its claim, checked by nobody.';

-- Why a grant that was lent to an agent may not be used any more; null while it may. The reaper asks it too, so that none of these needs a workflow
-- to take effect. Epochs count besides closed fences: a fence that was closed and opened again has ended what was lent before it.
create function access_ended(p_tenant text, p_grant text) returns text
language sql stable
as $$
  select case
    when g.returned_at is not null then 'returned'
    when a.cancel_requested_at is not null then 'cancelled'
    when f.closed is not null or f.epochs is distinct from d.epochs then 'fenced'
    when not exists (
      select from agents w where w.tenant = a.tenant and w.agent = a.agent and w.generation = a.agent_generation and w.state = 'active') then 'agent_not_active'
    when g.state in ('revoking', 'revoked') then 'revoked'
    when g.expires_at <= clock_timestamp() then 'expired'
  end
  from grants g
  join actions a using (tenant, action)
  join effects e on (e.tenant, e.grant_id) = (g.tenant, g.grant_id) and e.action = g.action
  join decisions d on (d.tenant, d.action, d.round, d.stage) = (a.tenant, a.action, e.round, 'initial')
  cross join read_fences(a.tenant, a.agent, a.team, a.type) f
  where g.tenant = p_tenant and g.grant_id = p_grant
$$;

-- The row of a grant, locked, if this agent may have it: another's is not found.
create function lock_lent_grant(p_tenant text, p_grant text, p_agent text, p_generation integer) returns grants
language plpgsql volatile
as $$
declare g grants;
begin
  select * into g from grants where tenant = p_tenant and grant_id = p_grant for update;
  if not exists (
    select from actions a where a.tenant = p_tenant and a.action = g.action and a.agent = p_agent and a.agent_generation = p_generation and a.lane = 'granted')
  then return null; end if;
  return g;
end $$;

-- An agent asks for the credential of its grant, for a key of its own. Answers 'claimed', or why not.
create function claim_grant(p_tenant text, p_grant text, p_agent text, p_generation integer, p_key text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
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
  update grant_claims set jwe = null where tenant = p_tenant and grant_id = p_grant;
  insert into grant_claims (tenant, grant_id, claim, public_key) values (p_tenant, p_grant, coalesce(c.claim, 0) + 1, p_key);
  perform ledger_write(p_tenant, array['grant/' || p_grant || '/claimed/' || coalesce(c.claim, 0) + 1],
    array[canonical_object(jsonb_build_object('action', g.action, 'agent', p_agent, 'claim', coalesce(c.claim, 0) + 1, 'event', 'grant.claimed', 'grant', p_grant))],
    array[null]::text[]);
  return 'claimed';
end $$;

-- Before a credential is made. Behind the gates, as before an effect: nothing is made once a fence was closed.
-- Answers {"begun": {...}} or {"refused": "<code>"}.
create function begin_mint(p_tenant text, p_grant text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  g grants;
  c grant_claims;
begin
  perform pass_gates(p_tenant);
  select * into g from grants where tenant = p_tenant and grant_id = p_grant for update;
  select * into c from grant_claims where tenant = p_tenant and grant_id = p_grant order by claim desc limit 1;
  if c.claim is null or c.jwe is not null then return jsonb_build_object('refused', 'nothing_to_mint'); end if;
  if access_ended(p_tenant, p_grant) is not null then return jsonb_build_object('refused', 'grant_over'); end if;
  update grant_claims set mints = mints + 1 where tenant = p_tenant and grant_id = p_grant and claim = c.claim;
  update grants set state = 'created' where tenant = p_tenant and grant_id = p_grant and state = 'intent';
  return jsonb_build_object('begun', jsonb_build_object('claim', c.claim, 'key', c.public_key, 'mint', c.mints + 1,
    'leftMs', floor(extract(epoch from g.expires_at - clock_timestamp()) * 1000)));
end $$;

-- After it was made, and before anybody can have it: what ended the access meanwhile ends this too. Null, or why it is not handed out.
create function record_mint(p_tenant text, p_grant text, p_claim integer, p_mint integer, p_jwe text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare g grants;
begin
  perform pass_gates(p_tenant);
  select * into g from grants where tenant = p_tenant and grant_id = p_grant for update;
  if access_ended(p_tenant, p_grant) is not null then return 'grant_over'; end if;
  update grant_claims c set jwe = p_jwe, minted_at = clock_timestamp()
  where tenant = p_tenant and grant_id = p_grant and claim = p_claim and mints = p_mint and jwe is null
    and not exists (select from grant_claims l where (l.tenant, l.grant_id) = (c.tenant, c.grant_id) and l.claim > c.claim);
  -- A later mint made the password of this one void.
  if not found then return 'superseded'; end if;
  update grants set state = 'claimed' where tenant = p_tenant and grant_id = p_grant;
  perform ledger_write(p_tenant, array['grant/' || p_grant || '/minted/' || p_claim],
    array[canonical_object(jsonb_build_object('action', g.action, 'claim', p_claim, 'event', case p_claim when 1 then 'grant.minted' else 'grant.rotated' end,
      'grant', p_grant, 'target', g.target))],
    array[null]::text[]);
  return null;
end $$;

-- An agent gives its access back, and says what came of it. A report needs no gate: it lets nothing begin. Answers 'returned', or why not.
create function return_grant(p_tenant text, p_grant text, p_agent text, p_generation integer, p_as text, p_report text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare g grants;
begin
  g := lock_lent_grant(p_tenant, p_grant, p_agent, p_generation);
  if g.grant_id is null then return 'not_found'; end if;
  if g.returned_as = p_as and g.report is not distinct from p_report::jsonb then return 'returned'; end if;
  if g.returned_at is not null or g.state in ('revoking', 'revoked') or g.expires_at <= clock_timestamp() then return 'grant_over'; end if;
  if not exists (select from grant_claims where tenant = p_tenant and grant_id = p_grant and minted_at is not null) then return 'grant_unclaimed'; end if;
  update grants set returned_at = clock_timestamp(), returned_as = p_as, report = p_report::jsonb
  where tenant = p_tenant and grant_id = p_grant;
  perform ledger_write(p_tenant, array['grant/' || p_grant || '/returned'],
    array[canonical_object(jsonb_build_object('action', g.action, 'agent', p_agent, 'as', p_as, 'event', 'grant.returned', 'grant', p_grant,
      'unusedMs', floor(extract(epoch from g.expires_at - clock_timestamp()) * 1000)))],
    array['{"report":' || coalesce(p_report, 'null') || '}']);
  return 'returned';
end $$;

-- What nobody needs any more is forgotten: a credential that is dead, however well it is sealed.
create function forget_sealed() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  update grant_claims set jwe = null where tenant = new.tenant and grant_id = new.grant_id and jwe is not null;
  return null;
end $$;
create trigger grants_forget_sealed after update of state on grants
  for each row when (new.state = 'revoked' and old.state <> 'revoked') execute function forget_sealed();

-- Entries of these guards are theirs alone, as those of the others are.
create or replace function ledger_append(p_tenant text, p_keys text[], p_entries text[], p_bodies text[]) returns integer
  language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp
as $$
begin
  if exists (select from unnest(p_keys) k where k ~ '^(vote|fence|quarantine|people|init)/|^effect/.*/begun$|^grant/.*/(claimed|minted|returned)(/|$)') then
    raise exception 'ledger_append: such an entry is written by its guard alone' using errcode = 'insufficient_privilege';
  end if;
  return ledger_write(p_tenant, p_keys, p_entries, p_bodies);
end
$$;

grant select on grant_claims to countersign_gateway, countersign_guard, countersign_auditor;
grant select (tenant, grant_id, claim, public_key, claimed_at, mints, minted_at) on grant_claims to countersign_worker, countersign_loops;
grant insert, update on grant_claims to countersign_guard;

grant create on schema public to countersign_guard;
alter function claim_grant(text, text, text, integer, text) owner to countersign_guard;
alter function begin_mint(text, text) owner to countersign_guard;
alter function record_mint(text, text, integer, integer, text) owner to countersign_guard;
alter function return_grant(text, text, text, integer, text, text) owner to countersign_guard;
alter function forget_sealed() owner to countersign_guard;
revoke create on schema public from countersign_guard;

revoke execute on function claim_grant(text, text, text, integer, text), begin_mint(text, text), record_mint(text, text, integer, integer, text),
  return_grant(text, text, text, integer, text, text), forget_sealed() from public;
grant execute on function claim_grant(text, text, text, integer, text), return_grant(text, text, text, integer, text, text) to countersign_gateway;
grant execute on function begin_mint(text, text), record_mint(text, text, integer, integer, text) to countersign_worker;
