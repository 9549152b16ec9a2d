#!/usr/bin/env python3
"""20,000 people, 60 policies, 10 things to learn: a night, and every page about people through a real server.

usage: workforce.py BEDRAIL [--database URL] [--people 20000] [--rounds 20] [--keep FOLDER]

Makes a data folder of its own, takes a roster over, publishes 60 policies (ten for everybody, fifty for three roles of twenty each), asks for
the courses there are and for statements up to ten, and runs two nights by `bedrail people night`: one after which little is to do, one on
which people changed. Then it starts `BEDRAIL serve` and asks for each page so many times over one connection. A page may take 200 ms, a
night 30 s; what takes longer is marked.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from serve import Client, peak, start

JSON = {"Content-Type": "application/json"}
PAGE_MS, NIGHT_S = 200, 30


def run(program, data, database, *arguments):
    command = [program, "--data", data, *arguments] + (["--database", database] if database else [])
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"error: {arguments}: {done.stderr}")
    return time.perf_counter() - begun, done.stdout.strip().splitlines()[0]


def roster(people: int, moved: int = 0) -> str:
    lines = ["Staff number,Name,Mail,Roles,Site,Ward,Start"]
    for at in range(people):
        role = (at + (7 if at < moved else 0)) % 20
        lines.append(f"{at},Person {at},p{at}@clinic.example,role {role};clinical,Site {at % 4},Ward {at % 200},2025-01-01")
    return "\n".join(lines) + "\n"


class Office:
    """What an office manager asks for, by the API."""

    def __init__(self, client: Client, token: str):
        self.client, self.head = client, {**JSON, "X-CSRF-Token": token}

    def post(self, path: str, body: dict):
        status, answer = self.client.send("POST", path, json.dumps(body).encode(), self.head)
        if status >= 300:
            sys.exit(f"error: {status} for {path}: {answer[:300]!r}")
        return json.loads(answer) if answer else None

    def ask_all(self):
        words = "Everybody locks the screen whenever they leave it, and tells at once of what is lost. " * 60
        for at in range(60):
            roles = "*" if at < 10 else f"role {at % 20}, role {(at + 7) % 20}, role {(at + 13) % 20}"
            body = f"# Policy {at}\n\n{words}"
            made = self.post("/api/v1/policies", {"title": f"Policy {at}", "body": body, "roles": roles})["id"]
            self.post(f"/api/v1/policies/{made}/approve", {"version": 1})
            self.post(f"/api/v1/policies/{made}/publish", {"version": 1})
        for course in ("security-and-phishing", "privacy-and-devices"):
            self.post("/api/v1/training/assign", {"course": course, "roles": "*"})
        for at in range(8):
            self.post("/api/v1/attestations", {"title": f"Statement {at}", "body": "I know it.", "roles": "clinical"})

    def get(self, path: str):
        return json.loads(self.client.get(path))


def pages(office: Office) -> list[str]:
    asked = office.get("/api/v1/attestations")
    everybody = max(asked, key=lambda it: it["tally"]["asked"])["id"]
    policy = office.get("/api/v1/policies")[0]["id"]
    person = office.get("/api/v1/roster?text=person+19")["rows"][0]["id"]
    return [
        "/guide", "/roster", "/roster?text=person+19", "/roster?role=clinical&offset=10000", f"/roster/{person}",
        "/policies", "/policies?text=tells+at+once", f"/policies/{policy}", "/training", "/attestations",
        f"/attestations/{everybody}", f"/attestations/{everybody}?site=Site+1&ward=Ward+1",
        f"/attestations/{everybody}/sheet?site=Site+1&ward=Ward+1", "/programme", "/clients", "/actions/calendar", "/me",
        "/api/v1/roster", "/api/v1/policies", "/api/v1/attestations", f"/api/v1/attestations/{everybody}",
        "/api/v1/guide", "/api/v1/actions/calendar",
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--database")
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--keep")
    options = parser.parse_args()
    folder = tempfile.TemporaryDirectory() if not options.keep else None
    data = options.keep or folder.name
    Path(data).mkdir(parents=True, exist_ok=True)
    say = lambda what, seconds, limit: print(
        f"| {what} | {seconds:.1f} s |{' too slow |' if limit and seconds > limit else ' |'}", flush=True)
    list_ = Path(data) / "roster.csv"
    list_.write_text(roster(options.people))
    seconds, _ = run(options.program, data, options.database, "people", "import", str(list_))
    say(f"a roster of {options.people:,} people taken over", seconds, None)
    server, client, token = start(options.program, data, options.database)
    office = Office(client, token)
    begun = time.perf_counter()
    office.ask_all()
    say("60 policies published, 10 things to learn or sign asked for", time.perf_counter() - begun, None)
    server.terminate()
    server.wait()
    seconds, words = run(options.program, data, options.database, "people", "night")
    say(f"a night ({words})", seconds, NIGHT_S)
    list_.write_text(roster(options.people, moved=options.people // 20))
    seconds, words = run(options.program, data, options.database, "people", "import", str(list_))
    say("a roster in which one of twenty changed roles", seconds, None)
    seconds, words = run(options.program, data, options.database, "people", "night")
    say(f"the night after ({words})", seconds, NIGHT_S)
    server, client, token = start(options.program, data, options.database)
    office, slow = Office(client, token), []
    for path in pages(office):
        times = []
        for _ in range(options.rounds):
            begun = time.perf_counter()
            status, answer = client.send("GET", path)
            times.append((time.perf_counter() - begun) * 1e3)
            if status not in (200, 303, 404) or status == 404 and path != "/me":
                sys.exit(f"error: {status} for {path}: {answer[:300]!r}")
        first, late = times[0], max(times)
        mark = " too slow" if late > PAGE_MS else ""
        slow += [path] * bool(mark)
        shown = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "{id}", path)
        print(f"| {shown} | first {first:.0f}, median {statistics.median(times):.0f}, slowest {late:.0f} ms | {len(answer) // 1024} KiB |{mark}", flush=True)
    print(f"| peak memory of the server | {int(peak(server.pid)) // 1024} MB |")
    server.terminate()
    server.wait()
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    main()
