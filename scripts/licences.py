#!/usr/bin/env python3
"""Prints every library that is in the program with its licence, then the text of each licence once.

The program is that for the machine that this runs on, or for the target that is named."""

import json
import pathlib
import subprocess
import sys

NAMES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE")

tree = subprocess.run(
    ["cargo", "tree", "--locked", "-p", "bedrail", "-e", "normal", "--prefix", "none", "-f", "{p}",
     *(["--target", sys.argv[1]] if len(sys.argv) > 1 else [])],
    check=True, capture_output=True, text=True,
).stdout
used = {tuple(line.split()[:2]) for line in tree.splitlines() if line}
metadata = json.loads(subprocess.run(
    ["cargo", "metadata", "--locked", "--format-version", "1"], check=True, capture_output=True, text=True,
).stdout)

texts = {}
print("Bedrail is under the Apache License 2.0. The program holds these libraries:\n")
for package in sorted(metadata["packages"], key=lambda package: (package["name"], package["version"])):
    name, version = package["name"], package["version"]
    if (name, f"v{version}") not in used or package["source"] is None:
        continue
    print(f"{name} {version}: {package['license'] or 'see its text'}")
    folder = pathlib.Path(package["manifest_path"]).parent
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name.upper().startswith(NAMES):
            text = path.read_text(encoding="utf-8", errors="replace").strip()
            texts.setdefault(text, []).append(f"{name} {version}")

for text, packages in texts.items():
    print(f"\n{'=' * 80}\n{', '.join(packages)}\n{'-' * 80}\n{text}")
