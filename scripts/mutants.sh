#!/usr/bin/env bash
# Changes the version orders and the matcher in one place after another (cargo mutants) and sees whether a test notices.
# Survivors are read and killed by a test, or explained in docs/mutants.md and taken out by .cargo/mutants.toml: any other
# one fails the run. An hour and more; `--shard 1/8` does a part, `-F apk.rs` one file.
# usage: mutants.sh model|assess [options of cargo mutants]
set -euo pipefail
cd "$(dirname "$0")/.."
part="${1:-}"
[ $# -gt 0 ] && shift
command -v cargo-mutants >/dev/null || CARGO_PROFILE_RELEASE_OPT_LEVEL=1 cargo install cargo-mutants --locked --version 27.1.0
# Without the real data the tests that read all of it are skipped: a mutant is tried in seconds, and by the tables.
export BEDRAIL_SHARED=/nonexistent
case "$part" in
    model) set -- --package bedrail-model --file 'crates/model/src/version.rs' --file 'crates/model/src/version/**' "$@" ;;
    assess) set -- --package bedrail-assess "$@" ;;
    *) echo "usage: $0 model|assess [options of cargo mutants]" >&2; exit 1 ;;
esac
mkdir -p target
nice cargo mutants --jobs 1 --minimum-test-timeout 120 --output "target/mutants-$part" "$@"
