#!/usr/bin/env bats
# jobpool run: the forms of its input, lines that are wrong, and what each key of a spec does. How a program talks to it
# is in protocol.bats, timers are in timers.bats.
# Scripts in single quotes are for another shell.
# shellcheck disable=SC2016
load common
load functional

# The result of one spec, in $output.
one() { # SPEC OPTIONS…
    local spec=$1
    shift
    output=$(jobpool run "$@" <<< "$spec") || true
}

# ---- input ----

@test "run: JSON Lines on stdin, and results as JSON Lines" {
    run -0 jobpool run < <(printf '{"command":["echo","%s"]}\n' a 'b c')
    assert_equal "$(fields .stdout)" $'a\n\nb c'
    assert_equal "${#lines[@]}" 2
}

@test "run: files in the order given, - for stdin" {
    echo '{"id":"a","command":["echo","a"]}' > one
    echo '{"id":"b","command":["echo","b"]}' > two
    run -0 jobpool run one - two <<< '{"id":"c","command":["echo","c"]}'
    assert_equal "$(fields '"\(.seq)\(.id)"' | tr '\n' ' ')" '1a 2c 3b '
    run -0 jobpool run two one < /dev/null
    assert_equal "$(fields .id | tr '\n' ' ')" 'b a '
}

@test "run: an array, pretty-printed objects, several on a line" {
    printf '{"id":"%s","command":["true"]}\n' a b c | jq -s . > array
    run -0 jobpool run array
    assert_equal "$(fields .id | tr -d '\n')" abc
    printf '{"id":"%s","command":["true"]}\n' a b c | jq . > pretty
    [ "$(wc -l < pretty)" -gt 10 ]
    run -0 jobpool run pretty
    assert_equal "$(fields .id | tr -d '\n')" abc
    run -0 jobpool run <<< '{"id":"a","command":["true"]}{"id":"b","command":["true"]} {"id":"c","command":["true"]}'
    assert_equal "$(fields .id | tr -d '\n')" abc
    run -0 jobpool run <<< '[{"id":"a","command":["true"]},{"op":"close"}]'
    assert_equal "$(jq -r .type <<< "$output" | sort | tr '\n' ' ')" 'reply result '
    run -0 jobpool run <<< '[]'
    assert_equal "$output" ''
}

@test "run: an array is read as it streams" {
    converse <<'END'
say('[{"id":"a","command":["true"]},')
result("a")
say('{"id":"b","command":["true"]}')
result("b")
say("]")
END
}

@test "run: a byte order mark, CRLF, no newline at the end" {
    run -0 jobpool run < <(printf '\357\273\277{"id":"a","command":["true"]}\r\n{"id":"b","command":["true"]}')
    assert_equal "$(fields .id | tr -d '\n')" ab
}

@test "run: bad lines are told, the others run, the status is 123" {
    printf '%s\n' '{"id":"a","command":["true"]}' 'nonsense' '{"id":"b","command":["true"],"bogus":1}' '{"id":"c","command":"true"}' \
        '{"id":"d","command":["true"]}' > specs
    run --separate-stderr -123 jobpool run --summary specs
    assert_equal "$(jq -c 'select(.type == "error") | [.line, .key, .text[0:8]]' <<< "$output" | tr '\n' ' ')" \
        '[2,null,"nonsense"] [3,"bogus","{\"id\":\"b"] [4,"command","{\"id\":\"c"] '
    assert_equal "$(fields .id | tr -d '\n')" ad
    assert_equal "$(jq -c 'select(.type == "summary") | [.total, .bad_lines]' <<< "$output")" '[2,3]'
    assert_equal "$stderr" ''
    local form
    for form in text none; do
        run --separate-stderr -123 jobpool run -o $form specs
        assert_equal "$output" ''
        assert_equal "${#stderr_lines[@]}" 3
        assert_match "${stderr_lines[0]}" '^jobpool: line 2: '
    done
    run --separate-stderr -123 jobpool run -o json specs
    assert_equal "$(jq '.results | length' <<< "$output")" 2
}

