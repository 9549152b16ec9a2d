#!/usr/bin/env bash
# Tries each reader of the scanner with bytes that mean harm (libFuzzer, coverage-guided; stable Rust): a panic, an overflow, more than
# 25 seconds or 1 GiB of memory for one file ends a target. Begins with the images that the tests make.
#   scripts/fuzz.sh [TARGET…]      targets: those of crates/scanner/src/targets.rs; all where none is named
#   SECONDS_EACH=300               for each target; without it, five minutes, and an hour for those that meet the most hostile files
# What is found lies in target/fuzz/artifacts/TARGET; once mended it goes to fuzz/found/TARGET, where a test reads it again.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/install-packages.sh
command -v g++ >/dev/null || install_packages g++

long=" zip tar squashfs program class-file "
folder="$PWD/target/fuzz"
machine=$(rustc -vV | sed -n 's/^host: //p')
mkdir -p "$folder/seeds"
[ -n "${KEEP_SEEDS:-}" ] || BEDRAIL_SEEDS="$folder/seeds" cargo test --locked --quiet -p bedrail-scanner --test it

# What cargo-fuzz sets, but for the address sanitizer, which needs nightly Rust: our code has no `unsafe`.
coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
 -Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-simplifycfg-branch-fold-threshold=0 -Ccodegen-units=4"
# One line, since cargo compares the flags as they are written.
RUSTFLAGS="--cfg fuzzing $(tr -d '\n' <<< "$coverage")" CARGO_TARGET_DIR="$folder" \
    cargo build --locked --release --target "$machine" --manifest-path fuzz/Cargo.toml
program="$folder/$machine/release/bedrail-fuzz"

targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <("$program" -list)
failed=()
for target in "${targets[@]}"; do
    case "$long" in *" $target "*) seconds=3600 ;; *) seconds=300 ;; esac
    seconds="${SECONDS_EACH:-$seconds}"
    mkdir -p "$folder/corpus/$target" "$folder/artifacts/$target" "$folder/seeds/$target" "fuzz/found/$target"
    echo "== $target, $seconds seconds"
    BEDRAIL_FUZZ_TARGET="$target" "$program" "$folder/corpus/$target" "$folder/seeds/$target" "fuzz/found/$target" \
        -artifact_prefix="$folder/artifacts/$target/" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=1024 \
        -max_len=262144 -print_final_stats=1 2> "$folder/$target.log" || failed+=("$target")
    grep -aE '^stat::|DONE|panicked|ERROR|Test unit' "$folder/$target.log" | tail -9 || true
done
find fuzz/found -type d -empty -delete
[ ${#failed[@]} -eq 0 ] || { echo "found something: ${failed[*]} (target/fuzz/artifacts, target/fuzz/TARGET.log)" >&2; exit 1; }
