#!/usr/bin/env python3
"""Runs commands in turn, several times, and prints median wall time and greatest peak memory of each.

usage: measure.py [--runs N] [--ok CODE,…] NAME=COMMAND …

The commands alternate (A B A B …), so that a busy moment of the machine hits all of them. Memory is the peak resident
set of the largest process of each command, as wait4 reports it.
"""

import os
import shlex
import statistics
import subprocess
import sys
import time


def run(command: str, accepted: set[int]) -> tuple[float, float]:
    with open(os.devnull, "wb") as sink:
        start = time.perf_counter()
        process = subprocess.Popen(shlex.split(command), stdout=sink, stderr=sink)
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code not in accepted:
        sys.exit(f"error: exit code {code}: {command}")
    return elapsed, usage.ru_maxrss / 1024


def main() -> None:
    arguments, runs, accepted = sys.argv[1:], 7, {0}
    while arguments and arguments[0].startswith("--"):
        option, value = arguments[0], arguments[1]
        arguments = arguments[2:]
        if option == "--runs":
            runs = int(value)
        elif option == "--ok":
            accepted = {int(code) for code in value.split(",")}
    commands = [tuple(argument.split("=", 1)) for argument in arguments]
    results: dict[str, list[tuple[float, float]]] = {name: [] for name, _ in commands}
    for _ in range(runs):
        for name, command in commands:
            results[name].append(run(command, accepted))
    first = statistics.median(seconds for seconds, _ in results[commands[0][0]])
    for name, _ in commands:
        seconds = statistics.median(elapsed for elapsed, _ in results[name])
        memory = max(peak for _, peak in results[name])
        print(f"{name:32} median {seconds * 1000:9.1f} ms   peak {memory:8.1f} MB   {seconds / first:7.2f}x   ({runs} runs)")


main()
