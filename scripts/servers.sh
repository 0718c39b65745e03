# Sourced: a temporary PostgreSQL and a temporary Redis on loopback, gone when the script ends.
# Sets TEST_DATABASE_URL and TEST_REDIS_URL unless they are given.

SERVERS="$(mktemp -d)"
REDIS_PID=""

stop_servers() {
    local code=$?
    trap - EXIT
    [ -z "$REDIS_PID" ] || kill "$REDIS_PID" 2> /dev/null || true
    [ ! -f "$SERVERS/pg/postmaster.pid" ] || as_postgres "$PG_BIN/pg_ctl" -D "$SERVERS/pg" -m immediate stop > /dev/null || true
    rm -rf "$SERVERS"
    exit "$code"
}
trap stop_servers EXIT
trap 'exit 130' INT TERM HUP

free_port() { "$PYTHON" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# PostgreSQL refuses to run as root.
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

postgres_bin() {
    local found
    found="$(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -V | tail -1)"
    if [ -z "$found" ] && command -v initdb > /dev/null; then found="$(dirname "$(command -v initdb)")"; fi
    printf '%s' "$found"
}

start_postgres() {
    [ -z "${TEST_DATABASE_URL:-}" ] || return 0
    PG_BIN="$(postgres_bin)"
    [ -n "$PG_BIN" ] || return 1
    local port
    port="$(free_port)"
    chmod 711 "$SERVERS"
    mkdir "$SERVERS/pg" "$SERVERS/socket"
    [ "$(id -u)" != 0 ] || chown postgres "$SERVERS/pg" "$SERVERS/socket"
    (
        cd "$SERVERS"
        # The locale is said aloud: with LANG unset, initdb would make an SQL_ASCII database.
        as_postgres "$PG_BIN/initdb" -D "$SERVERS/pg" -U postgres -E UTF8 --locale=C.UTF-8 --auth=trust -N > "$SERVERS/initdb.log" &&
        as_postgres "$PG_BIN/pg_ctl" -D "$SERVERS/pg" -w -s -l "$SERVERS/socket/log" -o "-p $port -k $SERVERS/socket \
            -c listen_addresses=127.0.0.1 -c max_connections=200 ${PG_OPTIONS:-"-c fsync=off -c full_page_writes=off"}" start
    ) || die "PostgreSQL 未能启动。" "The temporary PostgreSQL did not start."
    export TEST_DATABASE_URL="postgresql://postgres@127.0.0.1:$port/postgres"
}

start_redis() {
    [ -z "${TEST_REDIS_URL:-}" ] || return 0
    command -v redis-server > /dev/null || return 1
    local port
    port="$(free_port)"
    redis-server --bind 127.0.0.1 --port "$port" --save "" --appendonly no --dir "$SERVERS" > "$SERVERS/redis.log" &
    REDIS_PID=$!
    disown "$REDIS_PID"
    export TEST_REDIS_URL="redis://127.0.0.1:$port/0"
}
