# shellcheck shell=bash
# One private PostgreSQL for the length of a test run. Sourced after lib.sh; call postgres_start, and postgres_stop from a trap.

PG_DIR=
PG_BIN=

# PostgreSQL refuses to run as root, so root lends it to the user that Debian's package made.
pg() {
  if [ "$(id -u)" = 0 ]; then
    runuser -u postgres -- "$@"
  else
    "$@"
  fi
}

postgres_bin() {
  local newest
  newest=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null | sort -V | tail -n 1)
  if [ -n "$newest" ] && [ -x "/usr/lib/postgresql/$newest/bin/initdb" ]; then
    printf '%s\n' "/usr/lib/postgresql/$newest/bin"
  elif have initdb; then
    dirname "$(command -v initdb)"
  fi
}

need_postgres() {
  PG_BIN=$(postgres_bin)
  if [ -z "$PG_BIN" ]; then
    need_packages postgresql
    PG_BIN=$(postgres_bin)
  fi
  [ -n "$PG_BIN" ] || die "PostgreSQL's initdb is nowhere: install the package postgresql"
}

# Starts it on a free port of 127.0.0.1 and exports MC_TEST_POSTGRES_URL, with a password that only this run knows.
# When the variable is already set, that server is used and left alone.
postgres_start() {
  local password port
  [ -z "${MC_TEST_POSTGRES_URL:-}" ] || return 0
  need_postgres
  PG_DIR=$(mktemp -d /tmp/mc-postgres.XXXXXX)
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  (umask 077 && printf '%s\n' "$password" >"$PG_DIR/password")
  [ "$(id -u)" != 0 ] || chown -R postgres "$PG_DIR"
  pg "$PG_BIN/initdb" --pgdata="$PG_DIR/data" --username=postgres --auth=scram-sha-256 --pwfile="$PG_DIR/password" \
    --encoding=UTF8 --locale=C --no-sync >/dev/null
  for _ in 1 2 3 4 5 6 7 8; do
    port=$((20000 + RANDOM % 12000))
    # fsync off: the cluster is thrown away, and no test pulls the machine's plug.
    if pg "$PG_BIN/pg_ctl" --pgdata="$PG_DIR/data" --log="$PG_DIR/log" --silent --wait start \
      --options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=400" >/dev/null 2>&1; then
      export MC_TEST_POSTGRES_URL="postgres://postgres:$password@127.0.0.1:$port/postgres"
      say "PostgreSQL for the tests is on port $port"
      return
    fi
  done
  cat "$PG_DIR/log" >&2
  die "PostgreSQL does not start: its log is above"
}

postgres_stop() {
  [ -n "$PG_DIR" ] || return 0
  pg "$PG_BIN/pg_ctl" --pgdata="$PG_DIR/data" --silent --mode=immediate stop >/dev/null 2>&1 || true
  rm -rf "$PG_DIR"
  PG_DIR=
}
