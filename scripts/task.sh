#!/usr/bin/env bash
# The smaller targets of the Makefile: build, bench, fuzz, audit, sbom, openapi, fmt.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source scripts/preflight.sh
source scripts/wasm.sh
source scripts/api.sh

check_machine() {
  preflight
  toolchain
}

fetch() { cargo fetch --locked --quiet; }

SBOM=$TARGET_DIR/ventanilla.cdx.json

# Every crate that the server and its web apps are made of, a line each: name, version, licence. Not ours.
made_of() {
  local format='{p}|{l}'
  {
    cargo tree --locked -p api -e normal --prefix none --format "$format"
    cargo tree --locked -p web --target "$WASM_TARGET" -e normal --prefix none --format "$format"
  } | awk -F'|' '{ split($1, crate, " "); if (crate[3] !~ /^\(\//) { sub(/ \(\*\)$/, "", $2); print crate[1], substr(crate[2], 2), $2 } }' |
    LC_ALL=C sort -u
}

# The list of them as CycloneDX, each with the digest that Cargo.lock knows it by. The same lock makes the same bytes.
sbom() {
  mkdir -p "$TARGET_DIR"
  made_of | awk -v version="$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n1)" '
    NR == FNR {
      if ($1 == "name") name = $3
      if ($1 == "version") number = $3
      if ($1 == "checksum") { gsub(/"/, "", name); gsub(/"/, "", number); gsub(/"/, "", $3); digest[name " " number] = $3 }
      next
    }
    FNR == 1 {
      print "{"
      print "  \"bomFormat\": \"CycloneDX\","
      print "  \"specVersion\": \"1.5\","
      print "  \"version\": 1,"
      print "  \"metadata\": { \"component\": { \"type\": \"application\", \"name\": \"ventanilla\", \"version\": \"" version "\" } },"
      print "  \"components\": ["
    }
    {
      crate = $1; number = $2
      licence = $0
      sub(/^[^ ]+ [^ ]+ ?/, "", licence)
      # An older way to write it, which no longer counts as an expression.
      gsub(/ ?\/ ?/, " OR ", licence)
      line = "    { \"type\": \"library\", \"name\": \"" crate "\", \"version\": \"" number "\", \"purl\": \"pkg:cargo/" crate "@" number "\""
      if (licence != "") line = line ", \"licenses\": [{ \"expression\": \"" licence "\" }]"
      if ((crate " " number) in digest) {
        line = line ", \"hashes\": [{ \"alg\": \"SHA-256\", \"content\": \"" digest[crate " " number] "\" }]"
      }
      if (before != "") print before ","
      before = line " }"
    }
    END { print before; print "  ]"; print "}" }
  ' Cargo.lock - >"$SBOM.part"
  mv "$SBOM.part" "$SBOM"
}

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
  steps 8
  release_steps
  step "lista de componentes (SBOM)" sbom
  summary
  say ""
  say "$SBOM"
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
  sbom)
    sbom
    say "$SBOM"
    ;;
  openapi) cargo run --locked --quiet -- openapi ;;
  fmt) cargo fmt --all ;;
  *) die "uso: scripts/task.sh build|bench|fuzz|audit|sbom|openapi|fmt" ;;
esac
