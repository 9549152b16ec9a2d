#!/usr/bin/env bash
# Installs the ecosystems' own version tools, which the differential tests compare against: Debian packages by name,
# and npm's `semver`, PyPI's `packaging`, Maven's `maven-artifact` and Go's `x/mod` into target/version-tools. Whatever
# cannot be installed (no network, no rights) is named and left out; the tests then skip that tool.
set -uo pipefail
cd "$(dirname "$0")/.."

tools="${BEDRAIL_VERSION_TOOLS:-$PWD/target/version-tools}"
sources="$PWD/crates/model/tests/differential"
maven_version=3.9.9
mkdir -p "$tools"

missing() { echo "not installed: $1 (its differential test is skipped)"; }
have() { command -v "$1" >/dev/null; }

source scripts/install-packages.sh

perl -MDpkg::Version -e 1 2>/dev/null || install_packages libdpkg-perl
/usr/bin/python3 -c 'import rpm; rpm.ver' 2>/dev/null || install_packages python3-rpm
have ruby || install_packages ruby
{ have node && have npm; } || install_packages nodejs npm
{ have javac && have mvn; } || install_packages default-jdk-headless maven
have elixir || install_packages elixir
have php || install_packages php-cli
[ -e /usr/share/php/Composer/Semver/autoload.php ] || install_packages php-composer-semver

if [ ! -d "$tools/npm/node_modules/semver" ]; then
  npm install --silent --no-fund --no-audit --prefix "$tools/npm" semver@7 >"$tools/npm.log" 2>&1 || missing "npm semver"
fi

if ! "$tools/pypi/bin/python" -c 'from packaging.version import LegacyVersion' 2>/dev/null; then
  { python3 -m venv "$tools/pypi" && "$tools/pypi/bin/pip" install --quiet 'packaging==21.3'; } >"$tools/pypi.log" 2>&1 \
    || missing "PyPI packaging 21"
fi

if [ ! -e "$tools/maven/Maven.class" ] || [ "$sources/Maven.java" -nt "$tools/maven/Maven.class" ]; then
  mkdir -p "$tools/maven"
  { mvn --quiet dependency:copy -Dartifact="org.apache.maven:maven-artifact:$maven_version" -DoutputDirectory="$tools/maven" \
      && javac -cp "$tools/maven/*" -d "$tools/maven" "$sources/Maven.java"; } >"$tools/maven.log" 2>&1 || missing "Maven's ComparableVersion"
fi

if [ ! -x "$tools/go/go-order" ] || [ "$sources/go.go" -nt "$tools/go/go-order" ]; then
  mkdir -p "$tools/go" && cp "$sources/go.go" "$tools/go/main.go"
  (cd "$tools/go" && { [ -e go.mod ] || go mod init go-order; } && go get golang.org/x/mod/semver && go build -o go-order .) \
    >"$tools/go.log" 2>&1 || missing "Go's x/mod/semver"
fi
exit 0
