#!/usr/bin/env bash
# make test: everything CI runs, cheap first. `test.sh check` stops after the lints; `test.sh e2e` runs the journeys only.
# Missing tools are installed by apt when root; otherwise the run fails with the line to type. Nothing is skipped in silence.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source scripts/preflight.sh
source scripts/wasm.sh
source scripts/postgres.sh
source scripts/api.sh

MODE=${1:-all}

# The machine's own settings must not decide a result.
# shellcheck disable=SC2031 # find_chromium's caller sets one in a subshell, on purpose
for variable in "${!VENTANILLA_@}"; do
  case $variable in
    # How often and when the crash tests kill the server; where the SAT's own files are.
    VENTANILLA_SAT_DIR | VENTANILLA_TEST_KILLS | VENTANILLA_TEST_SEED | VENTANILLA_TEST_WEBHOOKS) ;;
    *) unset "$variable" ;;
  esac
done
export NO_PROXY=127.0.0.1,localhost,::1${NO_PROXY:+,$NO_PROXY}
export no_proxy=$NO_PROXY

# The most a first visit may load with brotli: 260 KB for a guest, 350 KB for customers, 450 KB for staff.
GUEST_LIMIT=266240
PORTAL_LIMIT=358400
CONSOLE_LIMIT=460800
RUST_SOURCES=(.cargo api shared web migrations Cargo.toml Cargo.lock rust-toolchain.toml)

check_machine() {
  preflight
  toolchain
  if ! cargo clippy --version >/dev/null 2>&1 || ! cargo fmt --version >/dev/null 2>&1; then
    rustup component add clippy rustfmt
  fi
  if [ "$MODE" = check ]; then return; fi
  local wanted=("node:nodejs npm:nodejs npm" "chromium:chromium:chromium" "python3:python3 python3-venv:python3")
  if [ "$MODE" = all ]; then
    wanted+=("pg_ctl:postgresql:postgresql-server" "pdftotext:poppler-utils:poppler-utils" "zbarimg:zbar-tools:zbar"
      "xmllint:libxml2-utils:libxml2")
  fi
  need_or_install "${wanted[@]}"
}

browser_tools() {
  wasm_target
  wasm_tools
  if [ "$MODE" != check ] && ! wasm_opt_fits; then
    die "Las pruebas pesan el portal optimizado y aquí no hay wasm-opt $WASM_OPT_MIN o más nuevo."
  fi
}

fetch() {
  cargo fetch --locked --quiet
  if [ "$MODE" = check ]; then return; fi
  local key
  key=$(inputs e2e/package.json e2e/package-lock.json -- "$(node --version)")
  if [ -d e2e/node_modules ] && stamp_holds npm "$key"; then return; fi
  (cd e2e && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent --no-audit --no-fund --ignore-scripts)
  stamp_write npm "$key"
}

rust_key() { inputs "${RUST_SOURCES[@]}" clippy.toml rustfmt.toml "$@" -- "$(rustc -vV)"; }

format() { cargo fmt --all --check; }

lint_server() { cargo clippy --locked --all-targets -- -D warnings; }

# The profile is Trunk's own, so that both share what they compile for the host.
lint_web() { cargo clippy --locked -p web --target "$WASM_TARGET" --profile wasm-release -- -D warnings; }

document() { RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --quiet; }

document_web() {
  RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --quiet -p web --target "$WASM_TARGET" --profile wasm-release
}

# Where their crates are compiled already, half of what compiles the server and half of what compiles the portal keeps one
# core busy, and neither needs what the other builds: in the whole run they go side by side, until the first test.
web_whole() {
  local key began=$SECONDS
  key=$(rust_key)
  if ! stamp_holds portal-lints "$key"; then
    lint_web
    document_web
    stamp_write portal-lints "$key"
  fi
  key=$(web_key)
  if ! stamp_holds portal "$key"; then
    build_web
    stamp_write portal "$key" "${STEP_OUTPUTS[@]}"
  fi
  note "el portal tardó $(duration $((SECONDS - began))), al lado del servidor"
}

compile_tests() {
  if have cargo-nextest; then
    cargo nextest run --locked --no-run
  else
    cargo test --locked --no-run
  fi
}

# What the browser's half can prove without a browser runs on this machine's own target.
compile_web_tests() { nice cargo test --locked -p web --lib --no-run --quiet; }

