#!/usr/bin/env bash
# Installs the OpenID Connect provider that the tests of single sign-on run: `oidc-provider` (MIT) from npm, into target/.
# Tests that miss it say so and pass.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"

# The last line of versions that Node.js 18 and 20 run.
VERSION=8.8.1

tools="$here/../target/test-tools"
if command -v npm >/dev/null 2>&1 && [ ! -d "$tools/node_modules/oidc-provider" ]; then
    mkdir -p "$tools"
    npm install --prefix "$tools" --no-save --no-package-lock --no-audit --no-fund --silent "oidc-provider@$VERSION" \
        || echo "note: could not install oidc-provider; tests that need it will say \"skipped\"" >&2
fi
exit 0
