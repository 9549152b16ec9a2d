#!/usr/bin/env bash
# Installs what the browser tests drive: Debian's Chromium with its driver, and axe-core (from npm, into a folder that
# is not committed). Tests that miss one of them say so and pass.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
source "$here/install-packages.sh"

AXE_VERSION=4.14.1

if ! command -v chromedriver >/dev/null 2>&1; then
    install_packages chromium chromium-driver
fi
if [ ! -e "$here/../node_modules/axe-core/axe.min.js" ] && command -v npm >/dev/null 2>&1; then
    npm install --prefix "$here/.." --no-save --no-package-lock --no-audit --no-fund --silent "axe-core@$AXE_VERSION"
fi
exit 0