@test "run: the text of a bad line is its bytes" {
    run -123 jobpool run < <(printf '{"x\377":1}\n')
    assert_equal "$(jq -r '.text_base64' <<< "$output" | base64 -d | od -An -tx1 | tr -d ' \n')" 7b2278ff223a317d
    assert_equal "$(jq -r .text <<< "$output")" null
}

@test "run: a duplicate id is a bad line, whether the first lives or has ended" {
    run -123 jobpool run < <(printf '%s\n' '{"id":"a","command":["echo","first"]}' '{"id":"a","command":["echo","second"]}' \
        '{"op":"apply","id":"b","command":["true"]}' '{"id":"b","command":["true"]}')
    assert_equal "$(fields .id | tr -d '\n')" ab
    assert_equal "$(fields .stdout | head -n 1)" first
    assert_equal "$(jq -r 'select(.type == "error") | "\(.line) \(.key)"' <<< "$output" | tr '\n' ' ')" '2 id 4 id '
}

@test "run: 2000 specs give 2000 results, each once" {
    seq 2000 | jq -c '{id: "t\(.)", command: ["true"]}' > specs
    jobpool run -j4 specs > results
    assert_equal "$(jq -r .id results | sort -u | wc -l)" 2000
    assert_equal "$(wc -l < results)" 2000
}

# ---- what a spec says ----

@test "spec: command is an argv, shell a script" {
    one '{"command":["printf","<%s>","$HOME","a b",""]}'
    assert_equal "$(fields .stdout)" '<$HOME><a b><>'
    assert_equal "$(fields '[.shell, .command[0]] | @json')" '[null,"printf"]'
    one '{"shell":"echo {} | tr e x; exit 4"}'
    assert_equal "$(fields '[.stdout, .command, .shell, .exit_code] | @json')" '["{}\n",null,"echo {} | tr e x; exit 4",4]'
    one '{"command":["echo","{}","{#}"]}'
    assert_equal "$(fields .stdout)" '{} {#}'
}

@test "spec: command_base64, shell_base64, args_base64, stdin_base64, cwd_base64 stand for bytes" {
    local byte
    byte=$(printf 'a\377' | base64)
    one "{\"command_base64\":[\"$(printf printf | base64)\",\"$byte\"]}"
    assert_equal "$(fields '.stdout_base64, .command_base64[1], .command, .stdout' | tr '\n' ' ')" "$byte $byte null null "
    one "{\"shell_base64\":\"$(printf 'printf "a\377"' | base64)\"}"
    assert_equal "$(fields '.stdout_base64, .shell')" "$byte"$'\nnull'
    one "{\"command\":[\"printf\"],\"args_base64\":[\"$byte\"]}"
    assert_equal "$(fields '.stdout_base64, .args_base64[0], .args')" "$byte"$'\n'"$byte"$'\nnull'
    one "{\"command\":[\"cat\"],\"stdin_base64\":\"$byte\"}"
    assert_equal "$(fields .stdout_base64)" "$byte"
    mkdir $'a\377'
    one "{\"command\":[\"touch\",\"here\"],\"cwd_base64\":\"$byte\"}"
    [ -e $'a\377/here' ]
    # What is UTF-8 comes back as text.
    one "{\"command_base64\":[\"$(printf echo | base64)\"]}"
    assert_equal "$(fields '[.command, .command_base64] | @json')" '[["echo"],null]'
    run -123 jobpool run <<< '{"shell":"a","shell_base64":"YQ=="}'
    assert_equal "$(jq -r .key <<< "$output")" shell_base64
    run -123 jobpool run <<< '{"shell_base64":"no base64"}'
}

@test "spec: id and name come back" {
    one '{"id":"the id","name":"the\nname","command":["sh","-c","echo $JOBPOOL_ID"]}'
    assert_equal "$(fields '[.id, .name, .seq, .stdout] | @json')" '["the id","the\nname",1,"the id\n"]'
    one '{"command":["true"]}'
    assert_equal "$(fields '[.id, .name] | @json')" '["1",null]'
}

