#!/usr/bin/env bash
# A PostgreSQL for measuring: Debian's programs, a cluster with its ordinary promises (fsync on), on a socket only.
# usage: postgres.sh start FOLDER (prints the address of an empty database `fleet`) | postgres.sh stop FOLDER
set -euo pipefail
folder="$2"
programs="$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)"
[ -n "$programs" ] || { echo "skipped: no PostgreSQL" >&2; exit 0; }
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
case "$1" in
start)
    mkdir -p "$folder"
    [ "$(id -u)" = 0 ] && chown postgres "$folder"
    cd /
    [ -d "$folder/data" ] || as "$programs/initdb" -D "$folder/data" -U postgres --auth=trust -E UTF8 --locale=C.UTF-8 >/dev/null
    as "$programs/pg_ctl" -D "$folder/data" -w -s -l "$folder/log" \
        -o "-c listen_addresses= -k $folder -c shared_buffers=512MB -c max_wal_size=2GB" start >/dev/null
    # No superuser: that one walks past row-level security.
    as "$programs/psql" -h "$folder" -U postgres -q -c "CREATE ROLE bedrail LOGIN" -c "CREATE DATABASE fleet OWNER bedrail" >/dev/null
    echo "postgres://bedrail@localhost/fleet?host=$folder"
    ;;
stop) cd / && as "$programs/pg_ctl" -D "$folder/data" -m fast -s stop ;;
esac
