# Sourced, not run: `install_packages NAME…` installs Debian packages that are missing, by name.
# Where they cannot be installed (no root, no Debian) it says so and goes on: tests that need them say "skipped".

install_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    command -v apt-get >/dev/null || { echo "note: not installed (no apt-get): ${missing[*]}" >&2; return 0; }
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
    echo "installing: ${missing[*]}" >&2
    if [ -z "${PACKAGE_LIST_IS_FRESH:-}" ]; then
        "${as_root[@]}" apt-get update -qq || true
        export PACKAGE_LIST_IS_FRESH=1
    fi
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null \
        || echo "note: could not install ${missing[*]}; tests that need them will say \"skipped\"" >&2
}
