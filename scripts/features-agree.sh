#!/bin/bash
# A dependency whose features differ between `make run` and `make test` is compiled twice, and the tests then run
# other code than the program. Prints the differing ones and fails. Mend: name the feature in the workspace's list.
set -euo pipefail
cd "$(dirname "$0")/.."

features() { # one "package version|features" a line
    cargo tree --locked --prefix none --no-dedupe -f '{p}|{f}' "$@" | sed 's/ (\*)$//' | sort -u
}
differing=$(comm -23 <(features -p bedrail -e normal,build) <(features --workspace -e normal,build,dev))
if [ -n "$differing" ]; then
    echo "Compiled with other features by the tests than by the program:"
    echo "$differing"
    exit 1
fi
