#!/usr/bin/env python3
"""Runs commands in turn, several times, and prints median wall time and greatest peak memory of each.

usage: measure.py [--runs N] [--ok CODE,…] [--group SECONDS] NAME=COMMAND …

The commands alternate (A B A B …), so that a busy moment of the machine hits all of them. Memory is the peak resident
set of the largest process of each command, as wait4 reports it; with --group also that of all its processes together, looked at every
so many seconds.
"""

import os
import shlex
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path


def resident(session: int) -> float:
    """The resident memory of all processes of a session, in MB."""
    pages = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            pages += int(fields[21]) if int(fields[3]) == session else 0
        except OSError:
            pass  # It has ended.
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def run(command: str, accepted: set[int], every: float) -> tuple[float, float]:
    together, ended = [0.0], threading.Event()
    with open(os.devnull, "wb") as sink:
        start = time.perf_counter()
        process = subprocess.Popen(shlex.split(command), stdout=sink, stderr=sink, start_new_session=True)
        look = lambda: [together.append(resident(process.pid)) for _ in iter(lambda: ended.wait(every), True)]
        watch = threading.Thread(target=look)
        if every:
            watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - start
        ended.set()
        if every:
            watch.join()
    code = os.waitstatus_to_exitcode(status)
    if code not in accepted:
        sys.exit(f"error: exit code {code}: {command}")
    return elapsed, max([usage.ru_maxrss / 1024, *together])


def main() -> None:
    arguments, runs, accepted, every = sys.argv[1:], 7, {0}, 0.0
    while arguments and arguments[0].startswith("--"):
        option, value = arguments[0], arguments[1]
        arguments = arguments[2:]
        if option == "--runs":
            runs = int(value)
        elif option == "--group":
            every = float(value)
        elif option == "--ok":
            accepted = {int(code) for code in value.split(",")}
    commands = [tuple(argument.split("=", 1)) for argument in arguments]
    results: dict[str, list[tuple[float, float]]] = {name: [] for name, _ in commands}
    for _ in range(runs):
        for name, command in commands:
            results[name].append(run(command, accepted, every))
    first = statistics.median(seconds for seconds, _ in results[commands[0][0]])
    for name, _ in commands:
        seconds = statistics.median(elapsed for elapsed, _ in results[name])
        memory = max(peak for _, peak in results[name])
        print(f"{name:32} median {seconds * 1000:9.1f} ms   peak {memory:8.1f} MB   {seconds / first:7.2f}x   ({runs} runs)")


main()
