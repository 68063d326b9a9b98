#!/usr/bin/env bash
# make run: from a fresh clone to the demo in the browser. Needs git, a C compiler and rustup; never root, Node or Python.
#   LISTEN=127.0.0.1:8090   another address          RESET=1   starts with empty data          FORCE=1   repeats every step
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source scripts/preflight.sh
source scripts/wasm.sh

LISTEN=${LISTEN:-127.0.0.1:8080}
DATA=$ROOT/data

check_machine() {
  preflight
  toolchain
  local host=${LISTEN%:*} port=${LISTEN##*:}
  [[ $port =~ ^[0-9]+$ ]] || die "LISTEN debe ser dirección:puerto, por ejemplo 127.0.0.1:8080; llegó «$LISTEN»."
  # Said now and not after ten minutes of building.
  if [ "$port" != 0 ] && (exec 3<>"/dev/tcp/${host//[\[\]]/}/$port") 2>/dev/null; then
    die "El puerto $port ya está ocupado. Detenga lo que lo usa o elija otro: make run LISTEN=127.0.0.1:8090"
  fi
}

fetch() { cargo fetch --locked --quiet; }

# Neither the tools nor the portal need what the server is made of, nor it theirs: it is built beside them, once more with
# the portal inside at the end.
server_whole() {
  local began=$SECONDS
  build_server
  note "el servidor tardó $(duration $((SECONDS - began))), al lado del portal"
}

steps 8
say "Ventanilla: de la fuente a la demostración. La primera vez tarda unos 15 min en 2 núcleos; después, segundos."
step "revisar esta máquina" check_machine
step "objetivo WASM de Rust" wasm_target
step "traer dependencias" fetch
behind server_whole
step "herramientas (trunk, wasm-bindgen, wasm-opt)" wasm_tools
step "construir el portal (WASM)" build_web portal "$(web_key)"
step "construir las bibliotecas y el servidor" behind_join
step "empaquetar el portal" pack_web paquete "$(pack_key)"
step "servidor con el portal dentro" build_server
summary

if [ "${RESET:-0}" = 1 ]; then
  say ""
  say "RESET=1: se borra $DATA y se empieza de nuevo."
  rm -rf "$DATA"
fi
say ""
say "Todo listo en $(total_time). Arranca la demostración; Ctrl-C la detiene."
export VENTANILLA_LISTEN=$LISTEN VENTANILLA_DATA_DIR=$DATA
PROFILE_ARGS=()
if [ -n "${PROFILE:-}" ]; then PROFILE_ARGS=(--profile "$PROFILE"); fi
# In place of this shell, so that Ctrl-C reaches the server alone and it closes in order.
exec "$TARGET_DIR/debug/ventanilla" serve --demo "${PROFILE_ARGS[@]}"
