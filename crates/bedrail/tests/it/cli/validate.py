"""Validates one document by the schema of its format's maker: prints the faults, nothing where there are none."""

import json
import sys

form, path, schema = sys.argv[1:4]
text = open(path, encoding="utf-8").read()

if form == "json":
    from jsonschema import Draft202012Validator, FormatChecker

    schema = json.load(open(schema, encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    faults = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(json.loads(text))]
elif form == "cyclonedx":
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    version = SchemaVersion.from_version(json.loads(text)["specVersion"])
    fault = JsonStrictValidator(version).validate_str(text)
    faults = [] if fault is None else [str(fault)[:2000]]
elif form == "sarif":
    from pydantic import ValidationError
    from pydantic_sarif import model

    log = next(getattr(model, name) for name in dir(model) if name.startswith("StaticAnalysisResultsFormat"))
    try:
        log.model_validate_json(text)
        faults = []
    except ValidationError as error:
        faults = [str(error)[:2000]]
else:
    raise SystemExit(f"unknown format {form}")

print("\n".join(faults), end="")
