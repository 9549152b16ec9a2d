#!/usr/bin/env bash
# Makes what people install: dist/bedrail-<version>-<target>.tar.gz with the stripped program, systemd units, an example of its
# settings and the licences, and the SHA-256 beside it.
#
# The C library is linked as the target has it. For a program that runs on any Linux: TARGET=x86_64-unknown-linux-musl, with
# Debian's musl-tools and that target of the toolchain. For Windows: TARGET=x86_64-pc-windows-gnu, with Debian's
# gcc-mingw-w64-x86-64; that archive has neither systemd units nor their settings.
set -euo pipefail
cd "$(dirname "$0")/.."

target="${TARGET:-$(rustc -vV | sed -n 's/^host: //p')}"
version="$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)"
name="bedrail-$version-$target"
program=bedrail
beside=(packaging/systemd packaging/bedrail.env.example)
case "$target" in *windows*) program=bedrail.exe beside=() ;; esac

CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_STRIP=symbols \
    cargo build --release --locked --bin bedrail --target "$target"

rm -rf "dist/$name"
mkdir -p "dist/$name"
install -m 755 "target/$target/release/$program" "dist/$name/"
cp -r "${beside[@]}" LICENSE CHANGELOG.md docs/how-to/install.md "dist/$name/"
python3 scripts/licences.py "$target" > "dist/$name/LIBRARIES.txt"
# The same archive from the same commit: names in order, no owner, the time of the commit.
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct)" \
    -C dist -cf - "$name" | gzip -n > "dist/$name.tar.gz"
(cd dist && sha256sum "$name.tar.gz" > "$name.tar.gz.sha256")
ls -lh "dist/$name.tar.gz" "dist/$name/$program"