@test "spec: args are the values of the replacement strings" {
    one '{"command":["printf","<%s>","{}","x{2}"],"args":["a b",7]}'
    assert_equal "$(fields .stdout)" '<a b><7><x7>'
    one '{"shell":"printf \"<%s>\" {} \"{1}\"","args":["it'"'"'s","$x"]}'
    assert_equal "$(fields .stdout)" "<it's><\$x><it's>"
    assert_equal "$(fields '.args | @json')" "[\"it's\",\"\$x\"]"
    one '{"command":["echo","{/.}"],"args":["dir/a.b"]}'
    assert_equal "$(fields .stdout)" a
    one '{"command":["echo"],"args":["appended"]}'
    assert_equal "$(fields .stdout)" appended
}

@test "spec: stdin and stdin_file; without them /dev/null, or --stdin" {
    printf 'from the file' > file
    printf 'default' > default
    one '{"command":["cat"],"stdin":"text ü\n"}' --stdin default
    assert_equal "$(fields .stdout)" 'text ü'
    one '{"command":["cat"],"stdin":""}' --stdin default
    assert_equal "$(fields '[.stdout] | @json')" '[""]'
    one '{"command":["cat"],"stdin_file":"file"}' --stdin default
    assert_equal "$(fields .stdout)" 'from the file'
    one '{"command":["cat"]}' --stdin default
    assert_equal "$(fields .stdout)" default
    one '{"command":["readlink","/proc/self/fd/0"]}'
    assert_equal "$(fields .stdout)" /dev/null
    one '{"command":["cat"],"stdin_file":"nosuch"}'
    assert_equal "$(fields '[.state, .error.type, .pid] | @json')" '["failed","SpawnError",null]'
    assert_match "$(fields .error.message)" 'nosuch.*ENOENT'
    # Larger than a pipe holds.
    head -c 300000 /dev/zero | tr '\0' x | jq -Rc '{command: ["wc", "-c"], stdin: .}' > spec
    run -0 jobpool run spec
    assert_equal "$(fields '.stdout | tonumber')" 300000
}

@test "spec: env is set besides what jobpool has" {
    INHERITED=yes run -0 env INHERITED=yes "$JOBPOOL" run --env A=option <<< '{"shell":"echo $A,$B,$INHERITED,$JOBPOOL_SEQ","env":{"A":"spec","B":""}}'
    assert_equal "$(fields .stdout)" 'spec,,yes,1'
    one '{"command":["sh","-c","printf %s \"$X\""],"env":{"X":{"base64":"YP8="}}}'
    assert_equal "$(fields .stdout_base64)" YP8=
    one '{"command":["no-such-program-here"],"env":{"PATH":"bin"}}'
    assert_equal "$(fields .error.type)" SpawnError
    mkdir bin && printf '#!/bin/sh\necho found\n' > bin/no-such-program-here && chmod +x bin/no-such-program-here
    one '{"command":["no-such-program-here"],"env":{"PATH":"bin"}}'
    assert_equal "$(fields .stdout)" found
}

@test "spec: cwd" {
    mkdir one two
    one '{"command":["pwd"],"cwd":"one"}' --cwd two
    assert_equal "$(fields .stdout)" "$PWD/one"
    one '{"command":["pwd"]}' --cwd two
    assert_equal "$(fields .stdout)" "$PWD/two"
    one '{"command":["pwd"],"cwd":"nosuch"}'
    assert_equal "$(fields '[.state, .error.type] | @json')" '["failed","SpawnError"]'
    assert_match "$(fields .error.message)" 'nosuch.*ENOENT'
}

