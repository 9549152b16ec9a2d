#!/usr/bin/env python3
"""The programme of a fleet of 100,000 devices: how every requirement stands after a fact changes, its pages, and the binder of a year.

usage: programme.py BEDRAIL [--devices N]

Makes a data folder of its own with a device list, a plan, written facts and a signed risk analysis; notes the day, copies that note over the
364 days before (in SQLite, as the nightly job would have written them), and asks the program: the server over HTTP, the binder on the
command line. Prints a table, and the peak memory of the binder.
"""

import argparse
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from serve import row, start, timed

PAGES = ["/programme", "/programme/sr-164-308-a-1-ii-a", "/risk-analysis", "/response", "/reports/recognised-practices", "/facts", "/self-assessment"]
CALLS = 20


def fleet(path: Path, devices: int) -> None:
    kinds = ["infusion pump", "patient monitor", "ventilator", "printer", "workstation"]
    reach = ["flat", "isolated", "outside", "", "flat"]
    with path.open("w") as out:
        out.write("Asset tag,Serial,Manufacturer,Model,Version,Type,Site,Ward,Owner,Exposure\n")
        for at in range(devices):
            model, site = at % 400, at % 5
            out.write(f"T-{at},S-{at},Maker {model % 40},Model {model},{model % 7}.0,{kinds[at % 5]},Site {site},Ward {at % 60},Team {at % 9},{reach[at % 5]}\n")


def run(program: str, data: str, *arguments: str) -> tuple[float, str]:
    begin = time.perf_counter()
    done = subprocess.run([program, "--data", data, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"error: {arguments}: {done.stderr}")
    return time.perf_counter() - begin, done.stdout


def a_year(data: str) -> tuple[date, date]:
    """Copies the note of today over the days before."""
    base = sqlite3.connect(Path(data) / "bedrail.sqlite")
    last = date.fromisoformat(base.execute("SELECT MAX(day) FROM programme_day").fetchone()[0])
    states = "requirement, applies, state, overdue, reason, catalogue"
    for back in range(1, 365):
        day = (last - timedelta(days=back)).isoformat()
        moved = (day, back * 86_400_000_000, last.isoformat())
        base.execute("INSERT INTO programme_day (org_id, day, taken, facts, catalogues) SELECT org_id, ?1, taken - ?2, facts, catalogues FROM programme_day WHERE day = ?3", moved)
        base.execute(f"INSERT INTO programme_state (org_id, day, {states}) SELECT org_id, ?1, {states} FROM programme_state WHERE day = ?2", (day, last.isoformat()))
    base.commit()
    base.close()
    return last - timedelta(days=364), last


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("bedrail")
    parser.add_argument("--devices", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        listed = Path(data) / "fleet.csv"
        fleet(listed, given.devices)
        print(f"| import of {given.devices} devices | {run(given.bedrail, data, 'devices', 'import', str(listed))[0]:.1f} s |", flush=True)
        run(given.bedrail, data, "response", "put", "contact", "Lead", "--reach", "555-0100", "--person", "Kim")
        run(given.bedrail, data, "risk", "declare", "Maker 0 Model 0", "--holds", "yes", "--source", "manual")
        run(given.bedrail, data, "risk", "sign", "--scope", "all devices")
        print(f"| note of a day | {run(given.bedrail, data, 'programme', 'note')[0]:.2f} s |", flush=True)
        first, last = a_year(data)

        server, client, token = start(given.bedrail, data, None)
        try:
            for page in PAGES:
                client.get(page)
                row(page, [timed(lambda page=page: client.get(page)) for _ in range(CALLS)])
            head = {"Content-Type": "application/json", "X-CSRF-Token": token}

            def fact(number: int) -> None:
                body = f'{{"kind": "access_review", "day": "{last}", "system": "System {number}", "fields": {{"by": "IT", "scope": "all", "result": "none", "removed": "0"}}}}'
                status, answer = client.send("POST", "/api/v1/written-facts", body.encode(), head)
                if status not in (200, 201):
                    sys.exit(f"error: {status} {answer[:300]!r}")
                client.get("/api/v1/programme")

            row("all requirements after a fact changed", [timed(lambda number=number: fact(number)) for number in range(CALLS)])
        finally:
            server.terminate()
            server.wait()

        out = Path(data) / "year.zip"
        took, _ = run(given.bedrail, data, "evidence", "export", "--from", str(first), "--to", str(last), "--output", str(out))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        print(f"| binder of a year, {first} to {last} | {took:.1f} s, {out.stat().st_size / 1e6:.1f} MB; peak memory of the largest child {peak} MiB |")
        took, _ = run(given.bedrail, data, "evidence", "verify", str(out))
        print(f"| check of that binder | {took:.1f} s |")


if __name__ == "__main__":
    main()
