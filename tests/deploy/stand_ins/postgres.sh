#!/bin/sh
# What the image `postgres` does: takes the directory over, sets it up with POSTGRES_PASSWORD where it is empty, serves.
set -eu
data=${PGDATA:-/var/lib/postgresql/data}
programs=$(echo /usr/lib/postgresql/*/bin)
if [ "$(id -u)" = 0 ]; then
    install -d -o postgres -m 0700 "$data"
    exec setpriv --reuid postgres --regid postgres --init-groups "$0"
fi
if [ ! -e "$data/PG_VERSION" ]; then
    echo "$POSTGRES_PASSWORD" > /tmp/password
    "$programs/initdb" --pgdata "$data" --pwfile /tmp/password --auth scram-sha-256 --encoding UTF8
    echo "host all all all scram-sha-256" >> "$data/pg_hba.conf"
fi
exec "$programs/postgres" -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp
