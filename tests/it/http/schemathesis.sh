#!/usr/bin/env bash
# Asks a running server everything its own document allows, and what it does not: no server error, no answer that breaks its
# schema, and nothing accepted that the document refuses.
#
#   tests/it/http/schemathesis.sh target/debug/dabiao [EXAMPLES]     examples for each operation, 20 where it is not told
#
# Installs nothing: ends with 77 where schemathesis (pip install schemathesis) is neither on the PATH nor named by SCHEMATHESIS.
set -euo pipefail
binary=$(realpath "${1:?which binary}")
examples=${2:-20}
samples=$(realpath "$(dirname "$0")/../../../data-samples/inbox")
tool=${SCHEMATHESIS:-schemathesis}
if ! command -v "$tool" >/dev/null; then
    echo "not run: schemathesis is not installed (pip install schemathesis)"
    exit 77
fi

folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
"$binary" init "$folder/project" >/dev/null
# Two snapshots, so that there is something between them. 3: some rows of the samples are wrong on purpose.
load() { "$binary" --project "$folder/project" --today "$1" ingest >/dev/null || [ $? = 3 ]; }
cp "$samples"/*__20*SYNTHETIC.csv "$folder/project/inbox/"
load 2021-05-31
cp "$samples"/* "$folder/project/inbox/"
load 2021-06-30

"$binary" --project "$folder/project" --today 2021-06-30 serve --bind 127.0.0.1:0 >"$folder/address" 2>"$folder/log" &
server=$!
for _ in $(seq 100); do grep -q http "$folder/address" && break; sleep 0.1; done
address=$(grep -o 'http://[^/]*' "$folder/address")

# Whether parameters go together (a dimension with an indicator that has it, a snapshot that is there) no schema can say: a
# request may keep to the document and name what is not there, which is 400.
status=0
"$tool" run "$address/openapi.json" \
    --max-examples "$examples" \
    --exclude-checks positive_data_acceptance \
    --phases examples,coverage,fuzzing \
    --generation-database none \
    --seed "${SEED:-37}" \
    --continue-on-failure \
    --no-color || status=$?
if grep -E '"?status"?[=:] ?5' "$folder/log" | head -5 | grep .; then
    echo "the server answered with an error"
    status=1
fi
exit "$status"
