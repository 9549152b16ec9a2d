#!/usr/bin/env python3
"""Measures the ledger of alerts: how quickly events are taken in while people write, and how quickly the queue is shown.

usage: ledger.py BEDRAIL EVE_TRAFFIC [--database URL] [--lines 2000000] [--items 200000] [--events 5000000] [--only PARTS]

EVE_TRAFFIC is the example of `bedrail-testkit` in release build (cargo build --release -p bedrail-testkit --example
eve_traffic). Everything is made in a folder of its own and thrown away; with --database the database must be empty.

  import   a file of EVE JSON read, stored and accounted for: events a second, lines a second, peak memory of the process;
           beside it one `serve` on which people make small changes on a fixed schedule (open loop)
  syslog   lines over one TCP connection into `alerts listen`, until they are accounted for; none may be missing
  queue    the queue page with filters, and the account, over as many items and events as asked for (open loop)
"""

import argparse
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from load import Load, again, people, writes
from serve import peak, start

QUEUE = [
    "/alerts", "/alerts?when=immediate", "/alerts?untaken=true", "/alerts?late=true", "/alerts?outcome=blocked",
    "/alerts?text=scan", "/alerts?offset=5000", "/alerts?state=all", "/api/v1/alerts", "/api/v1/alerts?when=immediate",
]


class Bench:
    def __init__(self, options, folder: Path):
        self.options, self.folder = options, folder
        self.data = folder / "data"

    def command(self, *words: str) -> list[str]:
        database = ["--database", self.options.database] if self.options.database else []
        return [self.options.program, "--data", str(self.data), *words, *database]

    def run(self, *words: str) -> str:
        done = subprocess.run(self.command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"error: {' '.join(words)}: exit code {done.returncode}: {done.stderr[:400]}")
        return done.stdout

    def proof(self) -> dict:
        return json.loads(self.run("alerts", "prove", "--from", "2000-01-01", "--to", "2100-01-01", "--format", "json"))


def highest(process: subprocess.Popen, most: list[int]) -> None:
    """The peak memory of a process while it runs, in kB."""
    while process.poll() is None:
        try:
            most[0] = max(most[0], int(peak(process.pid)))
        except (OSError, AttributeError):
            return
        time.sleep(0.05)


def import_file(bench: Bench, file: Path, lines: int) -> None:
    bench.run("alerts", "add-source", "--name", "border", "--kind", "eve")
    server, client, token = start(bench.options.program, str(bench.data), bench.options.database)
    try:
        load, stop, most = Load(), threading.Event(), [0]
        importing = bench.command("alerts", "import", str(file), "--source", "border", "--format", "json")
        began = time.perf_counter()
        process = subprocess.Popen(importing, stdout=subprocess.PIPE, text=True)
        watcher = threading.Thread(target=highest, args=(process, most))
        watcher.start()
        took = [0.0]

        def until_done():
            process.wait()
            took[0] = time.perf_counter() - began
            stop.set()

        def scheduled(number: int):
            dice, moment = random.Random(number), began + 0.2 + 0.5 * number / 20
            while not stop.is_set():
                request = writes(token, dice)
                # Device lists are the matter of load.py; here there is no fleet.
                if "list" not in request[0]:
                    yield (moment, *request)
                moment += 0.5

        ender = threading.Thread(target=until_done)
        ender.start()
        clients = people(client.origin[7:], client.cookie, 20)
        load.run([load.person(person, scheduled(number)) for number, person in enumerate(clients)])
        ender.join()
        watcher.join()
        if process.returncode:
            sys.exit(f"error: the import ended with {process.returncode}")
        proof = bench.proof()
        if not proof["holds"] or proof["lines"] != lines:
            sys.exit(f"error: {proof['lines']} of {lines} lines accounted for")
        events = proof["events_in"]
        size = file.stat().st_size
        print(f"| **import** of {lines:,} lines ({size / 1e6:.0f} MB), people writing meanwhile | {took[0]:.1f} s |")
        print(f"| events read, stored and accounted for | {events / took[0]:,.0f} a second ({lines / took[0]:,.0f} lines) |")
        print(f"| events to items | {events:,} to {proof['items']:,} |")
        print(f"| peak memory of the import | {most[0] / 1024:.0f} MB |")
        load.table(100)
    finally:
        server.terminate()
        server.wait()


