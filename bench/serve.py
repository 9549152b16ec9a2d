#!/usr/bin/env python3
"""Asks a running-for-real server over HTTP: `affected` for the widest names, every list page, and the upload of a bill.

usage: serve.py BEDRAIL DATA_DIR [--database URL] [--names FILE] [--upload SBOM]

Starts `BEDRAIL serve` on a data folder that `benches/fleet` kept (BEDRAIL_FLEET_DIR), on a free port, and speaks to it over
one kept-alive connection. Prints median and 99th percentile of each; the peak memory of the server with its children at
the end. Names, one a line, are what is asked (`widest.txt` in the data folder without it).
"""

import argparse
import http.client
import json
import re
import statistics
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

QUESTIONS = 2000
PAGES = 100
UPLOADS = 7
PASSWORD = "seven quiet lamps over a canal"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Client:
    """One connection, one session."""

    def __init__(self, address: str):
        self.connection = http.client.HTTPConnection(address)
        self.cookie = ""
        self.origin = f"http://{address}"

    def send(self, method: str, path: str, body: bytes | None = None, headers: dict | None = None):
        head = {"Cookie": self.cookie, "Origin": self.origin, **(headers or {})}
        self.connection.request(method, path, body, head)
        response = self.connection.getresponse()
        answer = response.read()
        for value in response.headers.get_all("Set-Cookie") or []:
            self.cookie = value.split(";")[0]
        return response.status, answer

    def get(self, path: str) -> bytes:
        status, answer = self.send("GET", path)
        if status != 200:
            sys.exit(f"error: {status} for {path}: {answer[:300]!r}")
        return answer

    def sign_in(self, password: str) -> dict | None:
        body = json.dumps({"name": "admin", "password": password}).encode()
        status, answer = self.send("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
        return json.loads(answer) if status == 200 else None


def start(program: str, data: str, database: str | None):
    command = [program, "--data", data, "serve", "--feeds", "off", "--listen", "127.0.0.1:0"]
    server = subprocess.Popen(command + (["--database", database] if database else []), stdout=subprocess.PIPE, text=True)
    address = re.search(r"http://(\S+)", server.stdout.readline()).group(1)
    client = Client(address)
    session = client.sign_in(PASSWORD)
    if session is None:
        one_time = server.stdout.readline().split()[-1]
        session = client.sign_in(one_time)
        form = {"token": session["csrf_token"], "present": one_time, "new": PASSWORD, "again": PASSWORD}
        status, answer = client.send("POST", "/password", urllib.parse.urlencode(form).encode(), FORM)
        if status != 303:
            sys.exit(f"error: the password could not be changed: {status} {answer[:300]!r}")
        session = client.sign_in(PASSWORD)
    return server, client, session["csrf_token"]


def row(what: str, times: list[float]) -> None:
    times.sort()
    median, late = statistics.median(times) * 1e3, times[min(len(times) - 1, len(times) * 99 // 100)] * 1e3
    print(f"| {what} | median {median:.1f} ms, p99 {late:.1f} ms ({len(times)} calls) |", flush=True)


def timed(call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def ask(client: Client, names: list[str], kind: str, path: str) -> None:
    client.get(path + urllib.parse.quote(names[0]))
    asked = (path + urllib.parse.quote(names[number % len(names)]) for number in range(QUESTIONS))
    row(f"{kind}: who is affected, the {len(names)} widest names", [timed(lambda: client.get(one)) for one in asked])


def lists(client: Client) -> None:
    """Every list, plain and searched, page after page, in each order that it has."""
    orders = ["exposure", "name", "maker", "place", "affected", "support_ends"]
    of_devices = [f"sort={order}&direction={way}" for order in orders for way in ("ascending", "descending")]
    queries = {
        "devices": of_devices + ["text=part", "text=ward+07", "answer=affected&text=maker+03"],
        "releases": ["", "text=model+1"],
        "advisories": ["", "text=flaw"],
        "audit": [""],
    }
    for name, variants in queries.items():
        for kind, path in (("page", f"/{name}"), ("API", f"/api/v1/{name}")):
            asked = [f"{path}?{variants[page % len(variants)]}&offset={page * 50}" for page in range(PAGES)]
            row(f"{kind}: list of {name}", [timed(lambda: client.get(one)) for one in asked])
    row("page: today", [timed(lambda: client.get("/")) for _ in range(PAGES)])


def upload(client: Client, token: str, path: str) -> None:
    """The same bill with another serial number each time, so that each is new; the first also meets new software."""
    document = Path(path).read_bytes()
    times = []
    for number in range(UPLOADS):
        serial = f'{{"serialNumber": "urn:uuid:{time.time_ns():032x}-{number}",'.encode()
        body = document.replace(b"{", serial, 1)
        query = urllib.parse.urlencode({"maker": "Bench", "model": f"Large {time.time_ns()}", "version": "1"})
        headers = {"X-CSRF-Token": token, "Content-Type": "application/octet-stream"}
        start = time.perf_counter()
        status, answer = client.send("POST", f"/api/v1/sboms?{query}", body, headers)
        times.append(time.perf_counter() - start)
        if status != 200:
            sys.exit(f"error: {status} for the upload: {answer[:300]!r}")
    print(f"| API: first upload of {len(document) / 1e6:.1f} MB, its software unseen | {times[0] * 1e3:.0f} ms |")
    row("API: upload of the same again", times[1:])


def peak(pid: int) -> str:
    status = Path(f"/proc/{pid}/status").read_text()
    return re.search(r"VmHWM:\s*(\d+) kB", status).group(1)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("data")
    arguments.add_argument("--database")
    arguments.add_argument("--names")
    arguments.add_argument("--upload")
    options = arguments.parse_args()
    names = Path(options.names or Path(options.data) / "widest.txt").read_text().split()
    server, client, token = start(options.program, options.data, options.database)
    try:
        print("| what | figure |\n| --- | --- |")
        ask(client, names, "API", "/api/v1/affected?q=")
        ask(client, names, "page", "/affected?q=")
        lists(client)
        print(f"| peak memory of the server | {int(peak(server.pid)) / 1024:.0f} MB |")
        if options.upload:
            upload(client, token, options.upload)
            print(f"| peak memory of the server after the uploads | {int(peak(server.pid)) / 1024:.0f} MB |")
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