@test "spec: timeout" {
    local timeout
    for timeout in '"100ms"' 0.1 '"0.1s"'; do
        one "{\"command\":[\"sleep\",\"60\"],\"timeout\":$timeout}"
        assert_equal "$(fields '[.state, .error.type, .exit_code, .signal, .error.message] | @json')" '["timed_out","Timeout",null,15,"no end within 100ms"]'
        assert_equal "$(fields '.wall_s >= 0.1 and .wall_s < 10')" true
    done
    one '{"command":["sleep","0.2"],"timeout":"none"}' --timeout 50ms
    assert_equal "$(fields .state)" succeeded
    one '{"command":["sleep","0.2"],"timeout":0}' --timeout 50ms
    assert_equal "$(fields .state)" succeeded
    one '{"command":["sleep","60"]}' --timeout 50ms
    assert_equal "$(fields .state)" timed_out
}

@test "spec: kill_after" {
    local stubborn='"shell":"trap \"\" TERM; echo on; while :; do sleep 0.05; done","timeout":"200ms"'
    one "{$stubborn,\"kill_after\":\"100ms\"}"
    assert_equal "$(fields '[.state, .signal] | @json')" '["timed_out",9]'
    one "{$stubborn}" --kill-after 100ms
    assert_equal "$(fields .signal)" 9
    # One that needs its time after TERM has it.
    one '{"shell":"trap \"sleep 0.2; echo bye; exit 3\" TERM; while :; do sleep 0.05; done","timeout":"200ms","kill_after":"1m"}' --kill-after 1ms
    assert_equal "$(fields '[.state, .exit_code, .stdout] | @json')" '["timed_out",3,"bye\n"]'
}

@test "spec: retries and retry_delay" {
    local task='"shell":"echo x >> tries; test $(wc -l < tries) -ge 3"'
    one "{$task,\"retries\":5}"
    assert_equal "$(fields '[.state, .attempt] | @json')" '["succeeded",3]'
    rm tries
    one "{$task,\"retries\":1}" --retries 5
    assert_equal "$(fields '[.state, .attempt] | @json')" '["failed",2]'
    rm tries
    one "{$task}" --retries 5
    assert_equal "$(fields .attempt)" 3
    one '{"command":["false"],"retries":2,"retry_delay":"100ms"}' --events
    assert_equal "$(jq -rs '[.[] | select(.event == "started") | .time[17:26] | tonumber] |
        [.[1] - .[0], .[2] - .[1]] | map(if . < 0 then . + 60 else . end | . >= 0.1) | all' <<< "$output")" true
    assert_equal "$(jq -r 'select(.event != null) | .event' <<< "$output" | tr '\n' ' ')" \
        'submitted started retry ready started retry ready started failed '
}

@test "spec: priority orders what waits, with --queue priority" {
    {
        echo '{"name":"first","command":["cat","gate"],"priority":-9}'
        for p in 5 -1 0 5 -1; do echo "{\"name\":\"$p\",\"command\":[\"true\"],\"priority\":$p}"; done
        echo '{"name":"none","command":["true"]}'
    } > specs
    make_gates gate
    jobpool run -j1 --queue priority specs > results &
    open_gate gate
    wait $!
    assert_equal "$(fields_of results '"\(.name)/\(.seq)"' | tr '\n' ' ')" 'first/1 -1/3 -1/6 0/4 none/7 5/2 5/5 '
}

@test "spec: cost and tags are taken, and change nothing" {
    one '{"command":["echo","a"],"cost":2.5,"tags":["x","y"]}'
    assert_equal "$(fields .stdout)" a
    run -123 jobpool run < <(printf '%s\n' '{"command":["true"],"cost":-1}' '{"command":["true"],"tags":"x"}')
    assert_equal "$(jq -r .key <<< "$output" | tr '\n' ' ')" 'cost tags '
}

@test "spec: callback and error_callback, in place of the options" {
    printf '%s\n' '{"id":"a","command":["true"],"callback":"echo own $JOBPOOL_ID"}' '{"id":"b","command":["true"]}' \
        '{"id":"c","command":["false"],"error_callback":"echo own error $JOBPOOL_ID"}' '{"id":"d","command":["false"]}' > specs
    run --separate-stderr -123 jobpool run -j1 -o none --callback 'echo all $JOBPOOL_ID' --error-callback 'echo error $JOBPOOL_ID' specs
    assert_equal "$stderr" $'own a\nall b\nown error c\nerror d'
}

