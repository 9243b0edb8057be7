#!/bin/sh
# Brings the schemas of Temporal's two databases up to the version of this image. Safe to repeat: an upgrade does the same.
set -eu

SQL_PASSWORD=$(cat /run/secrets/temporal-database-password)
export SQL_PASSWORD
schema=/etc/temporal/schema/postgresql/v12

for name in temporal:temporal temporal_visibility:visibility; do
  database=${name%%:*}
  tool() {
    temporal-sql-tool --plugin postgres12 --endpoint "$POSTGRES_HOST" --port 5432 --user temporal --database "$database" "$@"
  }
  # The first version is written once; an update to what is there already does nothing.
  tool update-schema --schema-dir "$schema/${name##*:}/versioned" ||
    { tool setup-schema --version 0.0 && tool update-schema --schema-dir "$schema/${name##*:}/versioned"; }
done
