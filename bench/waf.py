#!/usr/bin/env python3
"""CPU and wall time per request: the firewall beside nginx + ModSecurity v3 with the same rules, and the device alone.

    bench/waf.py --crs TREE [--engine PATH] [--proxy PATH] [--seconds 10] [--rate 60] [--rounds 3]

Open loop: requests leave at fixed times over eight connections that stay open; the wall time of each counts from when it should have
left. CPU time is that of all processes of a firewall (user and system, from /proc), divided by the requests. Rounds alternate. Needs
nginx with libnginx-mod-http-modsecurity, and the proxy built (`cargo build --release -p bedrail-waf-engine`,
`cargo build --release -p bedrail-waf --example run`). Loopback only; the figures of one machine are for comparing on that machine.
"""
import argparse
import asyncio
import json
import os
import pathlib
import signal
import statistics
import subprocess
import tempfile
import time

TICKS = os.sysconf("SC_CLK_TCK")
FORM = "note=" + "+".join(["the patient was seen today and is well"] * 300).replace(" ", "+")[:10_000]
SHAPES = {
    "small GET": b"GET /status?page=2&ward=3 HTTP/1.1\r\nHost: pump.example\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n\r\n",
    "1 KB JSON": None,
    "10 KB form": None,
}


def post(kind, body):
    head = (f"POST /api HTTP/1.1\r\nHost: pump.example\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n")
    return (head + body).encode()


JSON = json.dumps({"resourceType": "Observation", "status": "final", "text": "a note of today, " * 50})
SHAPES["1 KB JSON"] = post("application/json", JSON)
SHAPES["10 KB form"] = post("application/x-www-form-urlencoded", FORM)


async def device(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = 0
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if length:
                await reader.readexactly(length)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 2\r\n\r\nok")
    except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
        pass


async def ask(reader, writer, request):
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        await reader.readuntil(b"0\r\n\r\n")
    else:
        length = [int(line.split(b":")[1]) for line in lower.split(b"\r\n") if line.startswith(b"content-length:")]
        if length and length[0]:
            await reader.readexactly(length[0])
    return int(head[9:12])


async def measure(port, request, rate, seconds):
    lanes = 8
    times, statuses = [], {}
    begin = time.perf_counter() + 0.2

    async def lane(number):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for turn in range(int(rate * seconds / lanes)):
            due = begin + (turn * lanes + number) / rate
            await asyncio.sleep(max(0, due - time.perf_counter()))
            status = await ask(reader, writer, request)
            times.append(time.perf_counter() - due)
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()

    await asyncio.gather(*(lane(number) for number in range(lanes)))
    return times, statuses


def cpu(pids):
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def family(pid):
    found = [pid]
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found.append(int(entry.name))
    return found


def memory(pids):
    total = 0
    for pid in pids:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total // 1024


def rules(folder, crs, engine):
    """One file that both load: settings, setup, rules."""
    settings = subprocess.run([engine, "--settings"], check=True, capture_output=True, text=True).stdout
    tree = pathlib.Path(crs)
    files = [tree / "crs-setup.conf.example", *sorted((tree / "rules").glob("*.conf"))]
    all_rules = folder / "all.conf"
    (folder / "settings.conf").write_text(settings)
    all_rules.write_text("".join(f"Include {file}\n" for file in files))
    return folder / "settings.conf", all_rules


def start_nginx(folder, settings, all_rules, port, device_port):
    conf = folder / "nginx.conf"
    (folder / "modsecurity.conf").write_text(f"Include {settings}\nInclude {all_rules}\n")
    conf.write_text(f"""
load_module /usr/lib/nginx/modules/ngx_http_modsecurity_module.so;
daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/error.log info;
events {{ worker_connections 512; }}
http {{ access_log off; client_body_buffer_size 256k; keepalive_requests 1000000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream device {{ server 127.0.0.1:{device_port}; keepalive 16; }}
  server {{ listen 127.0.0.1:{port}; modsecurity on; modsecurity_rules_file {folder}/modsecurity.conf;
    location / {{ proxy_pass http://device; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; }} }} }}
""")
    return subprocess.Popen(["nginx", "-c", str(conf)], stderr=subprocess.DEVNULL)


def start_proxy(folder, crs, engine, proxy, port, device_port):
    file = folder / "sites.yaml"
    file.write_text(f"""
listen: [{{address: '127.0.0.1:{port}'}}]
state: {folder}/state
engine: {engine}
rule_sets: [{{name: crs, rules: ['{crs}']}}]
sites:
  - {{key: pump, hosts: ['*'], upstream: 'http://127.0.0.1:{device_port}', mode: block, approved_by: bench, approved_on: '2026-11-27'}}
""")
    return subprocess.Popen([proxy, str(file)], stdout=subprocess.DEVNULL)


async def wait(port):
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        except OSError:
            await asyncio.sleep(0.05)
    raise SystemExit(f"nobody listens on {port}")


async def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--crs", required=True)
    words.add_argument("--engine", default="target/release/bedrail-waf-engine")
    words.add_argument("--proxy", default="target/release/examples/run")
    words.add_argument("--seconds", type=float, default=10)
    words.add_argument("--rate", type=float, default=60)
    words.add_argument("--rounds", type=int, default=3)
    words = words.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        server = await asyncio.start_server(device, "127.0.0.1", 0)
        device_port = server.sockets[0].getsockname()[1]
        engine = os.path.abspath(words.engine)
        settings, all_rules = rules(folder, os.path.abspath(words.crs), engine)
        started = {
            "nginx + ModSecurity": (18_301, start_nginx(folder, settings, all_rules, 18_301, device_port)),
            "bedrail waf": (18_302, start_proxy(folder, os.path.abspath(words.crs), engine, os.path.abspath(words.proxy), 18_302, device_port)),
        }
        try:
            for port, _ in started.values():
                await wait(port)
            print("what | request | rounds | CPU ms/request (median) | wall ms p50 | wall ms p99 | statuses")
            for shape, request in SHAPES.items():
                rows = {name: [] for name in ["device alone", *started]}
                for _ in range(words.rounds):
                    times, statuses = await measure(device_port, request, words.rate, words.seconds)
                    rows["device alone"].append((0.0, times, statuses))
                    for name, (port, process) in started.items():
                        pids = family(process.pid)
                        before = cpu(pids)
                        times, statuses = await measure(port, request, words.rate, words.seconds)
                        rows[name].append(((cpu(pids) - before) / len(times) * 1000, times, statuses))
                for name, found in rows.items():
                    times = sorted(time for _, all_times, _ in found for time in all_times)
                    p99 = times[int(len(times) * 0.99)]
                    print(f"{name} | {shape} | {len(found)} | {statistics.median(it[0] for it in found):.2f} | "
                          f"{statistics.median(times) * 1000:.2f} | {p99 * 1000:.2f} | {found[-1][2]}", flush=True)
            for name, (_, process) in started.items():
                print(f"{name}: {memory(family(process.pid))} MiB (PSS of all its processes)")
        finally:
            for _, process in started.values():
                process.send_signal(signal.SIGTERM)
                process.wait()


if __name__ == "__main__":
    asyncio.run(main())
