#!/usr/bin/env python3
"""The table of bench/waf-regression.sh: passed of all, by front, and every test that fails, with what was missed.

    bench/waf_regression_table.py TESTS-FOLDER NGINX-RESULT PROXY-RESULT
"""
import json
import pathlib
import sys

import yaml


def expected(folder):
    """Each test by its name, with what it expects in words."""
    found = {}
    for file in sorted(pathlib.Path(folder).rglob("*.yaml")):
        content = yaml.safe_load(file.read_text())
        for number, test in enumerate((content or {}).get("tests") or [], 1):
            words = []
            for stage in test["stages"]:
                output = stage.get("output", {})
                log = output.get("log", {})
                words += [f"{key} {log[key]}" for key in log]
                words += [f"{key} {output[key]}" for key in ("status", "expect_error") if key in output]
            found[f"{content['rule_id']}-{test.get('test_id', number)}"] = "; ".join(words)
    return found


def main():
    folder, *files = sys.argv[1:]
    tests = expected(folder)
    runs = {name: json.load(open(file)) for name, file in zip(("nginx", "bedrail waf"), files)}
    print(f"| front | passed of {len(tests)} | failed | skipped, ignored or not run |\n|---|---|---|---|")
    failed = {}
    for name, run in runs.items():
        passed = set(run["success"]) & set(tests)
        failed[name] = set(run["failed"])
        rest = len(tests) - len(passed) - len(failed[name] & set(tests))
        print(f"| {name} | {len(passed)} | {len(failed[name])} | {rest} |")
    print("\n| fails with | test | it expects | rules that fired instead |\n|---|---|---|---|")
    for test in sorted(set().union(*failed.values())):
        names = [name for name in runs if test in failed[name]]
        fired = runs[names[-1]].get("triggered-rules", {}).get(test) or []
        fired = ", ".join(str(rule) for stage in fired for rule in stage or [])
        print(f"| {' and '.join(names)} | {test} | {tests.get(test, '').replace('|', chr(92) + '|')} | {fired} |")


main()
