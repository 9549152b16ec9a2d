#!/usr/bin/env bash
# Beside osv-scanner, offline, on the same zips, per ecosystem. Equal findings are checked before time is compared.
# usage: peers.sh SHARED_DATA WORK_FOLDER BEDRAIL
set -euo pipefail
shared="$1" work="$2" bedrail="$3"
scanner="$(bench/osv_scanner.sh "$work")"
[ -n "$scanner" ] || { echo "skipped: osv-scanner could not be installed"; exit 0; }
cache="$work/osv-cache"
for ecosystem in Maven npm PyPI Go NuGet RubyGems Packagist crates.io; do
    mkdir -p "$cache/osv-scalibr/$ecosystem"
    ln -sfn "$shared/osv/$ecosystem/all.zip" "$cache/osv-scalibr/$ecosystem/all.zip"
done
export OSV_SCALIBR_LOCAL_DB_CACHE_DIRECTORY="$cache"
echo "   peer: $("$scanner" --version 2>&1 | head -1)"
for ecosystem in Maven npm PyPI Go NuGet RubyGems Packagist crates.io; do
    sbom="$work/sbom-1000-$ecosystem.cdx.json"
    [ -f "$sbom" ] || python3 bench/make_sbom.py "$shared" "$sbom" 1000 "$ecosystem" >/dev/null
    "$scanner" scan source --offline-vulnerabilities --offline --format json -L "$sbom" > "$work/peer-$ecosystem.json" 2>"$work/peer-$ecosystem.err" || true
    "$bedrail" --data "$work/index" scan --format json "$sbom" > "$work/ours-$ecosystem.json" 2>/dev/null || true
    python3 bench/compare_findings.py "$ecosystem" "$work/ours-$ecosystem.json" "$work/peer-$ecosystem.json"
    python3 bench/measure.py --runs 7 --ok 0,1,3,4 \
        "bedrail $ecosystem=$bedrail --data $work/index scan --format json $sbom" \
        "osv-scanner $ecosystem=$scanner scan source --offline-vulnerabilities --offline --format json -L $sbom"
done
