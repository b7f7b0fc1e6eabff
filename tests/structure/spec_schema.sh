#!/usr/bin/env bash
# The schema of specs takes what the parser takes: every case of tests/data/spec, valid and invalid. What a
# schema cannot see is marked "schema":"accepts" there.
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"
python3 - <<'PYTHON'
import glob, json, sys
import jsonschema

with open("src/task/spec.schema.json") as file:
    schema = json.load(file)
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
wrong = count = 0
for kind in "valid", "invalid":
    for path in sorted(glob.glob("tests/data/spec/%s/*.json" % kind)):
        with open(path) as file:
            cases = json.load(file)
        for case in cases:
            count += 1
            expected = kind == "valid" or case.get("schema") == "accepts"
            if validator.is_valid(case["spec"]) != expected:
                wrong += 1
                print("%s: the schema says otherwise: %s" % (path, json.dumps(case["spec"])))
print("%d specs" % count)
sys.exit(wrong > 0 or count < 100)
PYTHON
