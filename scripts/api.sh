# shellcheck shell=bash
# The API seen by strangers' tools: schemathesis asks what the documents promise, generators make clients that must
# compile without an edit and call. Sourced. The tools live in the user's cache folder, by their versions.

SCHEMATHESIS=4.32.5
OPENAPI_PYTHON_CLIENT=0.29.1
OPENAPI_TYPESCRIPT=7.13.0
OPENAPI_FETCH=0.17.0
TYPESCRIPT=5.9.3
OPENAPI_GENERATOR=7.26.0
API_PYTHON=$TOOLS/api-python-$SCHEMATHESIS-$OPENAPI_PYTHON_CLIENT
API_NODE=$TOOLS/api-node-$OPENAPI_TYPESCRIPT-$OPENAPI_FETCH-$TYPESCRIPT

API_GENERATOR=$TOOLS/api-generator-$OPENAPI_GENERATOR

api_tools() {
  if [ ! -e "$API_PYTHON/complete" ]; then
    rm -rf "$API_PYTHON"
    python3 -m venv "$API_PYTHON" || die "Falta venv de Python: apt-get install python3-venv"
    "$API_PYTHON/bin/pip" install --quiet --disable-pip-version-check \
      "schemathesis==$SCHEMATHESIS" "openapi-python-client==$OPENAPI_PYTHON_CLIENT"
    touch "$API_PYTHON/complete"
  fi
  if [ ! -e "$API_NODE/complete" ]; then
    rm -rf "$API_NODE"
    mkdir -p "$API_NODE"
    (
      cd "$API_NODE" || exit
      printf '{"private":true,"type":"module"}\n' >package.json
      npm install --silent --no-audit --no-fund --ignore-scripts "openapi-typescript@$OPENAPI_TYPESCRIPT" \
        "openapi-fetch@$OPENAPI_FETCH" "typescript@$TYPESCRIPT"
    )
    touch "$API_NODE/complete"
  fi
}

# The third generator is written in Java. False, and said aloud, on a machine without one.
api_generator() {
  if ! have java; then
    note "AVISO: no hay Java, así que NO se probó openapi-generator (los otros dos generadores sí)."
    return 1
  fi
  [ ! -e "$API_GENERATOR/complete" ] || return 0
  rm -rf "$API_GENERATOR"
  python3 -m venv "$API_GENERATOR"
  "$API_GENERATOR/bin/pip" install --quiet --disable-pip-version-check "openapi-generator-cli==$OPENAPI_GENERATOR"
  touch "$API_GENERATOR/complete"
}

# A rehearsal on a free port with data of its own; sets API_BASE and API_KEY.
api_server() {
  API_DATA=$(mktemp -d)
  VENTANILLA_LISTEN=127.0.0.1:0 VENTANILLA_DATA_DIR=$API_DATA VENTANILLA_DEMO_HISTORY=false \
    VENTANILLA_INTEGRATORS__REQUESTS_PER_MINUTE=1000000 VENTANILLA_FLOODS__LOOK_UPS_PER_MINUTE=0 \
    VENTANILLA_FLOODS__SIGN_INS_PER_MINUTE=0 VENTANILLA_FLOODS__INVOICES_PER_MINUTE=0 \
    "$TARGET_DIR/debug/ventanilla" serve --demo >"$API_DATA/out" 2>"$API_DATA/log" &
  API_PID=$!
  CLEANUPS+=(api_server_end)
  local tries=0
  until grep -qs '^http' "$API_DATA/out"; do
    kill -0 "$API_PID" 2>/dev/null || die "El servidor no arrancó: $(tail -n 5 "$API_DATA/log")"
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || die "El servidor no arrancó en un minuto."
    sleep 0.1
  done
  API_BASE=$(tail -n 1 "$API_DATA/out")
  API_KEY=$(grep -o 'vk_test_[0-9a-f]*' "$API_DATA/out")
}

api_server_end() {
  kill "$API_PID" 2>/dev/null && wait "$API_PID" 2>/dev/null
  rm -rf "$API_DATA"
}

