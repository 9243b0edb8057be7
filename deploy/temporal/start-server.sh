#!/bin/sh
# The server takes its database's password from the environment alone. Read here, it is in no container's definition.
set -eu

POSTGRES_PWD=$(cat /run/secrets/temporal-database-password)
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh
