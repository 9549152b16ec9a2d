#!/usr/bin/env python3
"""Puts a server under the load of a hospital: people who ask on a fixed schedule, whether or not it keeps up.

usage: load.py BEDRAIL DATA_DIR [--database URL] [--people 20] [--seconds 60] [--every 0.5] [--only PARTS]

Starts `BEDRAIL serve` on a data folder that `benches/fleet` kept (BEDRAIL_FLEET_DIR), on loopback, and measures:

  start    from the start of the process to the first answer of /healthz and to the first page, on the filled database
  read     every list, page and API route that reads, by `people` at once, each asking every `every` seconds
  write    people's small changes, while the server judges everything again by advisories that are all other ones
  sign-in  sign-ins as fast as they are answered (not open loop)

Open loop: the moment of every request is fixed beforehand, and its latency is counted from that moment, not from when it
could be sent. A server that stalls for a second is charged for all that should have been asked meanwhile ("coordinated
omission"). The load ends after `seconds` whatever comes. Everything is printed as rows of a table.
"""

import argparse
import http.client
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import zipfile
from collections import defaultdict
from pathlib import Path

from serve import FORM, PASSWORD, Client, peak, start

JSON = {"Content-Type": "application/json"}
# What a read may answer: some pages send on to another.
GOOD = {200, 204, 303}
# Streams that stay open, sign-in of its own, and files of many megabytes that nobody asks for twice a second.
NOT_LISTED = ("/api/v1/events", "/api/v1/session", "/api/docs", "/api/v1/audit/check", "/audit/check")
PAGES = [
    "/", "/affected", "/affected?q={name}", "/affected?q={weakness}", "/devices", "/devices?text=ward+07",
    "/devices?sort=maker&direction=descending&offset=40000", "/devices/{device}", "/devices/{device}/sheet",
    "/releases", "/releases?text=model+1", "/releases/{release}", "/advisories", "/advisories?text=flaw",
    "/advisories/{weakness}", "/audit", "/jobs", "/notices", "/people", "/account", "/account/tokens", "/data",
    "/organisation", "/search?q={name}",
]
# Parameters of paths and questions of the API, by name; a route with another one is left out, and that is printed.
QUESTIONS = {
    "/api/v1/affected": ["q={name}", "q={weakness}"],
    "/api/v1/devices": ["", "text=part", "sort=affected&direction=descending&offset=2000"],
    "/api/v1/releases": ["", "text=model+1"],
    "/api/v1/advisories": ["", "text=flaw"],
    "/api/v1/search": ["q={name}", "q={weakness}"],
}


def get_json(client: Client, path: str):
    return json.loads(client.get(path))


class Things:
    """Ids of what is there, to fill into paths."""

    def __init__(self, client: Client, names: list[str]):
        rows = lambda path: get_json(client, path)["rows"]
        self.values = {
            "name": names,
            "device": [row["id"] for offset in (0, 30_000, 90_000) for row in rows(f"/api/v1/devices?offset={offset}")],
            "release": [row["id"] for row in rows("/api/v1/releases")],
            "weakness": [row["weakness"]["id"] for row in rows("/api/v1/advisories")],
            "job": [row["id"] for row in rows("/api/v1/jobs")],
            "person": [row["id"] for row in listed(get_json(client, "/api/v1/people"))],
        }

    def fill(self, path: str, dice: random.Random) -> str:
        choose = lambda match: urllib.parse.quote(dice.choice(self.values[match.group(1)]))
        return re.sub(r"{(\w+)}", choose, path)


def listed(answer) -> list:
    return answer if isinstance(answer, list) else next(value for value in answer.values() if isinstance(value, list))


def routes(client: Client, things: Things) -> tuple[list[str], list[str]]:
    """Everything that reads: the pages, and the API's GETs by its own description. And what was left out."""
    nouns = {"devices": "device", "releases": "release", "advisories": "weakness", "jobs": "job", "people": "person"}
    found, left_out = [], []
    for path, methods in get_json(client, "/api/v1/openapi.json")["paths"].items():
        if "get" not in methods or path.startswith(NOT_LISTED):
            continue
        noun = nouns.get(path.split("/")[3])
        path = path.replace("{id}", "{%s}" % noun) if noun else path
        known = all(things.values.get(name) for name in re.findall(r"{(\w+)}", path))
        if not known:
            left_out.append(path)
            continue
        found += [f"{path}?{question}".rstrip("?") for question in QUESTIONS.get(path, [""])]
    pages = [page for page in PAGES if client.send("GET", things.fill(page, random.Random(1)))[0] in GOOD]
    left_out += [page for page in PAGES if page not in pages]
    return pages + found, left_out


