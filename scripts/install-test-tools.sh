#!/usr/bin/env bash
# Installs what the tests drive for real: PostgreSQL, a browser, the version tools of the ecosystems, a provider for
# single sign-on, validators of output formats, the firewall's engine.
# PostgreSQL's package would start a cluster of its own; the tests start theirs, so that is switched off.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
source "$here/install-packages.sh"

if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
    if [ "$(id -u)" -eq 0 ] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        mkdir -p /etc/postgresql-common
        echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
    fi
    install_packages postgresql
fi
# The firewall's engine: `bedrail-waf-engine` is built with it where it is there.
install_packages libmodsecurity-dev modsecurity-crs
[ -x "$here/install-browser-tools.sh" ] && "$here/install-browser-tools.sh"
[ -x "$here/install-version-tools.sh" ] && "$here/install-version-tools.sh"
[ -x "$here/install-oidc-provider.sh" ] && "$here/install-oidc-provider.sh"
[ -x "$here/install-schema-tools.sh" ] && "$here/install-schema-tools.sh"
[ -x "$here/install-scanner-tools.sh" ] && "$here/install-scanner-tools.sh"
exit 0