@test "spec: slots: a task may take several" {
    converse -j3 <<'END'
gate("g"), gate("h")
say({"id": "two", "command": ["cat", "g"], "slots": 2})
say({"id": "one", "command": ["cat", "h"]})
say({"id": "more", "command": ["true"]})
open_gate("h")
# As soon as the third slot is free the last one runs in it.
assert result("one")["slot"] == result("more")["slot"]
open_gate("g")
result("two")
END
    rm g h
    converse -j2 <<'END'
gate("g")
say({"id": "all", "command": ["cat", "g"], "slots": 100})
say({"id": "next", "command": ["true"]})
while not ask("status")["running"]:
    pass
assert ask("status", id="next")["state"] == "ready"
open_gate("g")
assert next_line()["id"] == "all"
assert next_line()["id"] == "next"
END
}

@test "spec: nice" {
    local own
    own=$(nice)
    one '{"command":["nice"],"nice":3}'
    assert_equal "$(fields '.stdout | tonumber')" $((own + 3 > 19 ? 19 : own + 3))
    one '{"command":["nice"]}' --nice 2
    assert_equal "$(fields '.stdout | tonumber')" $((own + 2 > 19 ? 19 : own + 2))
    # Its own goes before the option's.
    one '{"command":["nice"],"nice":0}' --nice 2
    assert_equal "$(fields '.stdout | tonumber')" "$own"
}

@test "spec: limits" {
    limit() { # KEY VALUE ULIMIT-OPTION WANTED
        one "{\"command\":[\"bash\",\"-c\",\"ulimit -$3\"],\"limits\":{\"$1\":$2}}"
        assert_equal "$1: $(fields .stdout)" "$1: $4"
    }
    limit nofile 50 n 50
    limit core 0 c 0
    limit fsize '"1M"' f 1024
    limit as '"8G"' v 8388608
    limit data '"4G"' d 4194304
    limit stack '"1M"' s 1024
    limit memlock 4096 l 4
    limit rss '"1G"' m 1048576
    limit nproc 200 u 200
    limit cpu '"1m"' t 60
    limit cpu 2 t 2
    one '{"command":["sh","-c","head -c 5000 /dev/zero > big"],"limits":{"fsize":1000}}'
    assert_equal "$(fields .state)" failed
    assert_equal "$(wc -c < big)" 1000
    run -123 jobpool run <<< '{"command":["true"],"limits":{"nosuch":1}}'
    assert_match "$output" nosuch
}

@test "spec: max_output: head and tail, and how much there was" {
    one '{"shell":"printf 1234567890; printf abc >&2","max_output":4}'
    assert_equal "$(fields '[.stdout, .stdout_bytes, .truncated, .stdout_omitted_at, .stderr, .stderr_omitted_at] | @json')" \
        '["1290",10,true,2,"abc",null]'
    one '{"shell":"printf 1234567890"}' --max-output 6
    assert_equal "$(fields .stdout)" 123890
    one '{"shell":"printf 1234567890","max_output":"1K"}' --max-output 6
    assert_equal "$(fields '[.stdout, .truncated] | @json')" '["1234567890",false]'
    one '{"shell":"printf 1234567890","max_output":0}' --max-output 6
    assert_equal "$(fields .truncated)" false
    # Cut at characters.
    one '{"shell":"printf äöüß","max_output":6}'
    assert_equal "$(fields '[.stdout, .stdout_omitted_at] | @json')" '["äß",2]'
}

