#!/bin/bash
# Holds the running API against its own description: schemathesis (PyPI) sends what the description allows and what it does
# not, and looks at every answer. A server on loopback with the sample hospital, on the embedded database and, where
# PostgreSQL is installed, on one of its own. Bounded: so many examples a route, and a limit on time.
#
#   scripts/check-api.sh [DATABASE…]      embedded (default), postgres
#   EXAMPLES=30 SECONDS_AT_MOST=600 SEED=1 scripts/check-api.sh
set -euo pipefail
cd "$(dirname "$0")/.."

HERE=$PWD
VERSION=4.32.5
TARGET=${CARGO_TARGET_DIR:-$PWD/target}
TOOLS=$TARGET/check-api
EXAMPLES=${EXAMPLES:-20}
SECONDS_AT_MOST=${SECONDS_AT_MOST:-600}
SEED=${SEED:-1}
BEDRAIL=${BEDRAIL:-$TARGET/debug/bedrail}

if ! "$TOOLS/bin/st" --version 2>/dev/null | grep -q "$VERSION"; then
    python3 -m venv "$TOOLS"
    "$TOOLS/bin/pip" --quiet --disable-pip-version-check install "schemathesis==$VERSION"
fi

work=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
    if [ -d "$work/cluster" ]; then as_postgres "$pg/pg_ctl" -D "$work/cluster" -m immediate stop >/dev/null || true; fi
    rm -rf "$work"
}
trap finish EXIT

as_postgres() {
    if [ "$(id -u)" = 0 ]; then (cd /tmp && setpriv --reuid postgres --regid postgres --clear-groups "$@"); else "$@"; fi
}

# A cluster of its own, on a free port of loopback.
start_postgres() {
    pg=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
    [ -n "$pg" ] || { echo "PostgreSQL is not installed: skipped"; return 1; }
    mkdir "$work/cluster"
    [ "$(id -u)" != 0 ] || chown postgres "$work/cluster" && chmod 711 "$work"
    as_postgres "$pg/initdb" -D "$work/cluster" -U owner -A trust -E UTF8 --no-sync >/dev/null
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    as_postgres "$pg/pg_ctl" -D "$work/cluster" -w -l "$work/cluster/log" \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off" start >/dev/null
    as_postgres "$pg/psql" -q -h 127.0.0.1 -p "$port" -U owner -d postgres \
        -c "CREATE ROLE bedrail LOGIN" -c "CREATE DATABASE bedrail OWNER bedrail"
    export BEDRAIL_DATABASE=postgres://bedrail@127.0.0.1:$port/bedrail
}

check() {
    local database=$1 data=$work/$1
    unset BEDRAIL_DATABASE
    if [ "$database" = postgres ]; then start_postgres || return 0; fi
    # Nothing is fetched: what would be is looked for on a port that nobody listens on.
    export BEDRAIL_OSV_URL=http://127.0.0.1:9 BEDRAIL_KEV_URL=http://127.0.0.1:9 BEDRAIL_EPSS_URL=http://127.0.0.1:9
    "$BEDRAIL" --data "$data" demo load >/dev/null
    "$BEDRAIL" --data "$data" serve --listen 127.0.0.1:0 --feeds off --no-worker >"$data.out" 2>"$data.log" &
    server=$!
    python3 scripts/check_api_sign_in.py "$data.out" >"$data.env"
    # shellcheck disable=SC1090
    source "$data.env"
    echo "checking $ADDRESS on $database: $EXAMPLES examples a route, seed $SEED"
    local status=0
    export TOKEN
    # In the work folder, where it may leave what it remembers. Left out: the stream that does not end, and the one body of lines of
    # JSON, which the tool cannot write.
    (cd "$work" && timeout "$SECONDS_AT_MOST" "$TOOLS/bin/st" --config-file "$HERE/scripts/check-api.toml" \
        run "$ADDRESS/api/v1/openapi.json" --exclude-path /api/v1/events \
        --exclude-path '/api/v1/alerts/sources/{id}/events' --max-examples "$EXAMPLES" --seed "$SEED") || status=$?
    if grep -q "panicked at" "$data.log"; then echo "the server panicked:"; grep -A3 "panicked at" "$data.log"; status=1; fi
    kill "$server"
    wait "$server" || true
    server=
    [ "$status" = 0 ] || { echo "check-api failed on $database ($status)"; tail -5 "$data.log"; return 1; }
}

for database in "${@:-embedded}"; do
    check "$database"
done
