#!/usr/bin/env bash
# The smaller targets of the Makefile: build, bench, fuzz, audit, openapi, fmt.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source scripts/preflight.sh
source scripts/wasm.sh
source scripts/api.sh

check_machine() {
  preflight
  toolchain
}

fetch() { cargo fetch --locked --quiet; }

# The steps of a released binary.
release_steps() {
  SERVER_PROFILE=release
  step "revisar esta máquina" check_machine
  step "objetivo WASM de Rust" wasm_target
  step "herramientas (trunk, wasm-bindgen, wasm-opt)" wasm_tools
  step "traer dependencias" fetch
  step "construir el portal (WASM)" build_web portal "$(web_key)"
  step "construir las bibliotecas y empaquetar el portal" pack_web paquete "$(pack_key)"
  step "construir el servidor" build_server
}

build() {
  steps 7
  release_steps
  summary
  say ""
  say "$TARGET_DIR/release/ventanilla"
}

figures() { cargo bench --locked --quiet --bench figures; }

bench() {
  steps 8
  release_steps
  step "medir (alrededor de 10 min, con un millón de documentos; no use la máquina mientras tanto)" figures
  summary
}

case ${1:-} in
  build) build ;;
  bench) bench ;;
  # More cases of the very properties that `make test` tries a few hundred times.
  fuzz)
    PROPTEST_CASES=${CASES:-20000} cargo test --locked --release -p fiscal -p cfdi
    cargo build --locked
    api_check "${EXAMPLES:-500}"
    ;;
  audit)
    have cargo-deny || die "Falta cargo-deny. Se instala con:

  cargo install cargo-deny --locked"
    cargo deny --locked check --hide-inclusion-graph bans licenses sources
    if [ "${ADVISORIES:-0}" = 1 ]; then
      cargo deny --locked check advisories
    else
      say "Sin consultar avisos de seguridad, que piden red: ADVISORIES=1 make audit"
    fi
    ;;
  openapi) cargo run --locked --quiet -- openapi ;;
  fmt) cargo fmt --all ;;
  *) die "uso: scripts/task.sh build|bench|fuzz|audit|openapi|fmt" ;;
esac
