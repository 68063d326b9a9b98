# shellcheck shell=bash
# What every script here shares: where things live, steps counted aloud, stamps of inputs, and words for the person.
# Sourced, never run. It installs nothing.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"

# Honoured, never chosen. Absolute, because Trunk calls cargo from another folder.
if [ -n "${CARGO_TARGET_DIR:-}" ]; then
  CARGO_TARGET_DIR=$(realpath -m "$CARGO_TARGET_DIR")
  export CARGO_TARGET_DIR
fi
TARGET_DIR=${CARGO_TARGET_DIR:-$ROOT/target}
# A target of the person's own would move every binary to another folder.
unset CARGO_BUILD_TARGET
STAMPS=$TARGET_DIR/stamps
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/ventanilla
TOOLS=$CACHE/tools

# A fresh rustup is not on PATH until the next login.
if ! command -v cargo >/dev/null && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
  PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
fi
export PATH=$TOOLS/bin:$TOOLS/binaryen/node_modules/.bin:$PATH

say() { printf '%s\n' "$*"; }
note() { printf '  %s\n' "$*"; }
die() {
  printf '\n%s\n' "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

total_time() { duration $((SECONDS - STARTED)); }

duration() { # seconds -> "4 min 12 s"
  if [ "$1" -ge 60 ]; then printf '%d min %d s' $(($1 / 60)) $(($1 % 60)); else printf '%d s' "$1"; fi
}

# Tests that need the SAT's own files leave a note by their name when those are not there: what a test that passes writes
# itself is shown by nobody.
SAT_SKIPPED=$TARGET_DIR/tmp/sat-skipped

tell_sat_skipped() {
  if [ ! -d "$SAT_SKIPPED" ]; then return; fi
  local tests=("$SAT_SKIPPED"/*)
  if [ ! -e "${tests[0]}" ]; then return; fi
  if [ -z "${VENTANILLA_SAT_DIR:-}" ]; then
    note "Sin VENTANILLA_SAT_DIR: ${#tests[@]} pruebas contra los archivos del SAT no se hicieron (${tests[*]##*/})"
  else
    note "Faltan archivos del SAT en $VENTANILLA_SAT_DIR, o xmllint o xsltproc: ${#tests[@]} pruebas contra ellos no se hicieron (${tests[*]##*/})"
  fi
}

# ---------------------------------------------------------------- stamps
# A stamp holds the hash of everything a step read, then the hashes of the files it made. Contents count, dates do
# not: a fresh clone with a kept target folder skips what was already proved.

# The hash of the files below the given paths (tracked or new, never ignored ones) and of the words after `--`.
inputs() {
  local paths=()
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    paths+=("$1")
    shift
  done
  {
    printf '%s\n' "$@"
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
      git ls-files -z --cached --others --exclude-standard -- "${paths[@]}"
    else
      find "${paths[@]}" -type f -not -path '*/node_modules/*' -print0 2>/dev/null
    fi | LC_ALL=C sort -zu | while IFS= read -r -d '' file; do
      # A file deleted and not yet committed is still listed.
      if [ -f "$file" ]; then printf '%s\0' "$file"; fi
    done | xargs -0 -r sha256sum
  } | sha256sum | cut -d' ' -f1
}

stamp_holds() { # name key
  [ "${FORCE:-0}" != 1 ] && [ -f "$STAMPS/$1" ] && [ "$(head -n1 "$STAMPS/$1")" = "$2" ] || return 1
  tail -n +2 "$STAMPS/$1" | { if read -r line; then { printf '%s\n' "$line"; cat; } | sha256sum -c --status 2>/dev/null; fi; }
}

stamp_write() { # name key output...
  local name=$1 key=$2
  shift 2
  mkdir -p "$STAMPS"
  {
    printf '%s\n' "$key"
    if [ $# -gt 0 ]; then sha256sum "$@"; fi
  } >"$STAMPS/$name.part"
  mv "$STAMPS/$name.part" "$STAMPS/$name"
}

# ---------------------------------------------------------------- steps
STEP=0
STEPS=0
SUMMARY=()
# Files that the running step made.
STEP_OUTPUTS=()
CURRENT=
CURRENT_BEGAN=0
STARTED=$SECONDS
# Functions to call at the end, however it comes, the last one first.
CLEANUPS=()

at_exit() {
  local rc=$? i
  trap - EXIT INT TERM
  for ((i = ${#CLEANUPS[@]} - 1; i >= 0; i--)); do "${CLEANUPS[i]}" || true; done
  if [ "$rc" != 0 ] && [ -n "$CURRENT" ]; then
    SUMMARY+=("$(printf '  %-14s %s' "SIN TERMINAR" "$CURRENT")")
    summary
    printf '\nNo terminó el paso %s de %s: %s (%s).\n' "$STEP" "$STEPS" "$CURRENT" \
      "$(duration $((SECONDS - CURRENT_BEGAN)))" >&2
  fi
  exit "$rc"
}
trap at_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

steps() { STEPS=$1; } # how many there will be

summary() {
  [ ${#SUMMARY[@]} -gt 0 ] || return 0
  say ""
  printf '%s\n' "${SUMMARY[@]}"
}

# step TITLE FUNCTION [STAMP KEY]
# Runs FUNCTION here, with errexit on. With a stamp, skips when nothing that it reads has changed; FUNCTION names the
# files that it made in STEP_OUTPUTS.
step() {
  local title=$1 function=$2 name=${3:-} key=${4:-} took
  STEP=$((STEP + 1)) CURRENT=$title CURRENT_BEGAN=$SECONDS STEP_OUTPUTS=()
  say ""
  say "paso $STEP de $STEPS: $title"
  if [ -n "$name" ] && stamp_holds "$name" "$key"; then
    took="sin cambios"
    note "sin cambios, se salta (FORCE=1 lo repite)"
  else
    # Never inside a condition: there bash would switch errexit off for the whole function.
    "$function"
    if [ -n "$name" ]; then stamp_write "$name" "$key" "${STEP_OUTPUTS[@]}"; fi
    took=$(duration $((SECONDS - CURRENT_BEGAN)))
    note "listo en $took"
  fi
  SUMMARY+=("$(printf '  %-14s %s' "$took" "$title")")
  CURRENT=
}

# ---------------------------------------------------------------- work beside the steps
# One thing may be done beside the steps: `behind FUNCTION` begins it, `behind_join` waits for it and shows what it said.
BEHIND_PID=
BEHIND_LOG=

behind() {
  BEHIND_LOG=$(mktemp "${TMPDIR:-/tmp}/ventanilla-behind.XXXXXX")
  CLEANUPS+=(behind_stop)
  # A group of its own, so that all of it can be stopped.
  set -m
  "$1" >"$BEHIND_LOG" 2>&1 </dev/null &
  BEHIND_PID=$!
  set +m
}

behind_join() {
  local rc=0
  wait "$BEHIND_PID" || rc=$?
  BEHIND_PID=
  cat "$BEHIND_LOG"
  rm -f "$BEHIND_LOG"
  return "$rc"
}

behind_stop() {
  [ -n "$BEHIND_PID" ] || return 0
  kill -- "-$BEHIND_PID" 2>/dev/null || true
  wait "$BEHIND_PID" 2>/dev/null || true
  rm -f "$BEHIND_LOG"
}
