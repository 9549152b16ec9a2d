#!/usr/bin/env bash
# Bedrail beside osv-scanner on every public bill of materials at hand; every difference must have its category
# (bench/differences/rules.toml, docs/differences.md). Needs the shared data (BEDRAIL_SHARED), Go and Python 3.11.
# usage: differences.sh [--write]
set -euo pipefail
cd "$(dirname "$0")/.."
shared="${BEDRAIL_SHARED:-$PWD/../shared}/data"
[ -d "$shared/sbom" ] || { echo "skipped: no shared data"; exit 0; }
shared="$(cd "$shared" && pwd)"
work="${BEDRAIL_DIFFERENCES_DIR:-$PWD/target/differences}"
mkdir -p "$work"
work="$(cd "$work" && pwd)"
scanner="$(bench/osv_scanner.sh "$work")"
[ -n "$scanner" ] || { echo "skipped: osv-scanner could not be installed"; exit 0; }

cargo build --locked --workspace --bin bedrail
bedrail="$PWD/target/debug/bedrail"
rm -rf "$work/index"
"$bedrail" --data "$work/index" db update --mirror "$shared" >"$work/index.log" 2>&1
python3 -B bench/differences --data "$shared" --work "$work" --bedrail "$bedrail" --scanner "$scanner" "$@"
