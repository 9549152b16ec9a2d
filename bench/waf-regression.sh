#!/bin/sh
# The Core Rule Set's own regression tests over HTTP with go-ftw: through the firewall, and beside nginx with the same libmodsecurity.
#
#   bench/waf-regression.sh CRS-TREE TESTS-FOLDER OUT-FOLDER [proxy|nginx]
#
# Paranoia level 4, detect, albedo behind. Needs in PATH: go-ftw, albedo (`go install github.com/coreruleset/go-ftw@latest`,
# `go install github.com/coreruleset/albedo@latest`), python3, nginx with libnginx-mod-http-modsecurity for the second; and
# bedrail-waf-engine and the example `run` of bedrail-waf (ENGINE, PROXY). OUT-FOLDER gets the log, go-ftw's JSON and the list of failures.
set -eu
tree=$(realpath "$1"); tests=$(realpath "$2"); mkdir -p "$3"; out=$(realpath "$3"); which=${4:-proxy}
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
albedo --port $device > "$out/albedo.log" 2>&1 & behind=$!
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
    # go-ftw reads the error log of Apache and nginx: each rule that fired becomes such a line.
    python3 -u - "$out/events.jsonl" "$out/error.log" <<'PYTHON' & tail=$!
import json, sys, time
events, log = open(sys.argv[1]), open(sys.argv[2], "a")
part = ""
while True:
    part += events.readline()
    if not part.endswith("\n"):
        time.sleep(0.002)
        continue
    for message in json.loads(part).get("transaction", {}).get("messages", []):
        log.write(f'ModSecurity: Warning. [id "{message["details"]["ruleId"]}"] [msg "{message["message"]}"]\n')
    log.flush()
    part = ""
PYTHON
fi
trap 'kill $front $behind $tail 2>/dev/null || true' EXIT
sleep 3
cat > "$out/ftw.yaml" <<YAML
testoverride:
  overrides:
    dest_addr: 127.0.0.1
    port: $port
YAML
go-ftw run --config "$out/ftw.yaml" -d "$tests" --log-file "$out/error.log" --output json --file "$out/result.json" --max-marker-retries 100 > "$out/ftw.log" 2>&1 || true
python3 - "$out/result.json" "$which" <<'PYTHON'
import json, sys
result = json.load(open(sys.argv[1]))
counts = {key: len(result.get(key) or []) for key in ("success", "failed", "skipped", "ignored", "forced-pass", "forced-fail")}
print(sys.argv[2], result.get("run"), counts)
for test in result.get("failed") or []:
    print("failed", test)
PYTHON
