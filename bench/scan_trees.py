#!/usr/bin/env python3
"""Builds the trees that bench/scan_peers.sh scans, the same ones for the same seed.

usage: scan_trees.py JARS FOLDER [--gigabytes N]

JARS is a folder of real jars. In FOLDER come to be: `small` (8,000 small files and 100 jars, half of them of Log4j and its kin), `jars` (N GB:
the jars repeated, as they are and inside wars that are inside ears, each time with another eighth of Log4j's) and `fat/fat.zip` (1 GB of
jars three deep, every level deflated). What is there stays.
"""

import argparse
import random
import shutil
import zipfile
from pathlib import Path

SEED = 5
WORDS = "device report value order list table field index frame state event store patient series study image".split()
ENDINGS = ["txt", "xml", "json", "properties", "py", "js", "html", "md", "conf", "log", "dat", "bin", "sh", "css", ""]


KIN = ("log4j", "reload4j", "logback")


def is_kin(jar: Path) -> bool:
    return jar.name.startswith(KIN)


def text(rng: random.Random, size: int) -> bytes:
    words = " ".join(rng.choices(WORDS, k=size // 6 + 1))
    return words[:size].encode()


def small(jars: list[Path], folder: Path) -> None:
    """8,000 files in 400 folders; one in ten is no text; 100 jars among them, none larger than 2 MB."""
    rng = random.Random(SEED)
    for number in range(7900):
        place = folder / f"d{number % 20:02}" / f"e{number // 20 % 20:02}"
        place.mkdir(parents=True, exist_ok=True)
        ending = rng.choice(ENDINGS)
        size = int(rng.paretovariate(1.2) * 300) % 40_000
        body = rng.randbytes(size) if number % 10 == 0 else text(rng, size)
        (place / f"f{number}{'.' if ending else ''}{ending}").write_bytes(body)
    light = [jar for jar in jars if jar.stat().st_size <= 2 << 20]
    kin, others = [jar for jar in light if is_kin(jar)], [jar for jar in light if not is_kin(jar)]
    for number in range(100):
        jar = rng.choice(kin if number % 2 else others)
        shutil.copyfile(jar, folder / f"d{number % 20:02}" / f"lib{number}-{jar.name}")


def archive(path: Path, entries: list[tuple[str, Path]], method: int) -> None:
    with zipfile.ZipFile(path, "w", method, compresslevel=1) as out:
        for name, source in entries:
            out.write(source, name)


def big(jars: list[Path], folder: Path, limit: int) -> None:
    """Until it is full: in turn a folder of jars, a war with twenty of them, an ear with that war and five more. Every second
    archive is deflated, the others are stored."""
    rng = random.Random(SEED)
    written, number = 0, 0
    while written < limit:
        place = folder / f"copy{number:03}"
        place.mkdir(parents=True, exist_ok=True)
        kin = [jar for jar in jars if is_kin(jar)]
        here = [jar for jar in jars if not is_kin(jar)] + rng.sample(kin, len(kin) // 8)
        for jar in here:
            shutil.copyfile(jar, place / jar.name)
        method = zipfile.ZIP_DEFLATED if number % 2 else zipfile.ZIP_STORED
        war = place / "app.war"
        archive(war, [(f"WEB-INF/lib/{jar.name}", jar) for jar in rng.sample(here, min(20, len(here)))], method)
        ear = [("app.war", war)] + [(f"lib/{jar.name}", jar) for jar in rng.sample(here, min(5, len(here)))]
        archive(place / "app.ear", ear, method)
        written += sum(file.stat().st_size for file in place.iterdir())
        number += 1


def fat(jars: list[Path], path: Path, size: int) -> None:
    """One war with a gigabyte of jars, in an ear, in a zip."""
    path.parent.mkdir(parents=True, exist_ok=True)
    war, ear, total, number = path.with_suffix(".war"), path.with_suffix(".ear"), 0, 0
    with zipfile.ZipFile(war, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        while total < size:
            jar = jars[number % len(jars)]
            out.write(jar, f"WEB-INF/lib/{number}-{jar.name}")
            total, number = total + jar.stat().st_size, number + 1
    archive(ear, [("fat.war", war)], zipfile.ZIP_DEFLATED)
    war.unlink()
    archive(path.with_suffix(".part"), [("fat.ear", ear)], zipfile.ZIP_DEFLATED)
    ear.unlink()
    path.with_suffix(".part").rename(path)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("jars", type=Path)
    options.add_argument("folder", type=Path)
    options.add_argument("--gigabytes", type=float, default=5)
    options = options.parse_args()
    jars = sorted(jar for jar in options.jars.glob("*.jar") if zipfile.is_zipfile(jar))
    made = lambda name: options.folder / name
    for name, make in [
        ("small", lambda folder: small(jars, folder)),
        ("jars", lambda folder: big(jars, folder, int(options.gigabytes * (1 << 30)))),
    ]:
        if not made(name).exists():
            shutil.rmtree(made(f"{name}.part"), ignore_errors=True)
            make(made(f"{name}.part"))
            made(f"{name}.part").rename(made(name))
    if not made("fat/fat.zip").exists():
        fat(jars, made("fat/fat.zip"), 1 << 30)


main()
