#!/usr/bin/env python3
"""Makes CycloneDX documents for benchmarks from packages and versions that the real feeds name.

usage: make_sbom.py SHARED_DATA OUT.json COUNT [ECOSYSTEM …]

About half of the components carry a version that some advisory lists, half a version that none lists, so that hits and
misses are both measured. Deterministic: the same feeds and arguments give the same document.
"""

import json
import random
import sys
import zipfile
from pathlib import Path
from urllib.parse import quote

PURL_TYPES = {
    "Maven": "maven", "npm": "npm", "PyPI": "pypi", "Go": "golang", "NuGet": "nuget",
    "RubyGems": "gem", "Packagist": "composer", "crates.io": "cargo",
}


def purl(ecosystem: str, name: str, version: str) -> str:
    if ecosystem == "Maven":
        name = name.replace(":", "/")
    parts = "/".join(quote(part, safe="") for part in name.split("/"))
    return f"pkg:{PURL_TYPES[ecosystem]}/{parts}@{quote(version, safe='.-_~')}"


def packages(shared: Path, ecosystem: str):
    """(name, versions listed by some advisory) for each package, in the order of the zip."""
    found: dict[str, list[str]] = {}
    with zipfile.ZipFile(shared / "osv" / ecosystem / "all.zip") as archive:
        for entry in sorted(archive.namelist()):
            if entry.startswith("MAL-"):
                continue
            for affected in json.loads(archive.read(entry)).get("affected", []):
                package = affected.get("package", {})
                if package.get("ecosystem") == ecosystem:
                    versions = affected.get("versions", [])
                    found.setdefault(package["name"], []).extend(versions[-3:])
    return [(name, versions) for name, versions in found.items() if versions]


def main() -> None:
    shared, out, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    ecosystems = sys.argv[4:] or list(PURL_TYPES)
    rng = random.Random(20250215)
    pool = [(eco, name, versions) for eco in ecosystems for name, versions in packages(shared, eco)]
    components = []
    seen = set()
    while len(components) < count:
        ecosystem, name, versions = rng.choice(pool)
        version = rng.choice(versions) if rng.random() < 0.5 else f"{rng.randrange(90, 99)}.{rng.randrange(20)}.{rng.randrange(20)}"
        identifier = purl(ecosystem, name, version)
        if (identifier, len(components) // max(1, len(pool))) in seen:
            version = f"99.{len(components)}.0"
            identifier = purl(ecosystem, name, version)
        seen.add((identifier, len(components) // max(1, len(pool))))
        components.append({
            "type": "library", "bom-ref": f"c{len(components)}", "name": name, "version": version, "purl": identifier,
        })
    dependencies = [
        {"ref": f"c{i}", "dependsOn": [f"c{j}" for j in range(2 * i + 1, min(2 * i + 3, count))]} for i in range(count // 2)
    ]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "root", "name": "bench", "version": "1"}},
        "components": components, "dependencies": dependencies,
    }))
    print(f"{out}: {count} components, {out.stat().st_size / 1e6:.1f} MB")


main()
