#!/bin/sh
# Run by the Postgres image once, when its volume is empty: Temporal has a login and two databases of its own, and none in Countersign's.
set -eu

psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
  --set password="$(cat /run/secrets/temporal-database-password)" <<'SQL'
create role temporal login password :'password';
create database temporal owner temporal;
create database temporal_visibility owner temporal;
revoke all on database temporal, temporal_visibility from public;
SQL
