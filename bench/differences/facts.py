"""What two scanners say of the same documents, where they differ, and what can be seen of each difference.

A difference is one weakness of one component that one of the two reports and the other does not. Its facts are words and are
read off the document, the record and what the peer shows; no rule of `bedrail` has part in them.
"""

import json
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from packages import Purl, purl_of

# What the peer calls the ecosystem of a package, against the type of the package URL.
PLAIN_VERSION = re.compile(r"v?[0-9]+\.[0-9]+\.[0-9]+([-+].*)?$")


@dataclass
class Difference:
    """One weakness of one component, said by one of the two."""

    document: str
    component: str
    ids: list[str]
    facts: dict[str, str]
    category: str = ""
    shown: dict = field(default_factory=dict)

    def key(self) -> tuple:
        """Equal in every document that has the same component."""
        return self.component, self.ids[0], tuple(sorted(self.facts.items()))


class Records:
    """The OSV records by id, read when asked for."""

    def __init__(self, feeds: Path):
        self.places: dict[str, list[tuple[str, zipfile.ZipFile, str]]] = {}
        self.read: dict[str, list[dict]] = {}
        for feed in sorted(feeds.glob("*/all.zip")):
            archive = zipfile.ZipFile(feed)
            for name in archive.namelist():
                self.places.setdefault(name.removesuffix(".json"), []).append((feed.parent.name, archive, name))

    def of(self, record: str) -> list[dict]:
        """The copies of a record, one for each feed that has it."""
        if record not in self.read:
            places = self.places.get(record, [])
            self.read[record] = [json.loads(archive.read(name)) for _, archive, name in places]
        return self.read[record]

    def package_names(self, record: str) -> set[str]:
        """The packages that a record speaks of."""
        entries = (entry for copy in self.of(record) for entry in copy.get("affected", []))
        return {entry.get("package", {}).get("name", "") for entry in entries}

    def feeds(self, record: str) -> set[str]:
        """The ecosystems in whose feeds it is."""
        return {feed for feed, _, _ in self.places.get(record, [])}


def ids_of(weakness: dict) -> set[str]:
    return {weakness["id"], *weakness.get("aliases", [])}


def spellings(component: dict) -> set[str]:
    """The names and versions under which the peer may list a component."""
    group, name = component.get("group") or "", component["name"]
    names = {name, f"{group}/{name}", f"{group}:{name}", component.get("purl") or ""}
    purl = purl_of(component)
    return {name.lower() for name in names if name} | (purl.spellings() if purl else set())


def versions(component: dict) -> set[str]:
    purl = purl_of(component)
    return {component.get("version") or "", purl.version if purl else ""}


def twins_of(components: dict, packages: list) -> dict[str, list]:
    """What the peer lists of each component."""
    by_name: dict[tuple[str, str], list] = {}
    for package in packages:
        shown = package["package"]
        by_name.setdefault((shown["name"].lower(), shown.get("version", "")), []).append(package)
    return {
        ref: [it for name in sorted(spellings(component)) for version in sorted(versions(component)) for it in by_name.get((name, version), [])]
        for ref, component in components.items()
    }


def differences(document: str, report: dict, packages: list, refused: str, records: Records) -> list[Difference]:
    """Where the two differ on one document."""
    components = {component["ref"]: component for component in report["components"]}
    twins = twins_of(components, packages)
    listed_by: dict[int, list[str]] = {}
    for ref, listed in twins.items():
        for package in listed:
            listed_by.setdefault(id(package), []).append(ref)
    findings: dict[str, list] = {}
    for finding in report["findings"]:
        findings.setdefault(finding["component"], []).append(finding)
    told = [finding for finding in report["findings"] if finding["answer"] != "not_affected"]
    found = []
    for finding in told:
        component = components[finding["component"]]
        theirs = [it for package in twins[finding["component"]] for it in package.get("vulnerabilities", [])]
        if any(ids_of(finding) & ids_of(vulnerability) for vulnerability in theirs):
            continue  # Where it is "cannot tell" to us, the peer's side below has it.
        facts = of_ours(finding, component, twins[finding["component"]], refused, records)
        found.append(difference(document, component, sorted(ids_of(finding)), finding["evidence"][0]["advisory"], facts))
    for package in packages:
        ours = listed_by.get(id(package), [])
        for vulnerability in package.get("vulnerabilities", []):
            mine = [it for ref in ours for it in findings.get(ref, []) if ids_of(it) & ids_of(vulnerability)]
            if any(finding["answer"] == "affected" for finding in mine):
                continue
            component = components[ours[0]] if ours else {"name": package["package"]["name"], "ref": "", "version": package["package"].get("version")}
            facts = of_theirs(vulnerability, component, package, mine, bool(ours), report, records)
            found.append(difference(document, component, sorted(ids_of(vulnerability)), vulnerability["id"], facts))
    return found