@test "spec: daemon: takes no slot, is not waited for, ends after the others" {
    make_gates gate
    printf '%s\n' '{"id":"d","shell":"echo up > up; exec sleep 60","daemon":true}' \
        '{"id":"a","shell":"cat gate; echo $JOBPOOL_SLOT"}' > specs
    jobpool run -j1 --events specs > results &
    local pid=$!
    wait_file up
    open_gate gate
    wait $pid
    assert_equal "$(fields_of results '"\(.id) \(.state) \(.error.type) \(.slot)"' | tr '\n' ,)" 'a succeeded null 1,d cancelled Shutdown null,'
    # It may end before.
    one '{"command":["echo","early"],"daemon":true}'
    assert_match "$(fields .state)" 'succeeded|cancelled'
    run -0 jobpool run < <(printf '%s\n' '{"id":"d","command":["sleep","60"],"daemon":true}')
    assert_equal "$(fields .state)" cancelled
}

@test "spec: block" {
    # What it does is in protocol.bats; here that it is taken.
    one '{"command":["echo","a"],"block":false}'
    assert_equal "$(fields .stdout)" a
    run -123 jobpool run <<< '{"command":["true"],"block":1}'
    assert_equal "$(jq -r .key <<< "$output")" block
}

@test "spec: every key of the schema has a test here or in timers.bats" {
    jq -r '.properties | keys[]' "$ROOT/src/task/spec.schema.json" | grep -vE '^(op|req|over)$' > keys
    [ "$(wc -l < keys)" -gt 30 ]
    while read -r key; do
        grep -q "\"$key\\\\*\"" "$BATS_TEST_FILENAME" "$ROOT/tests/cli/timers.bats" "$ROOT/tests/cli/protocol.bats" ||
            grep -q "$key=" "$ROOT/tests/cli/protocol.bats" || grep -q "limit $key" "$BATS_TEST_FILENAME" || { echo "no test of $key"; return 1; }
    done < keys
}

# ---- options ----

@test "run: -j is how many run at once" {
    converse -j2 <<'END'
for name in "a", "b", "c":
    gate(name)
    say({"id": name, "command": ["cat", name]})
while ask("status")["counts"]["running"] != 2:
    pass
assert ask("status")["counts"]["ready"] == 1
open_gate("a"), open_gate("b"), open_gate("c")
END
}

@test "run: -k keeps the order of submission" {
    converse -j2 -k <<'END'
gate("a")
say({"id": "a", "command": ["cat", "a"]})
say({"id": "b", "command": ["true"]})
assert ask("wait", id="b")["done"] == ["b"]
open_gate("a")
assert next_line()["id"] == "a"
assert next_line()["id"] == "b"
END
}

@test "run: replies are written with -o jsonl only; elsewhere refusals go to stderr" {
    printf '%s\n' '{"id":"a","command":["echo","x"],"req":1}' '{"op":"status"}' '{"op":"cancel","id":"z"}' '{"op":"wait","id":"a"}' \
        '{"id":"a","command":["true"],"req":2}' nonsense '{"op":"close"}' '{"op":"join"}' > specs
    local form
    for form in json text none; do
        run --separate-stderr -123 jobpool run -o $form specs
        case $form in
        json) assert_equal "$(jq -c '[[.results[].id], .summary.bad_lines]' <<< "$output")" '[["a"],2]' ;;
        text) assert_equal "$output" x ;;
        none) assert_equal "$output" '' ;;
        esac
        assert_equal "$(cut -d ' ' -f 1-4 <<< "$stderr")" $'jobpool: line 3: UnknownId:\njobpool: line 5: DuplicateId:\njobpool: line 6: no'
    done
    run --separate-stderr -123 jobpool run specs
    assert_equal "$stderr" ''
    assert_equal "$(jq -s 'map(select(.type == "reply")) | length' <<< "$output")" 7
}

