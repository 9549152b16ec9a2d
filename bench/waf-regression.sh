#!/bin/sh
# The Core Rule Set's own regression tests over HTTP with go-ftw: through the firewall, and beside nginx with the same libmodsecurity.
#
#   bench/waf-regression.sh CRS-TREE TESTS-FOLDER OUT-FOLDER [proxy|nginx]
#
# Paranoia level 4, detect. Without the last word both, one after the other, and a table: passed of all, and every test that fails with
# one of them, with what go-ftw missed. The denominator is every test of the folder. Needs in PATH: go (bench/ftw is built with it: go-ftw's
# runner and the server behind), python3, nginx with libnginx-mod-http-modsecurity; and bedrail-waf-engine and a program that runs the
# proxy (ENGINE, PROXY: the example `run` of bedrail-waf). OUT-FOLDER gets logs, go-ftw's JSON, and the list of failures.
set -eu
tree=$(realpath "$1"); tests=$(realpath "$2"); mkdir -p "$3"; out=$(realpath "$3"); which=${4:-both}
here=$(dirname "$(realpath "$0")")
if [ "$which" = both ]; then
    "$0" "$tree" "$tests" "$out/nginx" nginx
    "$0" "$tree" "$tests" "$out/proxy" proxy
    exec python3 "$here/waf_regression_table.py" "$tests" "$out/nginx/result.json" "$out/proxy/result.json"
fi
(cd "$here/ftw" && go build -mod=mod -o "$out/ftw" .)
engine=$(realpath "${ENGINE:-target/release/bedrail-waf-engine}"); proxy=$(realpath "${PROXY:-target/release/examples/run}")
port=18310; device=18311
: > "$out/error.log"
"$engine" --settings > "$out/settings.conf"
# As the project's own CI: level 4, limits of arguments and files, a marker that go-ftw sends before and after each test.
cat > "$out/setup.conf" <<'RULES'
SecResponseBodyMimeType text/plain text/html text/xml application/json
SecAction "id:900000,phase:1,pass,t:none,nolog,setvar:tx.blocking_paranoia_level=4,setvar:tx.detection_paranoia_level=4"
SecAction "id:900300,phase:1,pass,t:none,nolog,setvar:tx.arg_length=400,setvar:tx.total_arg_length=6400,setvar:tx.max_file_size=64100,setvar:tx.combined_file_size=65535,setvar:tx.max_num_args=255,setvar:tx.arg_name_length=100"
SecAction "id:900005,phase:1,pass,t:none,nolog,ctl:ruleEngine=DetectionOnly,setvar:tx.crs_validate_utf8_encoding=1"
SecRule REQUEST_HEADERS:X-CRS-Test "@rx ^.*$" "id:999999,pass,phase:1,log,msg:'X-CRS-Test %{MATCHED_VAR}',ctl:ruleRemoveById=1-999999"
RULES
"$out/ftw" behind $device > "$out/behind.log" 2>&1 & behind=$!
if [ "$which" = nginx ]; then
    { echo "Include $out/settings.conf"; echo "Include $tree/crs-setup.conf.example"; echo "Include $out/setup.conf"; echo "Include $tree/rules/*.conf"; } > "$out/modsecurity.conf"
    cat > "$out/nginx.conf" <<NGINX
load_module /usr/lib/nginx/modules/ngx_http_modsecurity_module.so;
user root; daemon off; worker_processes 1; pid $out/nginx.pid; error_log $out/error.log info;
events { worker_connections 512; }
http { access_log off; client_body_buffer_size 1m; client_max_body_size 0;
  server { listen 127.0.0.1:$port; modsecurity on; modsecurity_rules_file $out/modsecurity.conf;
    location / { proxy_pass http://127.0.0.1:$device; proxy_set_header Host \$http_host; } } }
NGINX
    nginx -c "$out/nginx.conf" & front=$!; tail=
else
    rm -rf "$out/state"
    cat > "$out/sites.yaml" <<YAML
listen: [{address: '127.0.0.1:$port'}]
state: $out/state
events: $out/events.jsonl
event_scope: matches
engine: $engine
rule_sets: [{name: crs, rules: ['$tree/crs-setup.conf.example', '$out/setup.conf', '$out/rules']}]
sites: [{key: albedo, hosts: ['*'], upstream: 'http://127.0.0.1:$device', mode: detect}]
YAML
    rm -rf "$out/rules"; mkdir "$out/rules"; cp "$tree"/rules/*.conf "$tree"/rules/*.data "$out/rules/"
    : > "$out/events.jsonl"
    "$proxy" "$out/sites.yaml" > "$out/proxy.log" 2>&1 & front=$!
    # go-ftw reads the error log of Apache and nginx: each rule that fired becomes such a line. In detect an event is written when the answer
    # was judged, which is after the client has it. So a marker is held back until every request before it has been told, or for 0.4 s where
    # one is no event; and it is written once, however often go-ftw sends it meanwhile.
    python3 -u - "$out/events.jsonl" "$out/error.log" <<'PYTHON' & tail=$!
import collections, json, sys, time
events, log = open(sys.argv[1]), open(sys.argv[2], "a")
part, held, seen, told, low = "", collections.deque(), set(), set(), 0
def put(messages):
    for message in messages:
        log.write(f'ModSecurity: Warning. [id "{message["details"]["ruleId"]}"] [msg "{message["message"]}"] [data "{message["details"]["reference"]}"]\n')
    log.flush()
while True:
    while held and (held[0][1] <= low or time.monotonic() - held[0][0] > 0.4):
        _, number, messages = held.popleft()
        low = max(low, number)
        put(messages)
    while low in told:
        told.remove(low)
        low += 1
    part += events.readline()
    if not part.endswith("\n"):
        time.sleep(0.001)
        continue
    transaction = json.loads(part).get("transaction", {})
    messages, number = transaction.get("messages", []), int(transaction["unique_id"].split("-")[1], 16)
    part = ""
    told.add(number)
    marker = next((it["message"] for it in messages if it["details"]["ruleId"] == "999999"), None)
    if marker is None:
        put(messages)
    elif marker not in seen:
        seen.add(marker)
        held.append((time.monotonic(), number, messages))
PYTHON
fi
trap 'kill $front $behind $tail 2>/dev/null || true' EXIT
sleep 3
"$out/ftw" run "$tests" "$out/error.log" $port > "$out/result.json" 2> "$out/ftw.log"
python3 -c 'import json, sys; it = json.load(open(sys.argv[1])); print(sys.argv[2], {key: len(value) for key, value in it.items() if isinstance(value, list)})' "$out/result.json" "$which"
