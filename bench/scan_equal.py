#!/usr/bin/env python3
"""Compares what the scanner and its peers find in a tree, before their times are compared.

usage: scan_equal.py SCANNER PEERS TREE

SCANNER is the scanner's example `inside` or another program that prints `PLACE<tab>NAME VERSION…` lines; PEERS the folder with log4jscanner,
syft and scalibr. A package is its file (the outermost), name and version; of what only one side has some examples are printed.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path


def run(*command: str) -> str:
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def ours(scanner: str, tree: str) -> set[tuple[str, str, str]]:
    found = set()
    for line in run(scanner, tree).splitlines():
        place, _, rest = line.partition("\t")
        if not rest or place == "not scanned":
            continue
        name, version, *_ = rest.split("\t")[0].split(" ") + ["?"]
        found.add((place.split("!/")[0], name, version))
    return found


def syft(tool: Path, tree: str) -> set[tuple[str, str, str]]:
    report = json.loads(run(str(tool), "scan", f"dir:{tree}", "-q", "-o", "json") or "{}")
    path = lambda one: f"{tree}{one['locations'][0]['path']}" if one["locations"] else ""
    return {(path(one), one["name"], one["version"]) for one in report.get("artifacts", [])}


def scalibr(tool: Path, tree: str) -> set[tuple[str, str, str]]:
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        run(str(tool), "-root", tree, "-plugins", "java/archive", "-o", f"cdx-json={out.name}")
        report = json.loads(Path(out.name).read_text() or "{}")
    places = lambda one: [it["location"] for it in one.get("evidence", {}).get("occurrences", [])] or [""]
    name = lambda one: one["name"].split(":")[-1]
    components = report.get("components", [])
    return {(f"{tree}/{place}", name(one), one.get("version", "")) for one in components for place in places(one)}


def compare(what: str, mine: set, theirs: set) -> None:
    only_mine, only_theirs = sorted(mine - theirs), sorted(theirs - mine)
    print(f"   {what}: {len(mine & theirs)} in both, {len(only_mine)} only ours, {len(only_theirs)} only theirs")
    for side, some in [("ours", only_mine[:3]), ("theirs", only_theirs[:5])]:
        for one in some:
            print(f"      only {side}: {one}")


def main() -> None:
    scanner, peers, tree = sys.argv[1], Path(sys.argv[2]), sys.argv[3].rstrip("/")
    mine = ours(scanner, tree)
    if (peers / "log4jscanner").exists():
        told = set(run(str(peers / "log4jscanner"), tree).split())
        cores = {place for place, name, _ in mine if name == "log4j-core"}
        print(f"   log4jscanner: {len(told)} files, {len(told - cores)} of them without a log4j-core of ours {sorted(told - cores)[:3]}")
    # What is in archives counts by file, name and version; a peer that names no file counts by name and version.
    names = {(name, version) for _, name, version in mine}
    for peer, read in [("syft", syft), ("scalibr", scalibr)]:
        if (peers / peer).exists():
            theirs = read(peers / peer, tree)
            compare(f"{peer}, names and versions", names, {(name, version) for _, name, version in theirs})


main()