# Each NAME.jsonl in tests/data/request is a conversation, NAME.err what is said of its lines.
@test "run: a dry run takes and refuses the lines that a run does, with the same words" {
    local file
    for file in "$BATS_TEST_DIRNAME"/../data/request/*.jsonl; do
        local expected=123
        [[ $file != */questions.jsonl ]] || expected=0
        run "-$expected" --separate-stderr jobpool run -o none "$file"
        assert_equal "$stderr" "$(cat "${file%.jsonl}.err")"
        run "-$expected" --separate-stderr jobpool run --dry-run -o jsonl "$file"
        assert_equal "$stderr" "$(cat "${file%.jsonl}.err")"
        local shown=${#lines[@]}
        run "-$expected" jobpool run "$file"
        assert_equal "$(jq -s 'map(select(.type == "result")) | length' <<< "$output")" "$shown"
    done
}

# What has ended is forgotten in the same order; what has not started, repeats or is a daemon never is.
@test "run: a dry run knows as many ids as a run" {
    {
        printf '%s\n' '{"id":"d","command":["sleep","100"],"daemon":true}' '{"id":"l","command":["true"],"in":"1h"}'
        printf '%s\n' '{"id":"t","command":["true"],"every":"1h"}' '{"id":"a","command":["true"]}'
        printf '{"id":"x%d","command":["true"]}\n' {1..65536}
        printf '{"id":"%s","command":["true"]}\n' a x2 d l t t@5
    } > specs
    run -123 --separate-stderr jobpool run --dry-run -o none specs
    assert_equal "$(cut -d: -f1-3 <<< "$stderr")" "$(printf 'jobpool: line %d: DuplicateId\n' {65542..65546})"
    assert_equal "${#lines[@]}" 65541
}

@test "run: a dry run goes on behind a file that cannot be read" {
    echo '{"command":["echo","1"]}' > specs
    run -125 --separate-stderr jobpool run --dry-run specs /proc/self/mem specs
    assert_equal "$output" $'echo 1\necho 1'
    assert_match "$stderr" "EIO"
    run -125 --separate-stderr jobpool run -o text specs /proc/self/mem specs
    assert_equal "$output" $'1\n1'
}

@test "run: -o text, json, none; --tag, --report, --summary, --dry-run" {
    printf '%s\n' '{"id":"a","command":["echo","{}"],"args":["x"]}' '{"id":"b","shell":"echo out; echo err >&2; exit 3"}' > specs
    run --separate-stderr -123 jobpool run -k -o text specs
    assert_equal "$output" $'x\nout'
    assert_equal "$stderr" err
    run --separate-stderr -123 jobpool run -k --tag specs
    assert_equal "${lines[0]}" $'x\tx'
    run -123 jobpool run -k -o json --summary specs
    assert_equal "$(jq -c '[.results[].exit_code, .summary.failed]' <<< "$output")" '[0,3,1]'
    run -123 jobpool run -o none --report report specs
    assert_equal "$output" ''
    assert_equal "$(jq -rs 'sort_by(.seq) | map(.id) | join(",")' report)" a,b
    run -0 jobpool run --dry-run specs
    assert_equal "$output" $'echo x\necho out; echo err >&2; exit 3'
    jobpool run --dry-run -o jsonl specs > again
    run -123 jobpool run -k -o text again
    assert_equal "${lines[0]}" x
}

@test "-k and a daemon: it holds back no results" {
    local form line
    mkfifo in out
    for form in '-o jsonl' '-o text'; do
        # shellcheck disable=SC2086 # form is options
        "$JOBPOOL" run -k $form < in > out &
        local pid=$!
        exec 8> in 7< out
        echo '{"id":"d","shell":"echo daemon; exec sleep 1234.71","daemon":true}' >&8
        echo '{"id":"a","shell":"echo a"}' >&8
        read -r line <&7 # while the daemon runs
        assert_match "$line" '^a$|"id":"a"'
        alive 'sleep 1234.71'
        echo '{"id":"b","shell":"echo b"}' >&8
        read -r line <&7
        assert_match "$line" '^b$|"id":"b"'
        exec 8>&-
        read -r line <&7
        assert_match "$line" '^daemon$|"id":"d"'
        wait "$pid"
        exec 7<&-
    done
}
