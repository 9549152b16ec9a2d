"""Signs in to a fresh server with the one-time password that it printed, and makes a token with every right that a token can
have. Prints `ADDRESS=…` and `TOKEN=…` for a shell."""

import http.cookiejar
import json
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

PASSWORD = "a quiet lighthouse keeper"


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def printed(path):
    for _ in range(600):
        text = open(path).read()
        address = re.search(r"serves on (\S+)", text)
        password = re.search(r"one-time password (\S+)", text)
        if address and password:
            return address.group(1), password.group(1)
        time.sleep(0.1)
    sys.exit("the server did not print an address and a one-time password")


def main():
    address, one_time = printed(sys.argv[1])
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    opener = urllib.request.build_opener(cookies, Stay)

    def send(path, body, kind, token=""):
        headers = {"Content-Type": kind, "X-CSRF-Token": token}
        request = urllib.request.Request(address + path, body.encode(), headers, method="POST")
        try:
            return opener.open(request).read()
        except urllib.error.HTTPError as error:
            if error.code == 303:
                return b""
            sys.exit(f"{path}: {error.code} {error.read().decode()}")

    def sign_in(password):
        body = json.dumps({"name": "admin", "password": password})
        return json.loads(send("/api/v1/session", body, "application/json"))["csrf_token"]

    token = sign_in(one_time)
    form = {"token": token, "present": one_time, "new": PASSWORD, "again": PASSWORD}
    send("/password", urllib.parse.urlencode(form), "application/x-www-form-urlencoded")
    token = sign_in(PASSWORD)
    rights = [
        "fleet.see", "releases.see", "devices.change", "releases.change", "data.update", "jobs.see", "jobs.manage",
        "audit.see", "people.see", "people.manage", "organisation.manage",
    ]
    body = json.dumps({"name": "check-api", "rights": rights, "days": 1})
    made = json.loads(send("/api/v1/account/tokens", body, "application/json", token))
    print(f"ADDRESS={address}\nTOKEN={made['token']}")


main()
