#!/usr/bin/env bats
# The manual says what the program does: the same options, commands, keys and ops, no more and no fewer.
# Back quotes in single quotes are those of literal blocks.
# shellcheck disable=SC2016
load common
bats_require_minimum_version 1.5.0

manual=$BATS_TEST_DIRNAME/../../man
schemas=$BATS_TEST_DIRNAME/../../src/task

# The long options that a command's --help lists.
options_of() {
    jobpool "$1" --help | sed -nE 's/^ +(-., )?(--[a-z-]+).*/\2/p' | sort -u
}

# The long options that a page writes in bold.
options_in() {
    grep -oE '\*--[a-z][a-z-]+' "$1" | tr -d '*' | sort -u
}

# The words in bold that head the paragraphs of one section of a page.
heads_in() { # PAGE SECTION
    sed -n "/^# $2\$/,/^# /p" "$1" | grep -E '^\*[a-z_*, ]+\*( \(\+\))?$' | grep -oE '[a-z_]+' | sort -u
}

assert_same() { # FILE FILE
    diff "$1" "$2" || { echo "< $1 > $2"; return 1; }
}

@test "every page compiles and renders without a warning" {
    need scdoc
    local page name
    for page in "$manual"/*.scd; do
        name=$(basename "$page" .scd)
        scdoc < "$page" > "$name" 2> warnings || { cat warnings; return 1; }
        [ ! -s warnings ] || { cat warnings; return 1; }
        if command -v man > /dev/null; then
            MANWIDTH=80 man --warnings -l "$name" > rendered 2> warnings
            [ ! -s warnings ] || { cat warnings; return 1; }
            [ "$(wc -l < rendered)" -gt 40 ]
        fi
        if command -v mandoc > /dev/null; then
            mandoc -T lint -W error "$name"
        fi
    done
}

@test "each command's page has all of its options" {
    local name
    for name in apply map run; do
        options_of "$name" > table
        options_in "$manual/jobpool-$name.1.scd" > page
        comm -23 table page > missing
        [ ! -s missing ] || { echo "jobpool-$name.1 lacks:"; cat missing; return 1; }
    done
    # parallel has those of map, and some of its own.
    options_of map > table
    options_of parallel | comm -23 - table > own
    options_in "$manual/jobpool-parallel.1.scd" | comm -23 own - > missing
    [ ! -s missing ] || { echo "jobpool-parallel.1 lacks:"; cat missing; return 1; }
    options_of help > table
    options_in "$manual/jobpool.1.scd" > page
    comm -23 table page > missing
    [ ! -s missing ] || { echo "jobpool.1 lacks:"; cat missing; return 1; }
}

@test "no page has an option that the program has not" {
    local page
    for page in apply map run parallel help; do options_of "$page"; done | cat - <(echo --version) | sort -u > table
    for page in "$manual"/*.scd; do
        options_in "$page" > named
        comm -13 table named > unknown
        [ ! -s unknown ] || { echo "$page:"; cat unknown; return 1; }
    done
    for page in apply map run; do
        options_of "$page" > table
        sed -n '/^# OPTIONS/,/^# [^O]/p' "$manual/jobpool-$page.1.scd" | grep -E '^\*-' > heads
        options_in heads > page
        assert_same table page
    done
}

@test "the short options of a page are those of the program" {
    local name
    for name in apply map run; do
        jobpool "$name" --help | sed -nE 's/^ +(-.), --([a-z-]+).*/\1 --\2/p' | sort > table
        sed -nE 's/^\*(-.)\*, \*(--[a-z-]+)\*.*/\1 \2/p' "$manual/jobpool-$name.1.scd" | sort > page
        assert_same table page
    done
}

@test "jobpool.1 has every command" {
    local name
    for name in $(jobpool help | sed -nE '/^Commands/,/^$/s/^  ([a-z]+) .*/\1/p'); do
        grep -q "^\*jobpool $name\*" "$manual/jobpool.1.scd" || { echo "no synopsis of $name"; return 1; }
    done
}

@test "jobpool-spec.5 has every key of a result" {
    jq -r '.properties | keys[]' "$schemas/result.schema.json" | grep -v _base64 | sort -u > schema
    heads_in "$manual/jobpool-spec.5.scd" 'KEYS OF A RESULT' > page
    sed -n '/^# KEYS OF A RESULT/,/^# TYPES/p' "$manual/jobpool-spec.5.scd" | grep -oE '\*(stdout|stderr)_omitted_at\*' |
        tr -d '*' | sort -u - page > all
    assert_same schema all
}

@test "jobpool-spec.5 has every key of a spec" {
    [ -e "$schemas/spec.schema.json" ]
    jq -r '.properties | keys[]' "$schemas/spec.schema.json" | grep -vE '_base64$|^(op|req|over|chunksize)$' | sort -u > schema
    heads_in "$manual/jobpool-spec.5.scd" 'KEYS OF A SPEC' | grep -vxE 'op|req|over|chunksize' > page
    assert_same schema page
}

