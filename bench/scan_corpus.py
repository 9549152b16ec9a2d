#!/usr/bin/env python3
"""Makes odd jars from real ones, has each tool scan each of them, and prints what they find as a table (docs/scanner-peers.md).

usage: scan_corpus.py JARS FOLDER NAME=TOOL …

JARS is the folder of scripts/install-scanner-jars.sh. NAME is one of bedrail, log4jscanner, syft, scalibr; TOOL is its program.
"""

import csv
import gzip
import io
import json
import lzma
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

CORE = "log4j-core-2.14.1.jar"
LOOKUP = "org/apache/logging/log4j/core/lookup/JndiLookup.class"
POM = "META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties"


class Jars:
    def __init__(self, folder: Path):
        self.folder = folder

    def bytes(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def entries(self, name: str) -> dict[str, bytes]:
        with zipfile.ZipFile(self.folder / name) as jar:
            return {entry.filename: jar.read(entry) for entry in jar.infolist() if not entry.is_dir()}


class Pipe(io.RawIOBase):
    """Takes what is written and cannot go back, so that sizes are written behind the entries."""

    def __init__(self):
        self.bytes = bytearray()

    def writable(self):
        return True

    def write(self, part):
        self.bytes += part
        return len(part)


def packed(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, out=None) -> bytes:
    out = out or io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as jar:
        for name, body in entries.items():
            jar.writestr(name, body)
    return bytes(out.bytes) if isinstance(out, Pipe) else out.getvalue()


def nested(body: bytes, depth: int) -> bytes:
    name = "WEB-INF/lib/core.jar"
    for level in range(depth):
        body = packed({"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\n", name: body})
        name = f"inner{level}.jar"
    return body


def tar(name: str, body: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(body)
        archive.addfile(info, io.BytesIO(body))
    return out.getvalue()


def moved(entries: dict[str, bytes]) -> dict[str, bytes]:
    """Relocated to a package whose name is as long, so that texts of the constant pool keep their lengths."""
    old, new = "org/apache/logging", "lib/shaded/logging"
    dots = lambda text: text.replace("/", ".").encode()
    change = lambda body: body.replace(old.encode(), new.encode()).replace(dots(old), dots(new))
    classes = {name: body for name, body in entries.items() if name.endswith(".class")}
    return {name.replace(old, new): change(body) for name, body in classes.items()}


def corpus(jars: Jars):
    """Each with what is true of it, its name, and what is in it: bytes, or files of a folder."""
    core, api, fixed = jars.entries(CORE), jars.entries("log4j-api-2.14.1.jar"), "log4j-core-2.17.1.jar"
    without = lambda *names: {name: body for name, body in core.items() if name not in names}
    yield "vulnerable", "2.14.1 as it is", "a.jar", jars.bytes(CORE)
    yield "vulnerable", "2.0-beta9 as it is", "a.jar", jars.bytes("log4j-core-2.0-beta9.jar")
    for version in ["2.3.1", "2.12.2", "2.16.0", "2.17.1"]:
        yield "mended", f"{version} as it is", "a.jar", jars.bytes(f"log4j-core-{version}.jar")
    yield "vulnerable", "2.14.1 called `.dat`", "a.dat", jars.bytes(CORE)
    yield "vulnerable", "three archives deep", "a.jar", nested(jars.bytes(CORE), 3)
    yield "vulnerable", "twenty archives deep", "a.jar", nested(jars.bytes(CORE), 20)
    yield "vulnerable", "in a `.tar.gz`", "a.tar.gz", gzip.compress(tar("a.jar", jars.bytes(CORE)))
    yield "vulnerable", "in a `.tar.xz`", "a.tar.xz", lzma.compress(tar("a.jar", jars.bytes(CORE)))
    yield "vulnerable", "unpacked folder", None, core
    yield "vulnerable", "moved to another package, no pom", "a.jar", packed(moved(core))
    classdata = {name.replace(".class", ".classdata"): body for name, body in core.items()}
    yield "vulnerable", "classes called `.classdata`, no pom", "a.jar", packed({n: b for n, b in classdata.items() if n != POM})
    yield "vulnerable", "no pom, no manifest, renamed", "x.jar", packed(without(POM, "META-INF/MANIFEST.MF"))
    lie = {**core, POM: core[POM].replace(b"2.14.1", b"2.17.1")}
    yield "vulnerable", "pom says 2.17.1", "x.jar", packed(lie)
    yield "mended", "`JndiLookup` taken out", "a.jar", packed(without(LOOKUP))
    yield "vulnerable", "list of entries cut off", "a.jar", jars.bytes(CORE)[:-2000]
    yield "vulnerable", "stored, sizes behind the entries", "a.jar", packed(core, zipfile.ZIP_STORED, Pipe())
    damaged = bytearray(jars.bytes(CORE))
    with zipfile.ZipFile(io.BytesIO(damaged)) as jar:
        entry = jar.getinfo("org/apache/logging/log4j/core/LoggerContext.class")
        damaged[entry.header_offset + 200 : entry.header_offset + 260] = b"\xff" * 60
    yield "vulnerable", "one other entry damaged", "a.jar", bytes(damaged)
    yield "vulnerable", "behind a shell script", "run.sh", b"#!/bin/sh\nexec java -jar $0\n" + jars.bytes(CORE)
    both = {"WEB-INF/lib/old.jar": jars.bytes(CORE), "WEB-INF/lib/new.jar": jars.bytes(fixed)}
    yield "vulnerable", "2.14.1 and 2.17.1 in one war", "a.war", packed(both)
    yield "vulnerable", "log4j 1.2.17 (CVE-2021-4104 and others)", "a.jar", jars.bytes("log4j-1.2.17.jar")
    yield "clean", "log4j-api alone", "a.jar", jars.bytes("log4j-api-2.14.1.jar")
    some = next(body for name, body in api.items() if name.endswith(".class"))
    names = ["com/acme/lookup/JndiLookup.class", "com/acme/net/JndiManager.class"]
    yield "clean", "other classes called JndiLookup, JndiManager", "a.jar", packed({name: some for name in names})
    yield "clean", "text files called log4j-core-2.14.1.jar", "log4j-core-2.14.1.jar", b"no archive\n" * 40


def run(command: list[str]) -> str:
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=600).stdout


def short(ids: set[str]) -> str:
    return ", ".join(sorted(one.removeprefix("CVE-") for one in ids))


def bedrail(tool: str, folder: Path, data: Path) -> str:
    rows = csv.DictReader(io.StringIO(run([tool, "--data", str(data), "scan", "--format", "csv", str(folder)])))
    ids = {row["id"] for row in rows if row["answer"] == "affected" and "log4j" in row["component"]}
    return short(ids) or "nothing"


def log4jscanner(tool: str, folder: Path, _: Path) -> str:
    return "yes" if run([tool, str(folder)]).strip() else "nothing"


def named(packages) -> str:
    there = sorted({f"{name.split(':')[-1]} {version}" for name, version in packages if "log4j" in name})
    return ", ".join(there) or "nothing"


def syft(tool: str, folder: Path, _: Path) -> str:
    report = json.loads(run([tool, "scan", f"dir:{folder}", "-o", "json", "-q"]) or "{}")
    return named((one["name"], one["version"]) for one in report.get("artifacts", []))


def scalibr(tool: str, folder: Path, data: Path) -> str:
    out = data / "scalibr.json"
    out.unlink(missing_ok=True)
    run([tool, "-root", str(folder), "-plugins", "java/archive", "-o", f"cdx-json={out}"])
    report = json.loads(out.read_text()) if out.exists() else {}
    return named((one["name"], one.get("version", "?")) for one in report.get("components", []))


TOOLS = {"bedrail": bedrail, "log4jscanner": log4jscanner, "syft": syft, "scalibr": scalibr}


def main() -> None:
    jars, folder = Jars(Path(sys.argv[1])), Path(sys.argv[2]).resolve()
    tools = [argument.split("=", 1) for argument in sys.argv[3:]]
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    print(f"| log4j-core | truth | {' | '.join(name for name, _ in tools)} |")
    print("|---|---|" + "---|" * len(tools))
    for number, (truth, what, name, body) in enumerate(corpus(jars)):
        place = folder / f"case{number}"
        shutil.rmtree(place, ignore_errors=True)
        for inner, content in (body if name is None else {name: body}).items():
            (place / inner).parent.mkdir(parents=True, exist_ok=True)
            (place / inner).write_bytes(content)
        answers = [TOOLS[name](tool, place, data) for name, tool in tools]
        print(f"| {what} | {truth} | {' | '.join(answers)} |", flush=True)


main()
