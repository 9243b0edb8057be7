-- The company's general ledger, and its own record of who did what there. docs/example/postgres-target.sql was run before.

create table accounts (account text primary key check (account ~ '^[0-9]{4}$'), name text not null);
insert into accounts values
  ('0700', 'Machinery'), ('1600', 'Trade payables'), ('6000', 'Raw materials'), ('6300', 'Office supplies'), ('6400', 'Software'),
  ('6520', 'Freight'), ('6700', 'Consulting'), ('6815', 'Energy');

-- What is wrong is posted the other way round: nothing here is ever changed or deleted.
create table postings (
  id bigint generated always as identity primary key,
  invoice text not null,
  debit text not null references accounts,
  credit text not null references accounts,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null check (currency in ('EUR', 'USD')),
  reverses bigint unique references postings,
  at timestamptz not null default clock_timestamp()
);
grant select, insert on postings to books_writer;

-- For an agent that looks itself: it may read, and nothing else.
create role books_reader with nologin;
grant books_reader to books_minter with admin true, inherit false, set false;
grant select on accounts, postings to books_reader;
do $$ begin execute format('grant connect on database %I to books_reader', current_database()); end $$;

-- Kept by the database about everybody; those who act here can neither read nor write it.
create schema audit;
create table audit.logins (
  role text not null,
  at timestamptz not null default clock_timestamp()
);
create table audit.changes (
  id bigint generated always as identity primary key,
  role text not null,
  operation text not null,
  posting postings not null,
  at timestamptz not null default clock_timestamp()
);

create function audit.note_login() returns event_trigger
language plpgsql security definer set search_path = pg_catalog, audit
as $$
begin
  insert into audit.logins (role) values (session_user);
end $$;
create event trigger note_login on login execute function audit.note_login();

create function audit.note_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, audit
as $$
begin
  insert into audit.changes (role, operation, posting) values (session_user, tg_op, case tg_op when 'DELETE' then old else new end);
  return null;
end $$;
create trigger note_change after insert or update or delete on postings for each row execute function audit.note_change();
