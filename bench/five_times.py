#!/usr/bin/env python3
"""Writes a mirror of five times the feeds: each record of the shared data five times, the copies under other ids and names.

usage: five_times.py SHARED_DATA FOLDER
"""

import json
import shutil
import sys
import zipfile
from pathlib import Path

COPIES = 5


def copy(record: dict, number: int) -> dict:
    """The record as another one: nothing in it meets the first."""
    if number == 0:
        return record
    other = lambda text: f"{text}-{number}"
    affected = record.get("affected", [])
    named = lambda one: "name" in one.get("package", {})
    rename = lambda one: {**one, "package": {**one["package"], "name": other(one["package"]["name"])}}
    affected = [rename(one) if named(one) else one for one in affected]
    ids = {key: [other(one) for one in record[key]] for key in ("aliases", "related", "upstream") if key in record}
    return {**record, **ids, "id": other(record["id"]), "affected": affected}


def main() -> None:
    shared, folder = Path(sys.argv[1]), Path(sys.argv[2])
    for side in ("kev", "epss"):
        shutil.copytree(shared / side, folder / side, dirs_exist_ok=True)
    for source in sorted((shared / "osv").glob("*/all.zip")):
        target = folder / "osv" / source.parent.name / "all.zip"
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(source) as feed, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as out:
            for name in feed.namelist():
                record = json.loads(feed.read(name))
                for number in range(COPIES):
                    text = json.dumps(copy(record, number), ensure_ascii=False, separators=(",", ":"))
                    out.writestr(f"{number}-{name}", text)


main()
