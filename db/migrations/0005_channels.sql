-- How people hear that something waits for them, and what each place that told them shows. Postgres is the inbox; a card, a mail and a thread are
-- views of it, brought up to date by a loop until they agree.

-- ── where people are ────────────────────────────────────────────────────────────────────────────────────────────────

create table person_addresses (
  tenant text not null,
  person text not null,
  address text not null check (length(address) between 3 and 254 and address ~ '^[!-~]+@[!-~]+$'),
  verified_at timestamptz not null default now(),
  primary key (tenant, person),
  foreign key (tenant, person) references people
);
create unique index person_addresses_one on person_addresses (tenant, lower(address));
comment on table person_addresses is 'Personal data. Where a person gets mail; one address is one person.';

create table slack_identities (
  tenant text not null,
  slack_team text not null check (slack_team ~ '^[A-Z0-9]{1,32}$'),
  slack_user text not null check (slack_user ~ '^[A-Z0-9]{1,32}$'),
  person text not null,
  linked_at timestamptz not null default now(),
  linked_by text not null,
  primary key (tenant, slack_team, slack_user),
  unique (tenant, slack_team, person),
  foreign key (tenant, person) references people
);
comment on table slack_identities is 'Who a Slack account is, both ways unique. Never taken from a profile, which its owner can edit.';

create table slack_link_codes (
  tenant text not null references tenants,
  code_hash bytea not null unique check (length(code_hash) = 32),
  slack_team text not null,
  slack_user text not null,
  expires_at timestamptz not null default now() + interval '10 minutes',
  used_at timestamptz,
  primary key (tenant, code_hash)
);
comment on table slack_link_codes is 'Given to whoever presses a button and is unknown; worth something only to a person who is logged in.';

-- ── what is to be told, and what is shown where ─────────────────────────────────────────────────────────────────────

create table notices (
  tenant text not null,
  request text not null,
  version bigint not null default 1,
  shown_version bigint not null default 0,
  due_at timestamptz not null default clock_timestamp(),
  attempts integer not null default 0,
  last_code text,
  primary key (tenant, request),
  foreign key (tenant, request) references approval_requests
);
create index notices_due on notices (due_at) where shown_version < version;
comment on table notices is 'One for each request for approval. Every change of it, by whatever channel, is a new version; the loop shows it everywhere.';

create table surfaces (
  tenant text not null,
  request text not null,
  surface text not null check (length(surface) between 1 and 200),
  channel text not null check (channel in ('slack', 'email')),
  place text not null check (length(place) <= 300),
  external_id text,
  version bigint not null default 0,
  shown_digest text,
  state text not null default 'intended' check (state in ('intended', 'shown', 'gone')),
  intended_at timestamptz not null default clock_timestamp(),
  shown_at timestamptz,
  last_code text,
  primary key (tenant, request, surface),
  foreign key (tenant, request) references notices
);
comment on table surfaces is 'Each message that shows a request. Written down as intended before it is sent, so that a crash in between is noticed.';
comment on column surfaces.shown_digest is 'SHA-256 of what was sent: what the person saw is evidence.';

-- Whoever changes a request, tells. The trigger runs in the transaction of the change, so nothing can change silently.
create function note_change() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  if tg_table_name = 'approval_requests' and tg_op = 'INSERT' then
    insert into notices (tenant, request) values (new.tenant, new.request);
  elsif tg_table_name = 'actions' then
    update notices n set version = n.version + 1, due_at = clock_timestamp(), attempts = 0
    from approval_requests r
    where (r.tenant, r.action) = (new.tenant, new.action) and (n.tenant, n.request) = (r.tenant, r.request);
  else
    update notices n set version = n.version + 1, due_at = clock_timestamp(), attempts = 0
    where (n.tenant, n.request) = (new.tenant, new.request);
  end if;
  return null;
end $$;

create trigger note_opening after insert on approval_requests for each row execute function note_change();
create trigger note_standing after update of state, reminders on approval_requests for each row
  when (old.state <> new.state or old.reminders <> new.reminders) execute function note_change();
create trigger note_vote after insert on votes for each row execute function note_change();
create trigger note_end after update of settled_at on actions for each row
  when (old.settled_at is null and new.settled_at is not null) execute function note_change();

-- ── what comes back ─────────────────────────────────────────────────────────────────────────────────────────────────

create table slack_deliveries (
  tenant text not null references tenants,
  delivery bytea not null check (length(delivery) = 32),
  received_at timestamptz not null default clock_timestamp(),
  primary key (tenant, delivery)
);
comment on table slack_deliveries is 'SHA-256 of each signed request that took effect, kept for as long as its signature is accepted: sent again, it does nothing.';

create table mail_links (
  tenant text not null,
  token_hash bytea not null unique check (length(token_hash) = 32),
  request text not null,
  person text not null,
  digest text not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  code_hash bytea check (length(code_hash) = 32),
  code_expires_at timestamptz,
  code_attempts integer not null default 0,
  codes_sent integer not null default 0,
  primary key (tenant, token_hash),
  foreign key (tenant, request) references approval_requests,
  foreign key (tenant, person) references people
);
create index mail_links_of_request on mail_links (tenant, request, person);
comment on table mail_links is 'What a mail leads to: one person, one request, one digest, one vote. The token itself is only in the mail.';

-- Finds the tenant of a link before a tenant is known, as the functions that authenticate do.
create function find_mail_link(p_token_hash bytea)
returns table (tenant text, request text, person text, digest text, expired boolean, used boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select l.tenant, l.request, l.person, l.digest, l.expires_at <= clock_timestamp(), l.used_at is not null
  from mail_links l where l.token_hash = p_token_hash
$$;

-- ── who may do what ─────────────────────────────────────────────────────────────────────────────────────────────────

do $$
declare t text;
begin
  foreach t in array array['person_addresses', 'slack_identities', 'slack_link_codes', 'notices', 'surfaces', 'slack_deliveries', 'mail_links']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy own_tenant on %I using (tenant = current_setting(''app.tenant'', true)) with check (tenant = current_setting(''app.tenant'', true))', t);
  end loop;
end $$;
-- The trigger writes for whatever tenant its row is of.
create policy every_tenant_by_trigger on notices to countersign_guard using (true) with check (true);

grant select on notices, surfaces, slack_identities to countersign_gateway, countersign_worker, countersign_loops, countersign_auditor, countersign_guard;
grant select on person_addresses to countersign_gateway, countersign_loops, countersign_guard;
grant insert, update on notices to countersign_guard;
grant update (shown_version, due_at, attempts, last_code) on notices to countersign_loops;
grant insert, update, delete on surfaces to countersign_loops;
grant select, insert on slack_deliveries to countersign_gateway;
grant select, delete on slack_deliveries to countersign_loops;
grant select, insert on slack_link_codes to countersign_gateway;
grant select, update on slack_link_codes to countersign_guard;
grant select, insert, update on slack_identities to countersign_guard;
grant select, insert on mail_links to countersign_loops;
grant select on mail_links to countersign_gateway, countersign_identity;
grant update (used_at, code_hash, code_expires_at, code_attempts, codes_sent) on mail_links to countersign_gateway;

grant create on schema public to countersign_guard, countersign_identity;
alter function note_change() owner to countersign_guard;
alter function find_mail_link(bytea) owner to countersign_identity;
revoke create on schema public from countersign_guard, countersign_identity;
revoke execute on function note_change(), find_mail_link(bytea) from public;
grant execute on function find_mail_link(bytea) to countersign_gateway;
