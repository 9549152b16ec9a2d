#!/usr/bin/env bash
# Prints where osv-scanner is; installs it with Go where it is missing. Nothing, and no failure, where that is not possible.
# usage: osv_scanner.sh WORK_FOLDER
set -euo pipefail
work="$1"
version="${OSV_SCANNER_VERSION:-v2.5.0}"
scanner="$(command -v osv-scanner || true)"
[ -n "$scanner" ] || scanner="$work/peers/osv-scanner"
if [ ! -x "$scanner" ]; then
    GOBIN="$work/peers" go install "github.com/google/osv-scanner/v2/cmd/osv-scanner@$version" >/dev/null 2>&1 || exit 0
fi
echo "$scanner"