tests() {
  pg_start
  rm -rf "$SAT_SKIPPED"
  # Tests leave a core alone now and then.
  behind compile_web_tests
  if have cargo-nextest; then
    # A test waits for the disk, a clock or the database half of its time. One that passes only at its second try is told
    # as flaky: whoever breaks the code fails both.
    cargo nextest run --locked --no-fail-fast --retries 1 --test-threads "$((2 * $(nproc)))"
    cargo test --locked --doc --quiet
  else
    cargo test --locked --no-fail-fast
  fi
  pg_stop
  # Every operation and what it answers to those whom it must refuse.
  cat "$TARGET_DIR"/tmp/walls-*.txt
  behind_join
  cargo test --locked -p web --lib --quiet
}

tests_key() {
  rust_key openapi api scripts/postgres.sh scripts/test.sh
  printf ' %s' "$("$(find_pg_ctl)/postgres" --version)" "SAT ${VENTANILLA_SAT_DIR:-}" \
    "kills ${VENTANILLA_TEST_KILLS:-} ${VENTANILLA_TEST_SEED:-} ${VENTANILLA_TEST_WEBHOOKS:-}"
}

# Ten examples of each operation, the same every time; make fuzz asks 500.
promises() { api_check 10; }

clients_key() {
  inputs "${RUST_SOURCES[@]}" README.md openapi scripts/api.sh scripts/api_hooks.py scripts/api_session.py -- "$(rustc -vV)" "$(node --version)" \
    "$(python3 --version)"
}

openapi() { "$TARGET_DIR/debug/ventanilla" openapi --check; }

# E2E_ARGS goes to Playwright: E2E_ARGS='-g teclado --retries 0'. E2E_JUDGE_SECONDS=1 judges the portal's seconds in the
# journeys that count a person's clicks, on a machine that does nothing else.
journeys() {
  local arguments=()
  read -ra arguments <<<"${E2E_ARGS:-}"
  (
    cd e2e
    CHROMIUM=$(find_chromium) E2E_SERVER=$TARGET_DIR/debug/ventanilla PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 \
      node_modules/.bin/playwright test "${arguments[@]}"
  )
}

journeys_key() {
  inputs "${RUST_SOURCES[@]}" e2e Trunk.toml scripts/wasm.sh -- "$(rustc -vV)" "$(node --version)" \
    "$("$(find_chromium)" --version 2>/dev/null)" "wasm-opt $(wasm_opt_version)" "${E2E_ARGS:-}"
}

case $MODE in
  check) steps 6 ;;
  e2e) steps 8 ;;
  all) steps 15 ;;
  *) die "uso: scripts/test.sh [check|e2e]" ;;
esac
if [ "$MODE" = all ]; then say "Pruebas completas. Desde cero tardan unos 40 min en 2 núcleos; sin cambios, segundos."; fi

step "revisar esta máquina" check_machine
step "objetivo WASM y herramientas" browser_tools
step "traer dependencias" fetch
if [ "$MODE" != e2e ]; then step "formato" format formato "$(rust_key)"; fi
if [ "$MODE" = all ]; then behind web_whole; fi
if [ "$MODE" != e2e ]; then step "clippy: servidor y bibliotecas" lint_server clippy "$(rust_key)"; fi
if [ "$MODE" = check ]; then step "clippy: portal (wasm32)" lint_web clippy-web "$(rust_key)"; fi
if [ "$MODE" = all ]; then
  step "documentación sin avisos" document documentacion "$(rust_key)"
  step "compilar las pruebas" compile_tests compilar "$(tests_key)"
  step "portal: clippy, documentación y aplicaciones WASM" behind_join
fi
if [ "$MODE" = e2e ]; then step "aplicaciones WASM" build_web portal "$(web_key)"; fi
if [ "$MODE" = all ]; then step "pruebas en SQLite y PostgreSQL" tests pruebas "$(tests_key)"; fi
if [ "$MODE" != check ]; then
  PACK_ARGS=(--limit "guest=$GUEST_LIMIT" --limit "mine=$PORTAL_LIMIT" --limit "portal=$PORTAL_LIMIT"
    --limit "payments=$PORTAL_LIMIT" --limit "account=$PORTAL_LIMIT"
    --limit "console=$CONSOLE_LIMIT" --limit "treasury=$CONSOLE_LIMIT")
  step "empaquetado y peso de las primeras vistas" pack_web paquete "$(pack_key)"
  step "servidor con el portal dentro" build_server
fi
if [ "$MODE" = all ]; then
  step "documentos OpenAPI al día" openapi
  step "la API cumple lo que prometen sus documentos (schemathesis)" promises promesas "$(clients_key)"
fi
if [ "$MODE" != check ]; then
  step "clientes generados de integrators.v1 (TypeScript, Python)" api_clients clientes "$(clients_key)"
  step "recorridos en el navegador, con axe" journeys recorridos "$(journeys_key)"
fi

summary
if [ "$MODE" = all ]; then tell_sat_skipped; fi
say ""
say "Todo pasó en $(total_time)."