# What schemathesis insists on: no 5xx, and no status, media type or body that the document does not promise.
api_promises() { # document examples [option...]
  local document=$1 examples=$2
  shift 2
  # It leaves notes where it runs.
  (
    cd "$API_DATA" || exit
    PYTHONPATH=$ROOT/scripts PYTHONDONTWRITEBYTECODE=1 SCHEMATHESIS_HOOKS=api_hooks "$API_PYTHON/bin/schemathesis" \
      run "$API_BASE/openapi/$document" --no-color --workers 2 --phases examples,fuzzing --max-examples "$examples" \
      --generation-deterministic \
      --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance "$@"
  )
}

api_check() { # examples
  api_tools
  api_server
  api_promises integrators.v1.json "$1" -H "Authorization: Bearer $API_KEY"
  api_promises portal.json "$1"
  # What ends the session that asks is left out: everything after it would be answered 401.
  local who token
  for who in owner reader staff; do
    token=$(python3 scripts/api_session.py "$API_BASE" "$who")
    api_promises portal.json "$1" -H "Authorization: Bearer $token" --exclude-path-regex '/(sessions|passwords|second-factor)'
  done
  api_server_end
}

# README's lines for whoever connects a till, typed as they stand; only the address and the binary are this server's.
api_quickstart() {
  local lines answer document
  lines=$(awk '/^## /{on = /^## Connect your till/} /^```/{code = !code; next} on && code' README.md |
    sed "s#http://localhost:8080#$API_BASE#g; s#^target/debug/#VENTANILLA_DATA_DIR=$API_DATA $TARGET_DIR/debug/#")
  [ "$(wc -l <<<"$lines")" = 5 ] || die "El README ya no tiene las cinco líneas de «Connect your till»: $lines"
  answer=$(bash -c "$(head -n 3 <<<"$lines")")
  document=$(sed -n 's/.*"document_id":"\([^"]*\)".*/\1/p' <<<"$answer" | tail -n 1)
  [ -n "$document" ] || die "Las líneas del README no timbraron: $answer"
  answer=$(bash -c "$(sed -n "2p; 4s/DOCUMENT_ID/$document/p" <<<"$lines")")
  [[ $answer == *TimbreFiscalDigital* ]] || die "El XML del README no está timbrado: $answer"
  answer=$(bash -c "$(tail -n 1 <<<"$lines")")
  [[ $answer == *vk_test_* ]] || die "El README no da una llave: $answer"
}

# Clients made from the document compile as they are, and make a call.
api_clients() {
  api_tools
  api_server
  api_quickstart
  local made=$API_DATA/clients
  mkdir -p "$made"
  (
    cd "$made" || exit
    "$API_NODE/node_modules/.bin/openapi-typescript" "$ROOT/openapi/integrators.v1.json" -o schema.d.ts >/dev/null
    cp "$ROOT/openapi/examples/client.ts" client.ts
    ln -s "$API_NODE/node_modules" node_modules
    printf '{"type":"module"}\n' >package.json
    node_modules/.bin/tsc --strict --target es2022 --module nodenext --skipLibCheck false --lib es2022,dom client.ts
    API_BASE=$API_BASE API_KEY=$API_KEY node client.js
    PATH=$API_PYTHON/bin:$PATH openapi-python-client generate --path "$ROOT/openapi/integrators.v1.json" \
      --config "$ROOT/openapi/examples/openapi-python-client.yaml" \
      --output-path python --overwrite --meta none >generator.log 2>&1 || { cat generator.log; exit 1; }
    # What it cannot write it leaves out, with a warning and no failure.
    if grep -Eq 'will not be generated|will be omitted' generator.log; then
      cat generator.log
      exit 1
    fi
    cp "$ROOT/openapi/examples/client.py" client.py
    "$API_PYTHON/bin/python" -m compileall -q python client.py
    API_BASE=$API_BASE API_KEY=$API_KEY "$API_PYTHON/bin/python" client.py
  )
  if api_generator; then
    (
      cd "$made" || exit
      "$API_GENERATOR/bin/openapi-generator-cli" generate -i "$ROOT/openapi/integrators.v1.json" -g typescript-fetch \
        -o generated --additional-properties=importFileExtension=.js >generator.log 2>&1 || { cat generator.log; exit 1; }
      cp "$ROOT/openapi/examples/client.generator.ts" client.generator.ts
      node_modules/.bin/tsc --strict --target es2022 --module nodenext --skipLibCheck false --lib es2022,dom \
        client.generator.ts
      API_BASE=$API_BASE API_KEY=$API_KEY node client.generator.js
    )
  fi
  api_server_end
}
