"""osv-scanner on many documents at once, offline, on the feeds that the index was built from."""

import json
import os
import re
import subprocess
import zipfile
from pathlib import Path

# Every ecosystem that a package of the corpus may be of: osv-scanner gives up where it has no feed at all for one.
WITHOUT_FEED = [
    "Alpaquita", "Azure Linux", "BellSoft Hardened Containers", "Bioconductor", "Bitnami", "CRAN", "Chainguard", "ConanCenter",
    "Echo", "GIT", "GitHub Actions", "Hackage", "Julia", "Mageia", "MinimOS", "Photon OS", "Red Hat", "Rocky Linux", "SUSE",
    "SwiftURL", "Ubuntu", "VSCode", "Wolfi", "opam", "openEuler", "openSUSE",
]


def prepare(feeds: Path, cache: Path) -> None:
    """Lays the feeds where osv-scanner looks, and an empty one for every other ecosystem."""
    for feed in sorted(feeds.iterdir()):
        if (feed / "all.zip").is_file():
            place = cache / "osv-scalibr" / feed.name
            place.mkdir(parents=True, exist_ok=True)
            link = place / "all.zip"
            link.unlink(missing_ok=True)
            link.symlink_to(feed / "all.zip")
    for name in WITHOUT_FEED:
        empty(cache / "osv-scalibr" / name / "all.zip")


def prepare_empty(cache: Path, like: Path) -> None:
    """A cache of the same ecosystems without a single record: what can be read is seen in seconds with it."""
    for place in sorted((like / "osv-scalibr").iterdir()):
        empty(cache / "osv-scalibr" / place.name / "all.zip")


def empty(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        zipfile.ZipFile(path, "w").close()


def run(scanner: str, cache: Path, files: list[Path], out: Path) -> tuple[int, str]:
    """Scans files; what it found is in `out`, and what it said comes back."""
    command = [scanner, "scan", "source", "--offline", "--offline-vulnerabilities", "--all-packages", "--format", "json"]
    for file in files:
        command += ["-L", str(file)]
    environment = {**os.environ, "OSV_SCALIBR_LOCAL_DB_CACHE_DIRECTORY": str(cache)}
    with out.open("wb") as stdout:
        done = subprocess.run(command, env=environment, stdout=stdout, stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stderr.decode(errors="replace")


def unreadable(said: str, folder: Path) -> dict[str, str]:
    """The files that osv-scanner gave up on, with its words."""
    found = re.findall(re.escape(str(folder).lstrip("/")) + r"/([^:\s]+): (.*)", said)
    return {name: words.strip() for name, words in found}


def scan(scanner: str, feeds: Path, files: list[Path], work: Path, label: str) -> tuple[dict, dict]:
    """The packages that osv-scanner lists of each file, with their vulnerabilities, and the files that it cannot read."""
    cache, nothing, folder = work / "osv-cache", work / "osv-empty", files[0].parent
    prepare(feeds, cache)
    prepare_empty(nothing, cache)
    refused: dict[str, str] = {}
    out = work / f"peer-{label}.json"
    for attempt in range(6):
        left = [file for file in files if file.name not in refused]
        code, said = run(scanner, nothing, left, out)
        if code in (0, 1):
            break
        more = unreadable(said, folder)
        if not more:
            raise SystemExit(f"osv-scanner ended with {code}:\n{said[-2000:]}")
        refused |= more
    left = [file for file in files if file.name not in refused]
    code, said = run(scanner, cache, left, out)
    if code not in (0, 1):
        raise SystemExit(f"osv-scanner ended with {code}:\n{said[-2000:]}")
    results = json.loads(out.read_text()).get("results") or []
    found: dict[str, list] = {}
    for result in results:
        found.setdefault(os.path.basename(result["source"]["path"]), []).extend(result["packages"])
    return found, refused
