# shellcheck shell=bash
# What the machine must have. Everything missing is named at once, with one line to copy. Sourced.
# Only `need_or_install` installs, and only as root: `make run` never does.

# The line that installs the given Debian or Fedora packages: install_line "DEBIAN..." "FEDORA..."
install_line() {
  local sudo=
  [ "$(id -u)" = 0 ] || sudo='sudo '
  if have dnf && ! have apt-get; then
    printf '%sdnf install -y %s' "$sudo" "$2"
  else
    printf '%sapt-get update && %sapt-get install -y %s' "$sudo" "$sudo" "$1"
  fi
}

RUSTUP_LINE="curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal && . \"\$HOME/.cargo/env\""

# What `make run` and every build need: git, a C compiler and Rust.
preflight() {
  local missing=() deb=() rpm=() lines=()
  if ! have git; then missing+=("git") deb+=(git) rpm+=(git); fi
  if ! have cc; then missing+=("cc (compilador de C)") deb+=(gcc libc6-dev) rpm+=(gcc); fi
  if ! have sha256sum; then missing+=("sha256sum") deb+=(coreutils) rpm+=(coreutils); fi
  if ! have cargo && ! have rustup && ! have curl; then
    missing+=("curl (para traer rustup)") deb+=(curl ca-certificates) rpm+=(curl)
  fi
  if [ ${#deb[@]} -gt 0 ]; then lines+=("$(install_line "${deb[*]}" "${rpm[*]}")"); fi
  if ! have cargo && ! have rustup; then
    missing+=("rustup")
    lines+=("$RUSTUP_LINE")
  fi
  if [ ${#missing[@]} -gt 0 ]; then
    local line="${lines[0]}" rest
    for rest in "${lines[@]:1}"; do line+=" && $rest"; done
    printf '\nFalta en esta máquina:\n' >&2
    printf '  - %s\n' "${missing[@]}" >&2
    die "Copie esta línea y vuelva a intentar:

  $line
"
  fi
  local free_kb
  mkdir -p "$TARGET_DIR"
  free_kb=$(df -Pk "$TARGET_DIR" | awk 'NR==2 {print $4}')
  # A cold debug build with its tools takes about 6 GB.
  if [ "$free_kb" -lt $((6 * 1024 * 1024)) ]; then
    note "aviso: quedan $((free_kb / 1024)) MB libres en $TARGET_DIR; una construcción desde cero usa unos 6 GB"
  fi
}

# Makes sure that the toolchain of rust-toolchain.toml, or a newer one, answers. Exports RUSTUP_TOOLCHAIN for the latter.
toolchain() {
  local channel listed other version
  channel=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml)
  if rustc --version >/dev/null 2>&1; then
    note "$(rustc --version)"
    return
  fi
  have rustup || die "rustc no responde y no hay rustup. Instálelo con:

  $RUSTUP_LINE"
  note "se instala Rust $channel"
  if RUST_BACKTRACE=0 rustup toolchain install "$channel" --profile minimal --component clippy --component rustfmt && rustc --version; then
    return
  fi
  while read -r listed _; do
    case $listed in nightly* | beta*) continue ;; esac
    other=$(RUSTUP_TOOLCHAIN=$listed rustc --version 2>/dev/null) || continue
    version=$(printf '%s' "$other" | cut -d' ' -f2)
    if [ "$(printf '%s\n%s\n' "$channel" "$version" | sort -V | head -n1)" = "$channel" ]; then
      export RUSTUP_TOOLCHAIN=$listed
      note "aviso: no se pudo obtener Rust $channel; se usa $listed ($version), que es más nuevo"
      return
    fi
  done < <(rustup toolchain list)
  die "No se pudo instalar Rust $channel y no hay otro más nuevo. Con conexión: rustup toolchain install $channel"
}

# Whether a command is there: by its own finder below when it has one, else on PATH.
found() {
  if declare -F "find_$1" >/dev/null; then "find_$1" >/dev/null 2>&1; else have "$1"; fi
}

# need_or_install "COMMAND:DEBIAN PACKAGES:FEDORA PACKAGES"...  Missing commands that tests use are installed by apt when
# root; otherwise the run fails with the line to type.
need_or_install() {
  local entry command deb rpm words missing=() debs=() rpms=() line
  for entry in "$@"; do
    IFS=: read -r command deb rpm <<<"$entry"
    if found "$command"; then continue; fi
    missing+=("$command")
    read -ra words <<<"$deb"
    debs+=("${words[@]}")
    read -ra words <<<"$rpm"
    rpms+=("${words[@]}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  line=$(install_line "${debs[*]}" "${rpms[*]}")
  if [ "$(id -u)" != 0 ] || ! have apt-get; then
    die "Para las pruebas falta: ${missing[*]}. Copie esta línea y vuelva a intentar:

  $line"
  fi
  note "falta ${missing[*]}; se instala con apt: ${debs[*]}"
  if ! { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${debs[@]}"; } \
    >"$TARGET_DIR/apt.log" 2>&1; then
    tail -n 5 "$TARGET_DIR/apt.log" >&2
    die "apt no pudo instalar ${debs[*]}. A mano:

  $line"
  fi
  hash -r
  for command in "${missing[@]}"; do
    found "$command" || die "apt instaló ${debs[*]}, pero $command sigue sin servir."
  done
}

# The folder with the newest PostgreSQL's initdb and pg_ctl (Debian keeps them off PATH).
find_pg_ctl() {
  local command
  command=$(find /usr/lib/postgresql/*/bin /usr/pgsql-*/bin -maxdepth 1 -name pg_ctl 2>/dev/null | sort -V | tail -n1)
  if [ -z "$command" ]; then command=$(command -v pg_ctl) || return 1; fi
  [ -x "$(dirname "$(readlink -f "$command")")/initdb" ] || return 1
  dirname "$(readlink -f "$command")"
}

# A Chromium or Chrome: $CHROMIUM, PATH, or its usual places.
find_chromium() {
  local candidate
  for candidate in "${CHROMIUM:-}" chromium chromium-browser google-chrome-stable google-chrome \
    /usr/lib/chromium/chromium /snap/bin/chromium /opt/google/chrome/chrome; do
    if [ -n "$candidate" ] && command -v "$candidate"; then return; fi
  done
  return 1
}

# A Node that the pinned Playwright accepts: 18 or newer.
find_node() {
  local major
  have node && have npm || return 1
  major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
  [ "$major" -ge 18 ] || return 1
  command -v node
}
