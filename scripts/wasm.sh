# shellcheck shell=bash
# shellcheck disable=SC2034 # STEP_OUTPUTS is read by lib.sh
# The browser's half: Rust's WASM target, the tools at their pinned versions, and dist/web.bundle. Sourced.
# Nothing is downloaded by Trunk itself; a tool that is already right is left alone.

WASM_TARGET=wasm32-unknown-unknown
TRUNK_VERSION=0.21.14
BINARYEN_VERSION=132.0.0
# Older ones (Debian 12 ships 108) end with success and their output dies in the browser.
WASM_OPT_MIN=123

# ---------------------------------------------------------------- the target
wasm_target_works() { # does a program that uses std compile and link?
  local folder rc=0
  folder=$(mktemp -d)
  printf 'fn main() { println!("{:?}", std::collections::HashMap::from([(1u32, "x")])); }\n' >"$folder/t.rs"
  rustc --edition 2021 --target "$WASM_TARGET" -o "$folder/t.wasm" "$folder/t.rs" >/dev/null 2>&1 || rc=1
  rm -rf "$folder"
  return $rc
}

# std from the library sources of the very same Rust: the component rust-src, or the distribution's package.
build_std() {
  local sysroot release library work offline=() destination
  sysroot=$(rustc --print sysroot)
  release=$(rustc -vV | sed -n 's/^release: //p')
  for library in "$sysroot/lib/rustlib/src/rust/library" "/usr/src/rustc-$release/library"; do
    if [ -f "$library/sysroot/Cargo.toml" ]; then break; fi
    library=
  done
  if [ -z "$library" ] || ! [ -w "$sysroot/lib/rustlib" ]; then return 1; fi
  note "se construye std desde $library (medio minuto)"
  mkdir -p "$CACHE"
  work=$(mktemp -d "$CACHE/std.XXXXXX")
  mkdir "$work/src"
  : >"$work/src/lib.rs"
  cp "$library/Cargo.lock" "$work/Cargo.lock"
  # A package of its own: library/'s workspace would also want dev-dependencies that rust-src does not carry.
  cat >"$work/Cargo.toml" <<TOML
[package]
name = "wasm-sysroot"
version = "0.0.0"
edition = "2021"
[dependencies.sysroot]
path = "$library/sysroot"
features = ["panic-unwind", "compiler-builtins-mem"]
[patch.crates-io]
rustc-std-workspace-core = { path = "$library/rustc-std-workspace-core" }
rustc-std-workspace-alloc = { path = "$library/rustc-std-workspace-alloc" }
rustc-std-workspace-std = { path = "$library/rustc-std-workspace-std" }
[profile.release]
codegen-units = 1
debug = false
[profile.release.package.compiler_builtins]
codegen-units = 10000
[workspace]
TOML
  if [ -d "$library/vendor" ]; then
    offline=(--offline --config 'source.crates-io.replace-with="std-vendor"'
      --config "source.std-vendor.directory=\"$library/vendor\"")
  fi
  # force-unstable-if-unmarked is how std is really built; fat LTO needs its bitcode; the metadata keeps std's copies
  # of hashbrown and others apart from the app's.
  if ! (cd "$work" && env -u CARGO_ENCODED_RUSTFLAGS RUSTC_BOOTSTRAP=1 RUSTC_WRAPPER= \
    __CARGO_DEFAULT_LIB_METADATA=wasm-sysroot RUSTFLAGS='-Zforce-unstable-if-unmarked -Cembed-bitcode=yes' \
    cargo build -q -p sysroot --release --target "$WASM_TARGET" --target-dir "$work/target" "${offline[@]}") \
    >"$CACHE/std.log" 2>&1; then
    tail -n 15 "$CACHE/std.log" >&2
    rm -rf "$work"
    return 1
  fi
  # Swapped in whole: two copies of core in one folder are an error (E0464).
  destination=$sysroot/lib/rustlib/$WASM_TARGET/lib
  rm -rf "$destination" "$destination.new"
  mkdir -p "$destination.new"
  cp "$work/target/$WASM_TARGET"/release/deps/lib*.r{lib,meta} "$destination.new/"
  touch "$destination.new/.built-from-source"
  mv "$destination.new" "$destination"
  rm -rf "$work"
}

wasm_target() {
  if wasm_target_works; then
    note "$WASM_TARGET ya sirve"
    return
  fi
  local ours
  ours=$(rustc --print sysroot)/lib/rustlib/$WASM_TARGET
  # Ours, built for a Rust since updated, must not lie beside rustup's.
  if [ -f "$ours/lib/.built-from-source" ]; then rm -rf "$ours"; fi
  # Without a name rustup adds it to the toolchain in force here, which need not be the default one.
  if have rustup && rustup target add "$WASM_TARGET" && wasm_target_works; then return; fi
  note "rustup no pudo; se intenta construir std"
  if have rustup; then rustup component add rust-src >/dev/null 2>&1 || true; fi
  if build_std && wasm_target_works; then return; fi
  die "No hay biblioteca estándar para $WASM_TARGET. Con conexión:

  rustup target add $WASM_TARGET"
}

# ---------------------------------------------------------------- the tools
tool_version() { "$1" --version 2>/dev/null | awk '{print $2}'; }