class Load:
    """People with a fixed schedule each, and what came of it."""

    def __init__(self):
        self.times = defaultdict(list)
        self.failures = defaultdict(int)
        self.lock = threading.Lock()

    def run(self, workers) -> None:
        threads = [threading.Thread(target=worker) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def person(self, client: Client, schedule):
        """Asks each (moment, kind, method, path, body, headers) not before its moment; late is late."""

        def work():
            for moment, kind, *request in schedule:
                time.sleep(max(0.0, moment - time.perf_counter()))
                try:
                    status, _ = client.send(*request)
                except (OSError, http.client.HTTPException):
                    client.connection.close()
                    status = 0
                took = time.perf_counter() - moment
                with self.lock:
                    self.times[kind].append(took)
                    if status not in GOOD:
                        self.failures[f"{kind}: {status}"] += 1

        return work

    def table(self, must: float) -> float:
        """Prints a row for each kind, the slowest first; the greatest p99 of all."""
        late = lambda times: sorted(times)[min(len(times) - 1, len(times) * 99 // 100)] * 1e3
        rows = sorted(((late(times), kind, times) for kind, times in self.times.items()), reverse=True)
        for p99, kind, times in rows:
            mark = "" if p99 <= must else " **misses**"
            print(f"| {kind} | median {statistics.median(times) * 1e3:.1f} ms, p99 {p99:.1f} ms ({len(times)} calls){mark} |")
        everything = [one for times in self.times.values() for one in times]
        print(f"| all {len(everything)} together | median {statistics.median(everything) * 1e3:.1f} ms, p99 {late(everything):.1f} ms |")
        for what, many in self.failures.items():
            print(f"| failed: {what} | {many} |")
        return rows[0][0]


def people(address: str, cookie: str, many: int) -> list[Client]:
    clients = [Client(address) for _ in range(many)]
    for client in clients:
        client.cookie = cookie
        # Small packets must not wait for each other's confirmation.
        client.connection.connect()
    return clients


def resident(pid: int) -> float:
    return int(re.search(r"VmRSS:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def processor(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def read(options, server, client: Client, things: Things) -> None:
    kinds, left_out = routes(client, things)
    load, begin = Load(), time.perf_counter() + 0.5
    workers = []
    for number, person in enumerate(people(client.origin[7:], client.cookie, options.people)):
        dice = random.Random(number)
        offset = options.every * number / options.people
        moments = [begin + offset + step * options.every for step in range(int(options.seconds / options.every))]
        # Each walks through all kinds in an order of their own, so that all kinds are asked equally often.
        order = dice.sample(kinds, len(kinds))
        schedule = [
            (moment, order[step % len(order)], "GET", things.fill(order[step % len(order)], dice))
            for step, moment in enumerate(moments)
        ]
        workers.append(load.person(person, schedule))
    before = processor(server.pid)
    load.run(workers)
    took = time.perf_counter() - begin
    print(f"| **reading**: {options.people} people, one request each every {options.every} s for {options.seconds} s | |")
    load.table(200)
    print(f"| not asked | {', '.join(left_out) or 'nothing'} |")
    print(f"| the server's processor time | {(processor(server.pid) - before) / took * 100:.0f} % of one core |")
    print(f"| memory of the server | {resident(server.pid):.0f} MB resident, {int(peak(server.pid)) / 1024:.0f} MB peak |")


def writes(token: str, dice: random.Random):
    """What people change all day, small each."""
    head = {**JSON, "X-CSRF-Token": token}
    kind, pace = dice.choice(["exploited", "data.stale", "members"]), dice.choice(["now", "daily", "never"])
    form = urllib.parse.urlencode({"token": token}).encode()
    seen = json.dumps({"until": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}).encode()
    device = dice.randrange(100_000)
    row = f"Asset tag,Serial,Owner\nD-{device:06},S{device:06},{dice.choice(['Kim', 'Lou', 'Ada'])}\n".encode()
    table = {**head, "Content-Type": "text/csv"}
    common = [
        ("API: choose notices", "PUT", "/api/v1/notices/choices", json.dumps([{"kind": kind, "pace": pace}]).encode(), head),
        ("page: notices seen", "POST", "/notices/seen", form, FORM),
        ("API: notices seen", "POST", "/api/v1/notices/seen", seen, head),
    ]
    # A device list has to wait for its turn at the findings, so it is apart: one in twenty.
    seldom = ("API: one device of a list", "POST", "/api/v1/devices/import?file_name=one.csv", row, table)
    return seldom if dice.random() < 0.05 else dice.choice(common)


def wait_for_rematch(client: Client, known: set[str], until: float, state: list[str]) -> dict | None:
    while time.perf_counter() < until:
        for row in get_json(client, "/api/v1/jobs")["rows"]:
            if row["kind"] == "rematch" and row["id"] not in known and row["state"] in state:
                return row
        time.sleep(0.1)
    return None


def news(folder: Path) -> None:
    """A mirror of feeds as `benches/fleet/made.rs` makes it, of today, with other versions affected by each advisory."""
    dice, moment = random.Random(time.time_ns()), time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1))
    ecosystems = ["npm", "PyPI", "crates.io", "RubyGems"]
    zips = {}
    for ecosystem in ecosystems:
        (folder / "osv" / ecosystem).mkdir(parents=True)
        zips[ecosystem] = zipfile.ZipFile(folder / "osv" / ecosystem / "all.zip", "w")
    for number in range(8_000):
        at, name = number % 4_000, f"CVE-2025-{10_000 + number:05}"
        ecosystem = ecosystems[at % 4]
        events = [{"introduced": "0"}, {"fixed": f"1.{1 + dice.randrange(5)}.0"}]
        affected = {"package": {"ecosystem": ecosystem, "name": f"part{at:04}"}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
        vector = {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}
        record = {"schema_version": "1.6.0", "id": name, "modified": moment, "published": "2026-01-01T00:00:00Z",
                  "summary": f"Flaw {name} in part{at:04}", "severity": [vector], "affected": [affected]}
        zips[ecosystem].writestr(f"{name}.json", json.dumps(record))
    for file in zips.values():
        file.close()


def write(options, client: Client, token: str) -> None:
    # The connection was idle meanwhile, and is closed by now.
    client = again(client)
    known = {row["id"] for row in get_json(client, "/api/v1/jobs")["rows"] if row["kind"] == "rematch"}
    with tempfile.TemporaryDirectory() as folder:
        news(Path(folder))
        update = [options.program, "--data", options.data, "db", "update", "--mirror", folder]
        code = subprocess.run(update, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    # 4: the mirror has four ecosystems only.
    if code not in (0, 4):
        sys.exit(f"error: the feeds could not be taken over: exit code {code}")
    if wait_for_rematch(client, known, time.perf_counter() + 60, ["running"]) is None:
        sys.exit("error: no re-judgement began within a minute")
    began, load, stop = time.perf_counter(), Load(), threading.Event()

    def until_done():
        wait_for_rematch(again(client), known, began + 300, ["done", "failed"])
        stop.set()

    def scheduled(number: int, begin: float):
        dice, moment = random.Random(number), begin + options.every * number / options.people
        while not stop.is_set():
            yield (moment, *writes(token, dice))
            moment += options.every

    watcher = threading.Thread(target=until_done)
    watcher.start()
    begin = time.perf_counter() + 0.1
    clients = people(client.origin[7:], client.cookie, options.people)
    load.run([load.person(person, scheduled(number, begin)) for number, person in enumerate(clients)])
    watcher.join()
    print(f"| **writing** during a re-judgement of everything, which took {time.perf_counter() - began:.1f} s | |")
    load.table(100)


def again(client: Client) -> Client:
    another = Client(client.origin[7:])
    another.cookie = client.cookie
    return another


def sign_in(options, client: Client) -> None:
    """Eight people at once under one name, which is what the brake on guessing lets pass; each again as soon as answered."""
    done, refused, end = [0], [0], time.perf_counter() + min(options.seconds, 20)
    lock = threading.Lock()

    def work():
        while time.perf_counter() < end:
            right = Client(client.origin[7:]).sign_in(PASSWORD) is not None
            with lock:
                (done if right else refused)[0] += 1

    begin = time.perf_counter()
    Load().run([work for _ in range(8)])
    print(f"| sign-ins, 8 at once | {done[0] / (time.perf_counter() - begin):.1f} a second, {refused[0]} refused |")


def started(options, cookie: str) -> None:
    """From nothing to the first page, on the filled database, by somebody who is signed in already."""
    command = [options.program, "--data", options.data, "serve", "--feeds", "off", "--listen", "127.0.0.1:0"]
    command += ["--database", options.database] if options.database else []
    ready, first = [], []
    for _ in range(5):
        begin = time.perf_counter()
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            address = re.search(r"http://(\S+)", server.stdout.readline()).group(1)
            client = Client(address)
            client.cookie = cookie
            client.get("/healthz")
            ready.append(time.perf_counter() - begin)
            client.get("/")
            first.append(time.perf_counter() - begin)
        finally:
            server.terminate()
            server.wait()
    print(f"| start to /healthz, to the first page | {statistics.median(ready):.2f} s, {statistics.median(first):.2f} s (median of 5) |")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("data")
    arguments.add_argument("--database")
    arguments.add_argument("--people", type=int, default=20)
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--every", type=float, default=0.5)
    arguments.add_argument("--only", default="start,read,write,sign-in")
    options = arguments.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # Bounds, so that a slip of the finger is no attack.
    options.people, options.seconds = min(options.people, 100), min(options.seconds, 600)
    options.every, parts = max(options.every, 0.05), options.only.split(",")
    names = (Path(options.data) / "widest.txt").read_text().split()
    server, client, token = start(options.program, options.data, options.database)
    try:
        print("| what | figure |\n| --- | --- |")
        if "start" in parts:
            server.terminate()
            server.wait()
            started(options, client.cookie)
            server, client, token = start(options.program, options.data, options.database)
        if "read" in parts:
            read(options, server, client, Things(client, names))
        if "sign-in" in parts:
            sign_in(options, client)
        if "write" in parts:
            write(options, client, token)
        print(f"| memory of the server at the end | {resident(server.pid):.0f} MB resident, {int(peak(server.pid)) / 1024:.0f} MB peak |")
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
