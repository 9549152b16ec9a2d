"""The page `docs/differences.md`."""

from dataclasses import dataclass, field

from facts import Difference


@dataclass
class Run:
    """What came out of one comparison."""

    documents: int = 0
    refused: int = 0
    components: int = 0
    ours: int = 0
    theirs: int = 0
    differences: list[Difference] = field(default_factory=list)

    def add(self, report: dict, packages: list, found: list[Difference], refused: bool = False) -> None:
        self.documents += 1
        self.refused += refused
        self.components += len(report["components"])
        self.ours += sum(finding["answer"] == "affected" for finding in report["findings"])
        self.theirs += sum(len(package.get("vulnerabilities", [])) for package in packages)
        self.differences += found

    def only(self, side: str, answer: str = "") -> int:
        return sum(it.facts["only"] == side and answer in ("", it.facts["answer"]) for it in self.differences)


def everything(runs: dict[str, Run]) -> list[dict]:
    """All differences, for reading."""
    return [
        {"run": name, "category": it.category, "document": it.document, "component": it.component, "ids": it.ids[:3], "facts": it.facts}
        for name, run in runs.items() for it in run.differences
    ]


OPENING = """# Where Bedrail and osv-scanner differ, and who is right

`make differences` scans every public bill of materials at hand (`BEDRAIL_SHARED`, {documents} documents that are read as such) with
Bedrail and with [osv-scanner](https://github.com/google/osv-scanner) 2.5.0, offline, on the same feeds of OSV. A difference is one
weakness of one component that only one of the two reports. Each gets the first category of `bench/differences/rules.toml` that fits
its facts, which are read off the document, the record and what osv-scanner shows, never off Bedrail's own rules. A difference that no
category fits fails the run, and so does a category that fits nothing any more. This page is written by the run
(`make differences WRITE=--write`); the run fails where it is not current.

Two comparisons:

- **As they are**: each document is given to both. Most differences come from how the peer reads a component, not from matching.
- **Named alike**: every package of all documents once, in one document, with the name as advisories write it (the source package of a
  distribution), so that both look the same thing up. What differs here is matching alone.

| | as they are | named alike |
|---|---:|---:|
"""

NOT_COMPARED = """
## What is not compared

- **Answers by NVD's configurations.** osv-scanner has no data of NVD. grype and trivy match by a database of their own that is
  downloaded whole, which an offline run cannot do; grype's could be made from NVD's feeds only with its own builder (a library,
  `grype/db/v6/build`, which reads what another program has fetched), and that was not done. What guards this part instead is a second,
  slow matcher, tables with citations, and properties (`crates/assess/tests/it/configurations.rs`).
- **Documents that only one reads**: what Bedrail refuses is listed in [sbom-corpus.md](sbom-corpus.md) and is not given to the peer.
- **Severity, fixed versions, wording**: only which weaknesses a component has.
"""


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def write(table: list[dict], runs: dict[str, Run], refused: dict[str, str], reports: dict) -> str:
    """The whole page."""
    as_is, alike = runs["documents"], runs["alike"]
    rows = [
        ("documents", as_is.documents, alike.documents),
        ("documents that osv-scanner gives up on", as_is.refused, alike.refused),
        ("components", as_is.components, alike.components),
        ("findings \"affected\" of Bedrail", as_is.ours, alike.ours),
        ("of these also of osv-scanner", as_is.ours - as_is.only("ours", "affected"), alike.ours - alike.only("ours", "affected")),
        ("only Bedrail says \"affected\"", as_is.only("ours", "affected"), alike.only("ours", "affected")),
        ("only Bedrail says \"cannot tell\"", as_is.only("ours", "cannot_tell"), alike.only("ours", "cannot_tell")),
        ("only osv-scanner says \"affected\", Bedrail \"cannot tell\"", as_is.only("theirs", "cannot_tell"), alike.only("theirs", "cannot_tell")),
        ("only osv-scanner says \"affected\", Bedrail nothing", as_is.only("theirs") - as_is.only("theirs", "cannot_tell"), alike.only("theirs") - alike.only("theirs", "cannot_tell")),
    ]
    text = OPENING.format(documents=as_is.documents)
    text += "".join(f"| {cell(name)} | {one} | {two} |\n" for name, one, two in rows)
    text += "\n## Categories\n\n| category | who says it | as they are | named alike | who is right | why | authority | example |\n"
    text += "|---|---|---:|---:|---|---|---|---|\n"
    text += "".join(category(rule, as_is, alike) for rule in table)
    return text + refusals(refused, reports) + NOT_COMPARED


def category(rule: dict, as_is: Run, alike: Run) -> str:
    """A row of the table."""
    counts = [sum(it.category == rule["category"] for it in run.differences) for run in (as_is, alike)]
    examples = [it for run in (as_is, alike) for it in run.differences if it.category == rule["category"]]
    first = min(examples, key=lambda it: (len(it.component), it.component, it.ids[0]), default=None)
    example = f"`{first.component}` {first.ids[0]}" if first else ""
    side = {"ours": "Bedrail", "theirs": "osv-scanner"}[rule["when"]["only"]]
    right = {"ours": "Bedrail", "peer": "osv-scanner", "both": "both, each by its rule"}[rule["right"]]
    cells = [rule["category"], side, str(counts[0]), str(counts[1]), right, rule["why"], rule["authority"], example]
    return "| " + " | ".join(cell(it) for it in cells) + " |\n"


def refusals(refused: dict[str, str], reports: dict) -> str:
    """The documents that the peer gives up on."""
    text = "\n## Documents that osv-scanner gives up on\n\nBedrail reads them; their findings are the category above.\n\n| document | its words |\n|---|---|\n"
    rows = sorted((reports[name][0], words) for name, words in refused.items())
    return text + "".join(f"| `{cell(path)}` | {cell(words)[:120]} |\n" for path, words in rows)