def syslog(bench: Bench, lines: int) -> None:
    bench.run("alerts", "add-source", "--name", "logs", "--kind", "syslog")
    before = bench.proof()["lines"]
    listening = bench.command("alerts", "listen", "--source", "logs", "--tcp", "127.0.0.1:0")
    listener = subprocess.Popen(listening, stdout=subprocess.PIPE, text=True)
    try:
        port = int(listener.stdout.readline().strip().rsplit(":", 1)[1])
        rows = "".join(f"<34>Mar  3 09:00:00 gate{n % 50} sshd[1]: refused {n % 20}\n" for n in range(10_000)).encode()
        connection = socket.create_connection(("127.0.0.1", port))
        began = time.perf_counter()
        for _ in range(lines // 10_000):
            connection.sendall(rows)
        sent = time.perf_counter() - began
        connection.close()
        while bench.proof()["lines"] < before + lines and time.perf_counter() - began < 300:
            time.sleep(0.1)
        took = time.perf_counter() - began
        came = bench.proof()["lines"] - before
        print(f"| **syslog** over TCP, {lines:,} lines | sent in {sent:.1f} s, accounted for after {took:.1f} s |")
        print(f"| lines a second; missing | {came / took:,.0f}; {lines - came} |")
        print(f"| peak memory of the listener | {int(peak(listener.pid)) / 1024:.0f} MB |")
    finally:
        listener.send_signal(signal.SIGTERM)
        listener.wait()


def many(file: Path, items: int, events: int) -> None:
    """EVE lines of so many keys, each as often as the others; those of one key follow one another, as a burst does."""
    with file.open("w") as out:
        rows = []
        for at in range(items):
            if at % 1_000 == 0:
                out.write("".join(rows))
                rows = []
            for turn in range(max(1, events // items)):
                rows.append(
                    '{"timestamp":"2026-11-20T%02d:%02d:%02d.000000+0000","event_type":"alert","src_ip":"%d.%d.%d.9",'
                    '"dest_ip":"10.20.%d.%d","dest_port":443,"alert":{"action":"%s","gid":1,"signature_id":%d,"signature":'
                    '"ET SCAN number %d","category":"Attempted Information Leak","severity":%d}}\n'
                    % (turn % 24, at % 60, turn % 60, 41 + at % 100, at // 100 % 200, at // 20_000, at % 3, at % 250,
                       "blocked" if at % 3 else "allowed", at % 300, at % 300, 1 + at % 3)
                )
        out.write("".join(rows))


def queue(bench: Bench, file: Path) -> None:
    bench.run("alerts", "add-source", "--name", "many", "--kind", "eve")
    many(file, bench.options.items, bench.options.events)
    began = time.perf_counter()
    bench.run("alerts", "import", str(file), "--source", "many")
    took = time.perf_counter() - began
    proof = bench.proof()
    print(f"| **queue** of {proof['items']:,} items with {proof['events_in']:,} events | taken in within {took:.0f} s |")
    server, client, _ = start(bench.options.program, str(bench.data), bench.options.database)
    try:
        item = json.loads(client.get("/api/v1/alerts"))["rows"][0]["id"]
        asked = [*QUEUE, f"/alerts/{item}", "/alerts/account"]
        for one in asked:
            client.get(one)
        client = again(client)
        load, began = Load(), time.perf_counter() + 0.5
        workers = []
        for number, person in enumerate(people(client.origin[7:], client.cookie, 10)):
            order = random.Random(number).sample(asked, len(asked))
            moments = [began + number / 10 + step for step in range(30)]
            schedule = [(moment, order[step % len(order)], "GET", order[step % len(order)]) for step, moment in enumerate(moments)]
            workers.append(load.person(person, schedule))
        load.run(workers)
        load.table(100)
        print(f"| peak memory of the server | {int(peak(server.pid)) / 1024:.0f} MB |")
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("traffic")
    arguments.add_argument("--database")
    arguments.add_argument("--lines", type=int, default=2_000_000)
    arguments.add_argument("--items", type=int, default=200_000)
    arguments.add_argument("--events", type=int, default=5_000_000)
    arguments.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    arguments.add_argument("--only", default="import,syslog,queue")
    options = arguments.parse_args()
    options.program = os.path.abspath(options.program)
    parts = options.only.split(",")
    folder = Path(tempfile.mkdtemp(prefix="ledger-"))
    try:
        bench = Bench(options, folder)
        print(f"| what (seed {options.seed}, {'PostgreSQL' if options.database else 'embedded database'}) | figure |\n| --- | --- |", flush=True)
        if "import" in parts:
            file = folder / "eve.json"
            with file.open("w") as out:
                made = [options.traffic, str(options.seed), str(options.lines), "50"]
                subprocess.run(made, stdout=out, stderr=subprocess.DEVNULL, check=True)
            import_file(bench, file, options.lines)
            file.unlink()
        if "syslog" in parts:
            syslog(bench, 1_000_000)
        if "queue" in parts:
            queue(bench, folder / "many.json")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
