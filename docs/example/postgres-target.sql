-- What a Postgres database does once to become a target (docs/targets.md). Run it in that database as a superuser; Postgres 16 or later.
-- Write your own names for books_minter and books_writer, and a password of 32 random characters.

-- Who makes and ends the login role of each call: no superuser, no owner of anything, and nothing but administration of the profiles.
create role books_minter with login createrole password 'change-me';

-- A profile: what one kind of operation may do here. Nobody logs in as it; each call's role is a member of it for seconds.
create role books_writer with nologin;
grant books_writer to books_minter with admin true, inherit false, set false;

-- Whoever is not named has no business here.
do $$
begin
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to books_minter, books_writer', current_database());
end $$;

-- One marker for each effect, written in the effect's own transaction: what happened, and what was answered. Keep them as long as the effects.
create schema countersign;
create table countersign.markers (
  key text primary key,
  statement text not null,
  result jsonb not null,
  role text not null default session_user,
  at timestamptz not null default clock_timestamp()
);
grant usage on schema countersign to books_writer;
grant select, insert on countersign.markers to books_writer;

-- And what the profile is for.
-- grant select, insert, delete on entries to books_writer;
