#!/usr/bin/env bash
# Installs what building needs and is missing: a C compiler for SQLite and zstd. Rust itself must be there.
set -euo pipefail
source "$(dirname "$0")/install-packages.sh"

command -v cargo >/dev/null || { echo "error: cargo is missing; hint: install Rust 1.95 or newer (https://rustup.rs)" >&2; exit 1; }
command -v cc >/dev/null || install_packages gcc libc6-dev
command -v make >/dev/null || install_packages make
