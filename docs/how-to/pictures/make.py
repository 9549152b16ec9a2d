#!/usr/bin/env python3
"""Makes the pictures of the how-tos: goes the way of an office manager through the sample hospital in a real browser.

usage: make.py BEDRAIL [FOLDER]

Needs Debian's chromium, chromium-driver, poppler-utils (pdftoppm) and, to make pictures small, ImageMagick or Pillow where they are there. It
starts a server with the sample hospital on a data folder of its own, does what `policies-and-training.md` and `run-the-office.md` say, step
by step, and stops where a step cannot be done: the how-tos are true as long as it runs through. Pictures of pages say nothing of the machine.
"""

import base64
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

PASSWORD = "seven quiet lamps over a canal"
HERE = Path(__file__).resolve().parent
WIDE, NARROW = (1100, 760), (390, 780)
MOST = 150_000
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    """Chromium, by the W3C WebDriver protocol."""

    def __init__(self, profile):
        self.process = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        port = next(found.group(1) for line in self.process.stdout if (found := re.search(r"successfully on port (\d+)", line)))
        self.base = f"http://127.0.0.1:{port}/session"
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                 "--disable-background-networking", "--hide-scrollbars", f"--user-data-dir={profile}"]
        options = {"browserName": "chrome", "goog:chromeOptions": {"args": flags}}
        made = self.call("POST", "", {"capabilities": {"alwaysMatch": options}})
        self.base += f"/{made['sessionId']}"

    def call(self, method, path, body=None):
        data = json.dumps(body if body is not None else {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            return json.loads(urllib.request.urlopen(request, timeout=90).read())["value"]
        except urllib.error.HTTPError as error:
            raise SystemExit(f"error: {path}: {error.read()[:400]!r}") from None

    def size(self, width, height):
        self.call("POST", "/window/rect", {"x": 0, "y": 0, "width": width, "height": height})

    def open(self, address):
        self.call("POST", "/url", {"url": address})

    def script(self, text):
        return self.call("POST", "/execute/sync", {"script": text, "args": []})

    def element(self, css):
        for _ in range(200):
            found = self.call("POST", "/elements", {"using": "css selector", "value": css})
            if found:
                return found[0][ELEMENT]
            time.sleep(0.05)
        raise SystemExit(f"error: no {css} at {self.script('return location.href')}: {self.script('return document.body.innerText')[:600]}")

    def press(self, css):
        element = self.element(css)
        self.script(f"document.querySelector({json.dumps(css)}).scrollIntoView({{block: 'center'}})")
        self.call("POST", f"/element/{element}/click")

    def fill(self, css, text):
        element = self.element(css)
        if self.script(f"return document.querySelector({json.dumps(css)}).type") not in ("file", "date"):
            self.call("POST", f"/element/{element}/clear")
        self.call("POST", f"/element/{element}/value", {"text": text})

    def day(self, css, day):
        self.element(css)
        self.script(f"document.querySelector({json.dumps(css)}).value = {json.dumps(day)}")

    def until(self, what, condition):
        for _ in range(200):
            if self.script(f"return {condition}"):
                return
            time.sleep(0.05)
        raise SystemExit(f"error: never {what}, at {self.script('return location.href')}: {self.script('return document.body.innerText')[:800]}")

    def link(self, css, words):
        self.element(css)
        self.script(f"[...document.querySelectorAll({json.dumps(css)})].find(it => it.textContent.includes({json.dumps(words)})).click()")

    def unfold(self):
        self.script("document.querySelectorAll('details').forEach(it => it.open = true)")

    def picture(self, name, css=None):
        if css:
            self.script(f"document.querySelector({json.dumps(css)}).scrollIntoView({{block: 'start'}})")
        else:
            self.script("scrollTo(0, 0)")
        time.sleep(0.3)
        wide = self.script("return document.documentElement.scrollWidth > innerWidth")
        if wide:
            raise SystemExit(f"error: {name} is wider than the window")
        keep(name, base64.b64decode(self.call("GET", "/screenshot")))

    def printed(self, name):
        paper = base64.b64decode(self.call("POST", "/print", {"page": {"width": 21.59, "height": 27.94}}))
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "a.pdf").write_bytes(paper)
            subprocess.run(["pdftoppm", "-png", "-r", "72", "-f", "1", "-l", "1", "-singlefile", f"{folder}/a.pdf", f"{folder}/a"], check=True)
            keep(name, (Path(folder) / "a.png").read_bytes())

    def end(self):
        self.call("DELETE", "")
        self.process.terminate()


def keep(name, content):
    path = OUT / f"{name}.png"
    path.write_bytes(content)
    try:
        from PIL import Image
        Image.open(path).convert("RGB").quantize(64).save(path, optimize=True)
    except ImportError:
        pass
    if path.stat().st_size > MOST:
        raise SystemExit(f"error: {path} has {path.stat().st_size} bytes, more than {MOST}")
    print(f"{path.name}: {path.stat().st_size // 1024} KiB")


def serve(program, data):
    subprocess.run([program, "--data", data, "demo", "load"], check=True, stdout=subprocess.DEVNULL)
    server = subprocess.Popen([program, "--data", data, "serve", "--feeds", "off", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    address = re.search(r"http://\S+", server.stdout.readline()).group(0).rstrip("/")
    return server, address, server.stdout.readline().split()[-1]


def add_client(program, data):
    subprocess.run([program, "--data", data, "organisation", "add", "Larch Lane Practice", "--kind", "covered_entity",
                    "--administrator", "admin"], check=True, stdout=subprocess.DEVNULL)


def sign_in(it, address, one_time):
    it.open(address + "/")
    it.fill("#name", "admin")
    it.fill("#password", one_time)
    it.press("button.first")
    it.fill("#present", one_time)
    it.fill("#new", PASSWORD)
    it.fill("#again", PASSWORD)
    it.press("button.first")
    it.element("nav[aria-label=Places]")


def policies(it, address, today, folder):
    """Policies signed, people trained."""
    it.open(address + "/policies/new?template=malicious-software")
    it.fill("#value-contact", "extension 4711")
    it.press("button.first")
    it.press("form[action$='/approve'] button")
    it.press("form[action$='/publish'] button")
    it.until("in force", "document.querySelector('.head .mark').textContent.includes('version 1')")
    # A document of one's own takes the place of the text, and its words are there.
    it.unfold()
    it.fill("#file", str(HERE.parents[2] / "crates/words/tests/fixtures/word.docx"))
    it.press("form[action$='/bring'] button")
    it.until("brought", "[...document.querySelectorAll('tbody th a')].some(it => it.textContent.trim() === '2')")
    it.link("tbody th a", "Compare")
    it.until("compared", "document.querySelector('table.compare') !== null")
    it.open(address + "/policies")
    it.picture("policies")
    it.open(address + "/policies?text=malicious")
    it.element("#found")
    it.open(address + "/roster?text=Ada%20Ashgrove")
    it.press("tbody th a")
    it.press("form[action$='/link'] button")
    it.element("#handed")
    link = it.script("return document.querySelector('#handed').value || document.querySelector('#handed').textContent")
    it.size(*NARROW)
    it.open(address + link[link.index("/me/"):].strip())
    it.fill("#name", "Ada Ashgrove")
    it.press("button.first")
    it.element(".own-list")
    it.element(".own-list li a")
    it.script("[...document.querySelectorAll('.own-list li')].find(it => it.textContent.includes('malicious')).querySelector('a').click()")
    it.element("form[action$='/sign'] button")
    it.picture("sign-narrow")
    it.press("form[action$='/sign'] button")
    it.element(".own-list")
    it.size(*WIDE)
    it.open(address + "/training")
    it.picture("training")
    it.open(address + "/attestations")
    it.link("tbody th a", "malicious")
    it.element("#missing")
    ward = it.script("const it = document.querySelector('#ward-table tbody a'); return it ? it.getAttribute('href') : ''")
    it.open(address + ward)
    it.press("a.button.first")
    it.element("main")
    it.printed("sheet-printed")
    it.open(address + ward)
    name = it.script("return document.querySelector('#missing ~ form tbody th a').textContent")
    (folder / "signed.csv").write_text(f"Name,Signed on,Version\n{name},{today},1\nSomebody Else,{today},1\n")
    (folder / "scan.pdf").write_bytes(b"%PDF-1.7 scan")
    it.unfold()
    it.fill("#list", str(folder / "signed.csv"))
    it.press("form[action$='/list'] button")
    it.element("#list-scan")
    it.picture("sheet-list", "#report")
    it.fill("#list-scan", str(folder / "scan.pdf"))
    it.press("form[action$='/list'] button.first")
    it.until("taken", "document.querySelector('#report').textContent.startsWith('1 noted')")


def office(it, address, folder):
    """Vendors, registers, the guide, clients."""
    it.open(address + "/guide")
    it.picture("guide")
    it.open(address + "/vendors")
    it.fill("#name", "Fenwillow Billing")
    it.fill("#services", "sends bills")
    it.script("document.querySelector('#ephi').value = 'yes'; document.querySelector('#associate').value = 'yes'")
    it.fill("#notice_days", "10")
    it.press("main .sheet button.first")
    it.fill("#title", "Agreement 2026")
    it.press("form[action$='/draft'] button")
    (folder / "agreement.txt").write_text("The agreement, with its sections.")
    it.fill("form[action$='/document'] input[type=file]", str(folder / "agreement.txt"))
    it.press("form[action$='/document'] button")
    places = "document.querySelectorAll('form[action$=\"/clauses\"] input[name^=\"place-\"]')"
    it.until("twelve clauses", f"{places}.length === 12")
    it.script(f"[...{places}].slice(0, 11).forEach((it, at) => it.value = 'section ' + (at + 1))")
    it.press("form[action$='/clauses'] button")
    it.until("eleven", f"[...{places}].filter(it => it.value).length === 11")
    it.picture("agreement", "#agreements")
    it.script(f"[...{places}].at(-1).value = 'section 12'")
    it.press("form[action$='/clauses'] button")
    it.until("twelve", f"[...{places}].filter(it => it.value).length === 12")
    it.unfold()
    it.fill("form[action$='/sign'] input[name=signer]", "R. Roe")
    it.press("form[action$='/sign'] button")
    it.until("signed", "document.querySelector('main > p .mark').textContent.trim() === 'signed'")
    it.open(address + "/incidents")
    it.press("tbody th a")
    it.element("#vendors")
    it.open(address + "/registers")
    it.press("tbody th a")
    it.element("h1")
    it.open(address + "/self-assessment")
    it.element("h1")
    it.open(address + "/actions")
    it.element("h1")
    it.open(address + "/clients")
    it.until("two clients", "document.querySelectorAll('tbody tr').length === 2")
    it.picture("clients")


def main():
    global OUT
    program = sys.argv[1]
    OUT = Path(sys.argv[2]) if len(sys.argv) > 2 else HERE
    with tempfile.TemporaryDirectory() as data, tempfile.TemporaryDirectory() as profile, tempfile.TemporaryDirectory() as folder:
        server, address, one_time = serve(program, data)
        it = Browser(profile)
        try:
            it.size(*WIDE)
            sign_in(it, address, one_time)
            policies(it, address, it.script("return new Date().toISOString().slice(0, 10)"), Path(folder))
            add_client(program, data)
            office(it, address, Path(folder))
        finally:
            it.end()
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
