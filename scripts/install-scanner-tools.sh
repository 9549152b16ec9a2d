#!/usr/bin/env bash
# Installs the Debian tools that make the images of the scanner's tests: file systems, disks, archives, packages. The tests say
# "skipped" where a tool is missing.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
source "$here/install-packages.sh"

install_packages squashfs-tools e2fsprogs genisoimage dosfstools mtools fdisk qemu-utils p7zip-full rpm gcab lzip lz4 u-boot-tools mtd-utils \
    binutils-mingw-w64-x86-64 binutils-mingw-w64-i686 libwin-hivex-perl ntfs-3g wimtools wixl nsis udftools genromfs device-tree-compiler \
    mkbootimg exfatprogs erofs-utils cabextract lzop openssl xfsprogs btrfs-progs
