#!/usr/bin/env bash
# Whether a program of `make release TARGET=x86_64-unknown-linux-musl` runs on an old Linux: in a root without any library, and with every call of the system
# refused that came after Linux 3.2 (January 2012), the oldest that Rust's target is for. Needs root, strace and file.
# usage: check-static.sh PROGRAM
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/install-packages.sh
command -v strace > /dev/null || install_packages strace
command -v file > /dev/null || install_packages file
program="$(realpath "$1")"

file -b "$program" | grep -qE 'statically linked|static-pie linked' || { echo "error: $program is not static" >&2; exit 1; }

root="$(mktemp -d)"
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/dev" "$root/tmp" "$root/device"
mknod -m 666 "$root/dev/urandom" c 1 9
mknod -m 666 "$root/dev/null" c 1 3
cp "$program" "$root/bedrail"
python3 - "$root/device/app.war" <<'PYTHON'
import io, sys, zipfile
def name(text):
    head = bytes([0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 52, 0, 3, 1])
    return head + len(text).to_bytes(2, "big") + text.encode() + bytes([7, 0, 1, 0, 1, 0, 2]) + bytes(10)
core, inner = "org/apache/logging/log4j/core", io.BytesIO()
with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as jar:
    jar.writestr("META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties", "groupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=2.14.1\n")
    for one in ("lookup/JndiLookup", "lookup/StrSubstitutor"):
        jar.writestr(f"{core}/{one}.class", name(f"{core}/{one}"))
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as war:
    war.writestr("WEB-INF/lib/core.jar", inner.getvalue())
PYTHON

# By the version of Linux that brought them: 3.14 to 5.17.
newer="sched_setattr,sched_getattr,renameat2,seccomp,getrandom,memfd_create,bpf,execveat,userfaultfd,membarrier,mlock2,copy_file_range,preadv2,pwritev2"
newer="$newer,pkey_mprotect,statx,rseq,pidfd_send_signal,io_uring_setup,open_tree,pidfd_open,clone3,close_range,openat2,pidfd_getfd,faccessat2,epoll_pwait2"
scan=(chroot "$root" /bedrail --data /tmp/data scan /device --format csv)
# 4: it found something, and the starter data alone is incomplete (docs/exit-codes.md).
answer() {
    local code=0
    "$@" > "$root/answer" 2> "$root/said" || code=$?
    [ "$code" = 4 ] && grep -q CVE-2021-44228 "$root/answer" && return
    cat "$root/said" >&2
    echo "error: code $code: $*" >&2
    exit 1
}
answer "${scan[@]}"
rm -rf "$root/tmp/data"
answer strace -f -qq -o "$root/calls" -e "trace=$newer" -e "inject=$newer:error=ENOSYS" "${scan[@]}"
echo "$(basename "$program"): static, runs in an empty root, and without $(sed -E 's/^[0-9]+ +([a-z0-9_]+).*/\1/' "$root/calls" | sort -u | tr '\n' ' ')"