bindgen_wanted() { awk '/^name = "wasm-bindgen"$/ {getline; gsub(/version = |"/, ""); print; exit}' Cargo.lock; }

wasm_opt_version() { wasm-opt --version 2>/dev/null | sed -n 's/.*version \([0-9]*\).*/\1/p'; }

# Whether a wasm-opt that Trunk may use is on PATH.
wasm_opt_fits() {
  local version
  version=$(wasm_opt_version)
  [ -n "$version" ] && [ "$version" -ge "$WASM_OPT_MIN" ]
}

# Without LTO and hardly optimised: it runs a few seconds per build, and compiling it fully would cost minutes.
cargo_tool() { # crate version
  local locked=--locked
  while :; do
    if env -u RUSTFLAGS CARGO_TARGET_DIR="$CACHE/tools-target" CARGO_PROFILE_RELEASE_LTO=off \
      CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_DEBUG=0 \
      cargo install "$1" --version "=$2" --root "$TOOLS" --no-default-features --force ${locked:+"$locked"}; then
      break
    fi
    [ -n "$locked" ] || die "No se pudo instalar $1 $2."
    note "$1: con --locked falló; se intenta sin él"
    locked=
  done
}

wasm_tools() {
  local wanted built=0
  wanted=$(bindgen_wanted)
  if [ "$(tool_version wasm-bindgen)" = "$wanted" ]; then
    note "wasm-bindgen $wanted ya está"
  else
    note "se compila wasm-bindgen $wanted (alrededor de 1 min)"
    cargo_tool wasm-bindgen-cli "$wanted"
    built=1
  fi
  if [ "$(tool_version trunk)" = "$TRUNK_VERSION" ]; then
    note "trunk $TRUNK_VERSION ya está"
  else
    note "se compila trunk $TRUNK_VERSION (alrededor de 3 min)"
    cargo_tool trunk "$TRUNK_VERSION"
    built=1
  fi
  if [ $built = 1 ]; then rm -rf "$CACHE/tools-target"; fi
  if wasm_opt_fits; then
    note "wasm-opt $(wasm_opt_version) ya está"
  elif have npm && npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$TOOLS/binaryen" \
    "binaryen@$BINARYEN_VERSION" && hash -r && wasm_opt_fits; then
    note "wasm-opt $(wasm_opt_version) instalado con npm"
  else
    note "AVISO: no hay wasm-opt $WASM_OPT_MIN o más nuevo ni npm que lo traiga."
    note "       El portal se sirve sin optimizar: funciona igual, pesa más."
  fi
}

# ---------------------------------------------------------------- the app
# The programs that run in the browser; `shared::pages` says which draws an address.
WEB_PROGRAMS=(guest mine portal payments account console treasury)

# What decides the bytes of Trunk's output.
web_key() {
  inputs .cargo web shared Cargo.toml Cargo.lock rust-toolchain.toml Trunk.toml scripts/wasm.sh -- \
    "$(rustc -vV)" "wasm-opt $(wasm_opt_version)"
}

build_web() {
  local release=true
  if ! wasm_opt_fits; then
    # Trunk calls wasm-opt in release mode only; the cargo profile stays the small one of Trunk.toml.
    release=false
    note "sin wasm-opt: WASM sin optimizar"
  fi
  # Linked as a whole, a program takes one core: all of them are built at once, and Trunk finds them there.
  cargo build --locked --package web --bins --target "$WASM_TARGET" --profile wasm-release
  # Trunk and wasm-opt use one core most of the time.
  printf '%s\0' "${WEB_PROGRAMS[@]}" | xargs -0 -n 1 -P 2 bash -c 'set -euo pipefail; trunk_program "$@"' - "$release"
  web_outputs
}

# The page of a program and what Trunk makes of it.
trunk_program() { # release program
  local release=$1 program=$2 page=web/index.html
  if [ "$program" != guest ]; then
    # Trunk has no templates: the page of every other program is the guest's with another program in it.
    page=web/$program.html
    sed "s/data-bin=\"guest\"/data-bin=\"$program\"/" web/index.html >"$page"
  fi
  # Trunk 0.21 takes the usual NO_COLOR=1 for a wrong value of its own switch.
  env -u NO_COLOR trunk build --skip-version-check --release "$release" --dist "dist/$program" "$page"
}
export -f trunk_program

web_outputs() { mapfile -d '' -t STEP_OUTPUTS < <(find "${WEB_PROGRAMS[@]/#/dist/}" -type f -print0); }

pack_key() { inputs api/src/bin -- "$(web_key)" "${PACK_ARGS[@]}"; }

# `--limit PROGRAM=BYTES` in here makes packing fail over that weight.
PACK_ARGS=()
# The profile of the server that will embed the portal: the packer shares every crate with it, so it costs nothing.
SERVER_PROFILE=debug

build_server() {
  local release=()
  if [ "$SERVER_PROFILE" = release ]; then release=(--release); fi
  cargo build --locked "${release[@]}" "$@"
}

pack_web() {
  build_server --bin pack-web
  "$TARGET_DIR/$SERVER_PROFILE/pack-web" "${PACK_ARGS[@]}"
  STEP_OUTPUTS=(dist/web.bundle)
}
