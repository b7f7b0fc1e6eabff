#!/usr/bin/env bats
# Real output of many kinds against the JSON Schemas that are installed.

load common
bats_require_minimum_version 1.5.0

# validate KIND < LINES: every line is valid against KIND.schema.json; prints how many there were.
validate() {
    python3 - "$BATS_TEST_DIRNAME/../../src/task/$1.schema.json" /dev/fd/4 4<&0 <<'END'
import json, sys
try:
    import jsonschema
except ImportError:
    sys.exit("python3-jsonschema is not installed")
with open(sys.argv[1]) as file:
    schema = json.load(file)
jsonschema.validators.validator_for(schema).check_schema(schema)
validator = jsonschema.validators.validator_for(schema)(schema)
count = 0
for line in open(sys.argv[2], "rb"):
    value = json.loads(line)
    for error in validator.iter_errors(value):
        sys.exit(f"{line[:300]!r}: {error.message}")
    count += 1
print(count)
END
}

@test "results of every kind are valid" {
    cat > specs <<'END'
{"id":"good","command":["echo","x"]}
{"id":"bad","shell":"exit 3"}
{"id":"signal","shell":"kill -9 $$"}
{"id":"late","command":["sleep","2341"],"timeout":"0.1s"}
{"id":"nosuch","command":["./no such"]}
{"id":"bytes","shell":"printf '\\377\\000'","args_base64":["/w=="]}
{"id":"cut","shell":"seq 9999","max_output":100}
{"id":"leaves","shell":"sleep 2342 & echo x"}
{"id":"again","command":["false"],"retries":2,"name":"n\u00e4me"}
{"id":"later","command":["true"],"every":"10ms","times":3}
{"id":"cancelled","command":["true"],"in":"1h"}
{"op":"cancel","id":"cancelled"}
END
    jobpool run specs > lines || [ $? -eq 123 ]
    jq -c 'select(.type == "result")' lines > results
    assert_equal "$(jq -r .state results | sort | uniq -c | awk '{print $2 $1}' | tr '\n' ' ')" \
        "cancelled1 failed4 succeeded7 timed_out1 "
    assert_equal "$(validate result < results)" 13
    assert_gone 'sleep 2342'
}

@test "replies, events, errors and the summary are valid" {
    printf '%s\n' '{"id":"a","command":["true"],"req":1}' '{"op":"status","req":"x"}' '{"op":"nosuch","req":null}' nonsense \
        '{"command":[]}' '{"op":"wait","id":"a","req":true}' '{"op":"map","id":"m","command":["echo"],"over":[1,2],"req":2}' \
        '{"op":"close"}' '{"op":"join"}' '{"op":"shutdown"}' > specs
    jobpool run --events --summary specs > lines || [ $? -eq 123 ]
    local type
    for type in reply event error summary result; do
        grep -q "^{\"type\":\"$type\"" lines || { echo "no $type among:"; cat lines; return 1; }
    done
    jq -c 'select(.type != "result")' lines > others
    assert_equal "$(validate line < others)" "$(wc -l < others)"
}

@test "the document of -o json is one value, its results are valid" {
    jobpool map -o json --summary echo ::: a b c > document
    assert_equal "$(jq -c '[(.results | length), .summary.succeeded]' document)" "[3,3]"
    assert_equal "$(jq -c '.results[]' document | validate result)" 3
}

@test "the specs that a dry run prints are valid, and run" {
    jobpool map --dry-run -o jsonl 'echo {}' ::: a $'\xff' "it's" > specs
    assert_equal "$(validate spec < specs)" 3
    run -0 jobpool run -o none specs
}
