# shellcheck shell=bash
# A throwaway PostgreSQL for the tests: its own folder, free loopback port and password, gone at the end. Sourced.
# Nothing of an installed PostgreSQL service is touched.

PG_HOME=
PG_BIN=

# Runs a PostgreSQL program; as root through an ordinary user, since PostgreSQL refuses root.
pg_run() {
  if [ "$(id -u)" != 0 ]; then
    "$PG_BIN/$1" "${@:2}"
  else
    # A folder that user may enter: initdb complains about one it cannot.
    (cd / && setpriv --reuid "$PG_USER" --regid "$(id -g "$PG_USER")" --clear-groups \
      env HOME="$PG_HOME" "$PG_BIN/$1" "${@:2}")
  fi
}

# Starts it and exports VENTANILLA_TEST_POSTGRES_URL; every test makes a database of its own there.
pg_start() {
  local password port attempt base=${TMPDIR:-/tmp}
  PG_BIN=$(find_pg_ctl)
  PG_USER=postgres
  id "$PG_USER" >/dev/null 2>&1 || PG_USER=nobody
  # A socket's path may have 107 bytes, and as root another user must be able to reach the folder.
  if [ ${#base} -gt 60 ] || [ "$(id -u)" = 0 ]; then base=/tmp; fi
  # Every test makes a database of some hundred files and drops it: in memory that costs a fifth less of the whole run.
  if [ -w /dev/shm ] && [ "$(df -Pk /dev/shm | awk 'END { print $4 }')" -gt 1000000 ]; then base=/dev/shm; fi
  PG_HOME=$(mktemp -d "$base/ventanilla-pg.XXXXXX")
  CLEANUPS+=(pg_stop)
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '%s\n' "$password" >"$PG_HOME/password"
  chmod 700 "$PG_HOME"
  if [ "$(id -u)" = 0 ]; then chown -R "$PG_USER" "$PG_HOME"; fi

  # A password in the clear, over loopback: each test opens connections, and proving one by SCRAM takes a client that is not
  # optimised longer than most tests.
  pg_run initdb --pgdata "$PG_HOME/data" --locale C --encoding UTF8 --username ventanilla --auth password \
    --pwfile "$PG_HOME/password" --no-sync >"$PG_HOME.log" 2>&1 || {
    cat "$PG_HOME.log" >&2
    die "initdb falló"
  }
  # No promise outlives the run, so nothing is forced to disk.
  cat >>"$PG_HOME/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$PG_HOME'
max_connections = 400
shared_buffers = 128MB
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
CONF
  for attempt in 1 2 3 4 5 6 7 8; do
    # Below the range the kernel hands out; a port taken in between only costs another attempt.
    port=$((10240 + (RANDOM << 5 ^ RANDOM) % 22000))
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then continue; fi
    if pg_run pg_ctl start --pgdata "$PG_HOME/data" --log "$PG_HOME/server.log" --wait --timeout 60 --silent \
      --options "-p $port" >"$PG_HOME.log" 2>&1; then
      export VENTANILLA_TEST_POSTGRES_URL="postgres://ventanilla:$password@127.0.0.1:$port/postgres"
      note "PostgreSQL $(pg_run postgres --version | awk '{print $3}') de usar y tirar en el puerto $port"
      return
    fi
    note "PostgreSQL no arrancó en el puerto $port (intento $attempt)"
  done
  cat "$PG_HOME.log" "$PG_HOME/server.log" >&2 || true
  die "PostgreSQL no arrancó"
}

pg_stop() {
  [ -n "$PG_HOME" ] || return 0
  if [ -f "$PG_HOME/data/postmaster.pid" ]; then
    pg_run pg_ctl stop --pgdata "$PG_HOME/data" --mode immediate --silent >/dev/null 2>&1 || true
  fi
  rm -rf "$PG_HOME" "$PG_HOME.log"
  PG_HOME=
  unset VENTANILLA_TEST_POSTGRES_URL
}
