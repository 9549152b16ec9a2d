#!/usr/bin/env bash
# Measures the figures of docs/performance.md. Needs the shared data (BEDRAIL_SHARED); the peer osv-scanner is used where
# `go install` can fetch it. Everything is written below target/bench.
set -euo pipefail
cd "$(dirname "$0")/.."
shared="${BEDRAIL_SHARED:-$PWD/../shared}/data"
[ -d "$shared/osv" ] || { echo "skipped: no shared data"; exit 0; }
shared="$(cd "$shared" && pwd)"
work="$PWD/target/bench"
mkdir -p "$work"

cargo build --release --locked --bin bedrail
bedrail="$PWD/target/release/bedrail"
measure="python3 bench/measure.py"

echo "== machine: $(nproc) cores, $(free -g | awk '/Mem:/{print $2}') GiB; bedrail $("$bedrail" --version)"

echo "== index from all of osv/, kev/, epss/"
$measure --runs 7 "index build=bash -c 'rm -rf $work/index && exec $bedrail --data $work/index db update --mirror $shared'"
$measure --runs 7 "unchanged input=$bedrail --data $work/index db update --mirror $shared"
ls -l "$work"/index/vulndb | awk '{print "   ", $5, $9}'

echo "== scan of 1,000 components"
python3 bench/make_sbom.py "$shared" "$work/sbom-1000.cdx.json" 1000
$measure --runs 15 --ok 0,3,4 "bedrail scan (1,000)=$bedrail --data $work/index scan --format json $work/sbom-1000.cdx.json"
bench/peers.sh "$shared" "$work" "$bedrail"

echo "== 10 MB bill of materials"
python3 bench/make_sbom.py "$shared" "$work/sbom-10mb.cdx.json" 55000
$measure --runs 7 --ok 0,3,4 "bedrail scan (10 MB)=$bedrail --data $work/index scan --format json $work/sbom-10mb.cdx.json"
# Into an empty database each time, so that all its software is new and is judged.
$measure --runs 7 "bedrail sbom add (10 MB)=bash -c 'rm -f $work/index/bedrail.sqlite* && exec $bedrail --data $work/index sbom add --maker Bench --model Large --version 1 $work/sbom-10mb.cdx.json'"

echo "== matcher alone, one core"
cargo run --release --locked --quiet --workspace --example vulnerability_data -- speed "$work/index"

echo "== 10,000 operating systems, firmware and hardware by CPE"
cargo run --release --locked --quiet --workspace --example vulnerability_data -- products "$work/index"

echo "== alerts read into events, one core"
cargo bench --locked --quiet --workspace --bench alerts

echo "== fleet: 100,000 devices, 2,000 releases of 300 components"
rm -rf "$work/fleet" && mkdir -p "$work/fleet"
BEDRAIL_FLEET_DIR="$work/fleet" cargo bench --locked --quiet --workspace --bench fleet
echo "== the same fleet over HTTP"
python3 bench/serve.py "$bedrail" "$work/fleet" --upload "$work/sbom-10mb.cdx.json"
echo "== 20 people at once, open loop"
python3 bench/load.py "$bedrail" "$work/fleet"

echo "== the scanner: bench/scan_peers.sh FOLDER takes some 10 GB and is run by itself"

echo "== the fleet on PostgreSQL"
address="$(bench/postgres.sh start "$work/postgres")"
if [ -n "$address" ]; then
    trap 'bench/postgres.sh stop "$work/postgres"' EXIT
    rm -rf "$work/fleet-postgres" && mkdir -p "$work/fleet-postgres"
    BEDRAIL_FLEET_DIR="$work/fleet-postgres" BEDRAIL_FLEET_DATABASE="$address" \
        cargo bench --locked --quiet --workspace --bench fleet
    python3 bench/load.py "$bedrail" "$work/fleet-postgres" --database "$address"
fi

echo "== the firewall: a thousand swaps of rule sets, a hundred sites (the tests over HTTP beside nginx: bench/waf-regression.sh)"
cargo build --release --locked --bin bedrail-waf-engine
engine="$PWD/target/release/bedrail-waf-engine"
if "$engine" --version > /dev/null 2>&1; then
    bench/waf_swaps.py --crs "$shared/crs-rules/v4.28.0" --engine "$engine" --proxy "$bedrail waf run --no-follow --config"
    bench/waf_sites.py --crs "$shared/crs-rules/v4.28.0" --engine "$engine" --bedrail "$bedrail"
else
    echo "skipped: no libmodsecurity"
fi
