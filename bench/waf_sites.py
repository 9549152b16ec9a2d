#!/usr/bin/env python3
"""Memory of a firewall with one site and with a hundred, each with exclusions of its own: all processes together.

    bench/waf_sites.py --crs TREE [--bedrail PATH] [--engine PATH] [--sites 1,100] [--exclusions 5]

The rules go the way that they go everywhere: the tree is signed by a throw-away key, brought by `bedrail waf rules update`, promoted; the
exclusions are in `exclusions.json`. Each site gets requests on which its exclusions count, and one on which they do not. Memory is
PSS of the proxy and its judges. Loopback only.
"""
import argparse
import asyncio
import datetime
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from waf import ask, device, family, memory, wait

PORT = 18_330
RULES = [942100, 942130, 942180, 942190, 942200, 942260, 942330, 942340, 942370, 942430]


def sites_file(folder, engine, upstream, number):
    sites = "\n".join(
        f"  - {{key: site-{it}, hosts: ['site-{it}.example'], upstream: 'http://127.0.0.1:{upstream}', mode: block, approved_by: bench, approved_on: '2026-11-27'}}"
        for it in range(number))
    (folder / "sites.yaml").write_text(
        f"listen: [{{address: '127.0.0.1:{PORT}'}}]\nstate: {folder}/state\nengine: {engine}\nlimits: {{judge_seconds: 30}}\nsites:\n{sites}\n")


def exclusions(number, each):
    until = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=90)).strftime("%Y-%m-%dT00:00:00Z")
    return [{"site": f"site-{site}", "rules": RULES, "target": f"ARGS:note{one}", "path": "/notes", "method": "GET",
             "reason": "notes of this ward quote what was typed", "author": "bench", "expires": until}
            for site in range(number) for one in range(each)]


def request(site, parameter):
    query = f"{parameter}=1%27%20OR%20%271%27%3D%271"
    return f"GET /notes?{query} HTTP/1.1\r\nHost: site-{site}.example\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n\r\n".encode()


def own_key():
    """A throw-away key as an installation has one: Ed25519 in PKCS#8 of version 2 (RFC 8410 §7), public half included."""
    run = lambda *words, **more: subprocess.run(["openssl", *words], check=True, capture_output=True, **more).stdout
    secret = run("genpkey", "-algorithm", "ed25519", "-outform", "DER")
    public = run("pkey", "-inform", "DER", "-pubout", "-outform", "DER", input=secret)
    return bytes.fromhex("3051020101300506032b657004220420") + secret[-32:] + bytes.fromhex("812100") + public[-32:]


async def one(words, number):
    """Memory with so many sites, in MiB: all, the proxy, each judge."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        state = folder / "state"
        state.mkdir()
        bedrail = os.path.abspath(words.bedrail)
        server = await asyncio.start_server(device, "127.0.0.1", 0)
        sites_file(folder, os.path.abspath(words.engine), server.sockets[0].getsockname()[1], number)
        (state / "exclusions.json").write_text(json.dumps(exclusions(number, words.exclusions)))
        shutil.copytree(words.crs, folder / "crs")
        (folder / "own.key").write_bytes(own_key())

        def rules(*more):
            for _ in range(20):
                said = subprocess.run([bedrail, "waf", "rules", *more], capture_output=True, text=True)
                if "another command is at work" not in said.stderr:
                    break
            if said.returncode:
                raise SystemExit(f"{more}: {said.stdout}{said.stderr}")

        proxy = subprocess.Popen([bedrail, "waf", "run", "--config", str(folder / "sites.yaml")], stderr=subprocess.DEVNULL)
        try:
            await wait(PORT)
            rules("sign", str(folder / "crs"), "--key", str(folder / "own.key"))
            rules("update", "--state", str(state), "--pack", str(folder / "crs"), "--pack-key", str(folder / "own.key"), "--engine", os.path.abspath(words.engine))
            rules("promote", "--state", str(state), "--current", "--by", "bench, nobody")
            reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
            # The next look routes; then every site judges.
            for _ in range(300):
                if await ask(reader, writer, request(0, "other")) == 403:
                    break
                await asyncio.sleep(0.2)
            else:
                raise SystemExit("the rules do not decide")
            for _ in range(3):
                for site in range(number):
                    assert await ask(reader, writer, request(site, "note0")) == 200, "the exclusion counts"
                    assert await ask(reader, writer, request(site, "other")) == 403, "and nothing else"
            pids = family(proxy.pid)
            return memory(pids), memory([proxy.pid]), [memory([pid]) for pid in pids[1:]]
        finally:
            proxy.send_signal(signal.SIGTERM)
            proxy.wait()
            server.close()


async def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--crs", required=True)
    words.add_argument("--bedrail", default="target/release/bedrail")
    words.add_argument("--engine", default="target/release/bedrail-waf-engine")
    words.add_argument("--sites", default="1,100")
    words.add_argument("--exclusions", type=int, default=5)
    words = words.parse_args()
    print("| sites | exclusions | memory of all, MiB | of the proxy | of the judges |\n|---|---|---|---|---|")
    for number in map(int, words.sites.split(",")):
        everything, proxy, judges = await one(words, number)
        print(f"| {number} | {number * words.exclusions} | {everything} | {proxy} | {', '.join(map(str, judges))} |", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
