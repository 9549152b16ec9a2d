#!/usr/bin/env bash
# Fails when a committed file that is made from code differs from what the code makes now.
set -euo pipefail
cd "$(dirname "$0")/.."
made="$(mktemp)"
trap 'rm -f "$made"' EXIT
cargo run --locked --quiet --bin bedrail -- openapi > "$made"
cmp -s "$made" docs/openapi.json || { echo "error: docs/openapi.json is not current; hint: make generate" >&2; exit 1; }