def difference(document: str, component: dict, ids: list[str], first: str, facts: dict[str, str]) -> Difference:
    shown = component.get("purl") or f"{component['name']} {component.get('version') or ''}".strip()
    return Difference(document, shown, [first, *(it for it in ids if it != first)], facts)


def of_ours(finding: dict, component: dict, twins: list, refused: str, records: Records) -> dict[str, str]:
    """What can be seen of a finding that the peer lacks."""
    record = finding["evidence"][0]["advisory"]
    facts = {
        "only": "ours",
        "answer": finding["answer"],
        "reason": finding["reason"],
        "by": "cpe" if finding["evidence"][0]["source"].startswith("nvd/") else "purl",
        "document": "refused by the peer" if refused else "read by both",
    }
    facts |= of_component(component, twins)
    if facts["by"] == "purl":
        facts |= of_record(record, component, twins, records)
    return facts


def of_theirs(vulnerability: dict, component: dict, package: dict, mine: list, listed: bool, report: dict, records: Records) -> dict[str, str]:
    """What can be seen of a vulnerability that we lack."""
    facts = {
        "only": "theirs",
        "answer": mine[0]["answer"] if mine else "silence",
        "reason": mine[0]["reason"] if mine else "",
        "component": "listed" if listed else "not listed",
    }
    unassessed = [it["reason"] for it in report["not_assessed"] if it["component"] == component["ref"]]
    if unassessed:
        facts |= {"answer": "cannot_tell", "reason": unassessed[0]}
    facts |= of_component(component, [package])
    facts |= of_record(vulnerability["id"], component, [package], records)
    return facts


def of_component(component: dict, twins: list) -> dict[str, str]:
    """How the document and the peer write the component."""
    purl = purl_of(component)
    facts = {"type": purl.kind if purl else "none"}
    if not twins:
        return facts | {"peer": "does not list it"}
    shown = twins[0]["package"]
    facts["peer"] = "lists it" if shown.get("ecosystem") else "knows no ecosystem for it"
    written, own = component.get("version") or "", purl.version if purl else ""
    if written and own and written != own:
        facts["version"] = "differs between component and purl"
    elif not PLAIN_VERSION.match(own or written):
        facts["version"] = "not of three numbers"
    return facts


def of_record(record: str, component: dict, twins: list, records: Records) -> dict[str, str]:
    """How the record names the package, against the package URL and against the peer."""
    names, purl = records.package_names(record), purl_of(component)
    facts = {}
    own, source = (purl.own_name(), purl.source()[0]) if purl else ("", "")
    if source and source != own and source in names and own not in names:
        facts["record_names"] = "the source package"
    elif own in names:
        facts["record_names"] = "the package"
    elif own.lower() in {name.lower() for name in names}:
        facts["record_names"] = "the package in other case"
    elif purl and purl.spellings() & {name.lower() for name in names}:
        facts["record_names"] = "the package by another spelling"
    else:
        facts["record_names"] = "another package"
    if twins:
        shown = {package["package"]["name"] for package in twins}
        facts["peer_name"] = peer_name(shown, names, purl, component)
        ecosystem, _, release = twins[0]["package"].get("ecosystem", "").partition(":")
        if ecosystem and ecosystem not in records.feeds(record):
            facts["record_in"] = "the feed of another ecosystem"
        if ecosystem == "Debian" and "." in release:
            facts["peer_release"] = "a point release"
    copies = records.of(record)
    if any(copy.get("withdrawn") for copy in copies):
        facts["record"] = "withdrawn"
    return facts


def peer_name(shown: set[str], names: set[str], purl: Purl | None, component: dict) -> str:
    """What the peer looks for, against what the record names."""
    if shown & names:
        return "as the record"
    if {name.lower() for name in shown} & {name.lower() for name in names}:
        return "in other case"
    if purl and purl.subpath and any(purl.own_name() in name for name in shown):
        return "with the subpath"
    if purl and purl.name in shown:
        binary = purl.source()[0] not in ("", purl.name)
        return "the binary package" if binary else "without the namespace" if purl.own_name() != purl.name else "another"
    group = component.get("group") or ""
    return "the component's name" if shown & {component["name"], f"{group}/{component['name']}"} else "another"
