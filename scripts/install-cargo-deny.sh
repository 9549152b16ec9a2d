#!/usr/bin/env bash
# Installs cargo-deny from crates.io where it is missing. Built without optimisation: it runs for a second a day.
set -euo pipefail
cargo deny --version >/dev/null 2>&1 && exit 0
CARGO_PROFILE_RELEASE_OPT_LEVEL=0 cargo install cargo-deny --locked