@test "the program knows every key that jobpool-spec.5 has" {
    { heads_in "$manual/jobpool-spec.5.scd" 'KEYS OF A SPEC'; printf '%s_base64\n' command shell args cwd stdin; } > keys
    [ "$(wc -l < keys)" -gt 30 ]
    sed 's/.*/{"&":{}}/' keys > specs
    # What an unknown key is told, but for its name, none of them is told.
    echo '{"comand":{}}' >> specs
    jobpool run < specs | jq -r 'select(.type == "error") | .key as $key | .message | split($key // " ") | join("KEY")' > answers || true
    [ "$(wc -l < answers)" -gt 20 ]
    grep -cxF -- "$(tail -n 1 answers)" answers > count
    assert_equal "$(cat count)" 1
}

@test "the program knows every op that jobpool-protocol.7 has" {
    heads_in "$manual/jobpool-protocol.7.scd" OPS > ops
    assert_equal "$(wc -l < ops)" 10
    # A wrong op beside them shows that an unknown one would be told.
    { sed 's/.*/{"op":"&","id":[]}/' ops; echo '{"op":"subimt"}'; } | jobpool run > answers || true
    assert_equal "$(jq -r 'select(.key == "op") | .op' answers)" subimt
}

@test "events and the summary have what jobpool-protocol.7 says" {
    jobpool apply --events --summary true > lines
    for key in $(jq -r 'select(.type != "result") | keys[]' lines | sort -u); do
        grep -q "_${key}_\|\*$key\*" "$manual/jobpool-protocol.7.scd" || { echo "no $key"; return 1; }
    done
}

# The examples of the pages, as they stand there.

@test "example: all combinations" {
    jobpool map -k -o text echo ::: a b ::: 1 2 > is
    sed -n '/^\$ jobpool map -k -o text echo/,/^```/{/^[^$`]/p}' "$manual/jobpool-map.1.scd" > wanted
    [ -s wanted ]
    assert_same wanted is
}

@test "example: states and exit codes" {
    run -123 jobpool map -k -j2 sh -c 'exit {}' ::: 0 3 0
    jq -c '[.args[0], .state, .exit_code]' <<< "$output" > is
    sed -n "/^\\$ jobpool map -j2 sh/,/^\`\`\`/{/^[^\$\`]/p}" "$manual/jobpool-map.1.scd" > wanted
    [ -s wanted ]
    assert_same wanted is
}

@test "example: a timeout reaches the whole tree" {
    run -124 jobpool apply --timeout 1s -- sh -c 'setsid sleep 777.25 & sleep 777.25'
    assert_equal "$(jq -r .state <<< "$output")" timed_out
    assert_gone 'sleep 777.25' 0
}

@test "example: cancel in a run" {
    printf '%s\n' '{"id":"a","command":["sleep","60"]}' \
        '{"op":"cancel","id":"a","running":true}' '{"id":"b","shell":"echo hi"}' |
        jobpool run > lines || true
    jq -c '[.type, .id, .state]' lines | sort > is
    sed -n '/jobpool run | jq -c/,/^```/{/^\[/p}' "$manual/jobpool-run.1.scd" | sort > wanted
    [ -s wanted ]
    assert_same wanted is
}

@test "example: a dry run feeds run" {
    touch a.log b.log
    jobpool map --dry-run -o jsonl gzip ::: *.log > tasks.jsonl
    [ -e a.log ]
    jobpool run -j2 --report done.jsonl tasks.jsonl > /dev/null
    [ -e a.log.gz ] && [ -e b.log.gz ]
    assert_equal "$(jq -s length done.jsonl)" 2
}

@test "example: an alias of options" {
    sed -n 's/^\t*\(jobpool alias .*\)/\1/p' "$manual/jobpool.1.scd" > "$HOME/.popt"
    [ -s "$HOME/.popt" ]
    run -0 jobpool map --fast echo ::: a
    assert_equal "$output" ''
}

@test "example: the conversation" {
    sed -n '/^```$/,/^```$/{/^> /s///p}' "$manual/jobpool-protocol.7.scd" > said
    sed -n '/^```$/,/^```$/{/^< /s///p}' "$manual/jobpool-protocol.7.scd" | sed -E 's/"state":"[a-z]+","counts".*/}/' > heard
    [ "$(wc -l < said)" -gt 8 ]
    # Everything is said at once here, so only which answers come is the same, and those that do not depend on time.
    jobpool run -j1 < said > answers || true
    assert_equal "$(jq -c 'select(.type == "reply") | [.op, .req]' answers | sort | tr '\n' ' ')" \
        "$(grep '"type":"reply"' heard | sed -E 's/.*"op":("[a-z]+"),"req":([0-9a-z]+).*/[\1,\2]/' | sort | tr '\n' ' ')"
    assert_equal "$(jq -c 'select(.type == "result") | [.id, .state, .stdout]' answers | sort | tr '\n' ' ')" \
        "$(grep '"type":"result"' heard | sed -E 's/.*"id":("[^"]*"),"state":("[a-z]+"),"stdout":("[^"]*").*/[\1,\2,\3]/' | sort | tr '\n' ' ')"
}
