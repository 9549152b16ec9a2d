#!/usr/bin/env bash
# Installs validators of the formats that `bedrail scan` writes, for the tests: CycloneDX's own (PyPI `cyclonedx-python-lib`, which
# carries the official schemas), models made from the official SARIF schema (`pydantic-sarif`) and a JSON Schema validator
# (`jsonschema`), into target/schema-tools. Where they cannot be installed the tests say so and pass.
set -uo pipefail
cd "$(dirname "$0")/.."

tools="${BEDRAIL_SCHEMA_TOOLS:-$PWD/target/schema-tools}"
[ -e "$tools/ready" ] && exit 0
missing() { echo "not installed: validators of output formats (their test is skipped): $1"; exit 0; }

source scripts/install-packages.sh
python3 -c 'import venv, ensurepip' 2>/dev/null || install_packages python3-venv
python3 -m venv "$tools" || missing "no Python"
"$tools/bin/pip" --quiet install 'cyclonedx-python-lib[json-validation]==11.12.0' 'jsonschema==4.26.0' 'pydantic-sarif==0.1.1' \
    || missing "no packages"
touch "$tools/ready"
