"""Bedrail beside osv-scanner on every public bill of materials at hand, and beside itself what decides each difference.

usage: python3 bench/differences --data SHARED_DATA --work FOLDER --bedrail PROGRAM --scanner PROGRAM [--write]

Each document is scanned by both as it is; then all packages of all documents once more, named alike, in one document. Every
difference is put into a category by the first rule of `rules.toml` that fits its facts; one that no rule fits is printed and
fails the run, and so does a rule that fits nothing. `docs/differences.md` holds the table; `--write` writes it anew, without it
the page must be current.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import page
import peer
import rules
from facts import Records, differences
from packages import named_alike

PAGE = Path(__file__).resolve().parents[2] / "docs" / "differences.md"
# The ending by which osv-scanner knows a format.
ENDINGS = {("CycloneDX", "JSON"): ".cdx.json", ("CycloneDX", "XML"): ".cdx.xml", ("SPDX", "JSON"): ".spdx.json", ("SPDX", "JSON-LD"): ".spdx.json"}


def scan(bedrail: str, index: Path, file: Path):
    """Our report on a document; nothing where it is none."""
    command = [bedrail, "--data", str(index), "scan", "--format", "json", str(file)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode == 1:
        return None
    if done.returncode not in (0, 3, 4):
        raise SystemExit(f"{file}: bedrail ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
    return json.loads(done.stdout)


def read_corpus(arguments, work: Path) -> dict[str, tuple[str, dict]]:
    """Our reports on all documents that are bills of materials, by the name under which the peer gets each."""
    corpus, staged = arguments.data / "sbom", work / "documents"
    staged.mkdir(parents=True, exist_ok=True)
    for old in staged.iterdir():
        old.unlink()
    reports = {}
    for number, file in enumerate(sorted(path for path in corpus.rglob("*") if path.is_file())):
        report = scan(arguments.bedrail, work / "index", file)
        if report is None:
            continue
        target = report["target"]
        name = f"{number:04}{ENDINGS.get((target['format'], target['encoding']), '.spdx')}"
        (staged / name).symlink_to(file)
        reports[name] = (str(file.relative_to(corpus)), report)
    return reports


def write_alike(reports: dict, work: Path) -> Path:
    """One document with every package of all documents, as both read it."""
    components = {}
    for _, report in reports.values():
        for component in report["components"]:
            alike = named_alike(component)
            if alike:
                components[alike["purl"]] = alike
    document = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": [components[key] for key in sorted(components)]}
    path = work / "alike" / "alike.cdx.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def main() -> int:
    parser = argparse.ArgumentParser()
    for name in ("--data", "--work"):
        parser.add_argument(name, type=Path, required=True)
    for name in ("--bedrail", "--scanner"):
        parser.add_argument(name, required=True)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    feeds, work = (arguments.data / "osv").resolve(), arguments.work
    records, table = Records(feeds), rules.read()

    reports = read_corpus(arguments, work)
    files = sorted((work / "documents").iterdir())
    packages, refused = peer.scan(arguments.scanner, feeds, files, work, "documents")
    alike = write_alike(reports, work)
    report = scan(arguments.bedrail, work / "index", alike)
    packages_alike, _ = peer.scan(arguments.scanner, feeds, [alike], work, "alike")

    runs = {"documents": page.Run(), "alike": page.Run()}
    for name, (path, ours) in reports.items():
        found = differences(path, ours, packages.get(name, []), refused.get(name, ""), records)
        runs["documents"].add(ours, packages.get(name, []), found, refused=name in refused)
    runs["alike"].add(report, packages_alike.get(alike.name, []), differences("", report, packages_alike.get(alike.name, []), "", records))
    unclassified, unused = rules.classify(table, runs)
    (work / "differences.json").write_text(json.dumps(page.everything(runs), indent=1))

    text = page.write(table, runs, refused, reports)
    current = PAGE.exists() and PAGE.read_text() == text
    if arguments.write:
        PAGE.write_text(text)
    return verdict(unclassified, unused, current or arguments.write)


def verdict(unclassified: list, unused: list, current: bool) -> int:
    for found in unclassified[:40]:
        print(f"no rule fits: {found.component} {found.ids[0]} {json.dumps(found.facts)} ({found.document})")
    for rule in unused:
        print(f"the rule `{rule['category']}` fits nothing (any more)")
    if not current:
        print("docs/differences.md is not current: run `make differences WRITE=--write`, read what changed and commit it")
    print(f"{len(unclassified)} unclassified differences")
    return 1 if unclassified or unused or not current else 0


sys.exit(main())
