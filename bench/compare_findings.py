#!/usr/bin/env python3
"""Compares the findings of `bedrail scan --format json` and of osv-scanner on one document.

usage: compare_findings.py LABEL OURS.json THEIRS.json

A finding is (package, version, alias group). Both name several ids for one weakness, so two findings are the same when
they share an id. Prints how many are in both, only ours and only theirs, and up to ten of each difference.
"""

import json
import sys
from urllib.parse import unquote


def ours(path: str) -> dict[tuple[str, str], list[set[str]]]:
    report = json.load(open(path))
    components = {component["ref"]: component for component in report["components"]}
    found: dict[tuple[str, str], list[set[str]]] = {}
    for finding in report["findings"]:
        if finding["answer"] != "affected":
            continue
        component = components[finding["component"]]
        key = (component["name"].lower(), unquote(component.get("version") or ""))
        found.setdefault(key, []).append({finding["id"], *finding["aliases"]})
    return found


def theirs(path: str) -> dict[tuple[str, str], list[set[str]]]:
    found: dict[tuple[str, str], list[set[str]]] = {}
    for result in json.load(open(path)).get("results", []):
        for package in result["packages"]:
            key = (package["package"]["name"].lower(), package["package"]["version"])
            for vulnerability in package.get("vulnerabilities", []):
                found.setdefault(key, []).append({vulnerability["id"], *vulnerability.get("aliases", [])})
    return found


def minus(left, right):
    """Findings of `left` that share no id with a finding of `right` on the same package and version."""
    return [
        (key, sorted(ids)) for key, groups in left.items() for ids in groups
        if not any(ids & other for other in right.get(key, []))
    ]


def main() -> None:
    label, a, b = sys.argv[1], ours(sys.argv[2]), theirs(sys.argv[3])
    only_ours, only_theirs = minus(a, b), minus(b, a)
    total = sum(len(groups) for groups in a.values())
    print(f"   {label}: {total - len(only_ours)} findings in both, {len(only_ours)} only ours, {len(only_theirs)} only theirs")
    for title, rows in (("only ours", only_ours), ("only theirs", only_theirs)):
        for key, ids in rows[:10]:
            print(f"      {title}: {key[0]} {key[1]} {' '.join(ids)}")


main()
