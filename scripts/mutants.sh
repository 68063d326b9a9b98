#!/usr/bin/env bash
# Each patch in scripts/mutants takes one check away from the code that receives money; the test that it names must then
# fail. A check whose loss no test notices is no check. The patches are applied to a copy, never here.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Longest run of one test, its build included.
readonly LIMIT=900

copy=$(mktemp -d "${TMPDIR:-/tmp}/ventanilla-mutants.XXXXXX")
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard | (
  while IFS= read -r -d '' file; do [ -e "$file" ] && printf '%s\0' "$file"; done
) | tar --create --null --files-from=- | tar --extract --directory="$copy"

# Third-party crates come from the common target folder; those of the copy have names of their own there.
run_test() { # name of a test: its log goes to a file
  (cd "$copy" && timeout "$LIMIT" cargo test --locked --quiet --target-dir "$TARGET_DIR" -p api --lib -- --exact "$1") \
    >"$copy/mutant.log" 2>&1
}

survivors=0
for patch in scripts/mutants/*.patch; do
  name=$(basename "$patch" .patch)
  [ -z "${ONLY:-}" ] || [ "$ONLY" = "$name" ] || continue
  test=$(sed -n 's/^test: //p' "$patch")
  [ -n "$test" ] || die "$patch no dice qué prueba debe fallar"
  patch --quiet --strip=1 --directory="$copy" <"$patch" || die "$patch ya no se aplica: hágalo de nuevo sobre el código de hoy"
  if run_test "$test"; then
    say "✗ $name: $test sigue pasando"
    survivors=$((survivors + 1))
  elif grep -q 'test result: FAILED. 0 passed; 1 failed' "$copy/mutant.log"; then
    say "✓ $name: $test falla"
  else
    tail -n 40 "$copy/mutant.log"
    die "$name: la prueba no llegó a correr"
  fi
  patch --quiet --strip=1 --reverse --directory="$copy" <"$patch"
done
[ "$survivors" -eq 0 ] || die "$survivors de los cambios no los notó ninguna prueba"
