#!/usr/bin/env bats
# When tasks start: --in, --at, --every, --times, --until and --timezone, as options and in specs. The times are short, and
# only what may not be earlier is measured: a slow machine makes everything later.
# Scripts in single quotes are for another shell.
# shellcheck disable=SC2016
load common
load functional

# Defines for jq: the seconds of a time within its day.
jq_seconds='def seconds: .[11:26] | split(":") | (.[0] | tonumber) * 3600 + (.[1] | tonumber) * 60 + (.[2] | tonumber);
    def since($earlier): seconds - ($earlier | seconds) | if . < -43200 then . + 86400 else . end;'

# A moment so many milliseconds from now, RFC 3339.
moment() { # MILLISECONDS
    date -u -d "@$(($(date +%s%3N) + $1))e-3" +%FT%T.%3NZ 2> /dev/null ||
        python3 -c 'import sys, datetime as d; print((d.datetime.utcnow() + d.timedelta(milliseconds=int(sys.argv[1]))).isoformat() + "Z")' "$1"
}

# How long after their submission the tasks of the last `run` started, at least, in seconds.
started_after() {
    jq -rs "$jq_seconds"' [.[] | select(.type == "result") | . as $r | .started | since($r.submitted)] | min' <<< "$output"
}

at_least() { # NUMBER BOUND
    jq -en "$1 >= $2" > /dev/null || { echo "$1 is below $2"; return 1; }
}

# ---- once ----

@test "--in: starts after that time, on apply, map and in a spec" {
    run -0 jobpool apply --in 150ms true
    at_least "$(started_after)" 0.15
    run -0 jobpool map --in 0.15 true ::: a b
    at_least "$(started_after)" 0.15
    assert_equal "${#lines[@]}" 2
    run -0 jobpool run < <(printf '%s\n' '{"command":["true"],"in":"150ms"}' '{"command":["true"],"in":0.15}')
    at_least "$(started_after)" 0.15
}

# How long after the first submission the last task started, in seconds.
last_start() {
    jq -rs "$jq_seconds"' [.[] | select(.type == "result")] | (map(.submitted) | min) as $s | map(.started | since($s)) | max' <<< "$output"
}

@test "--in: all items of a map start that much after its beginning, however short the queue" {
    run -0 jobpool map --in 300ms --max-queue 1 true ::: 1 2 3 4 5 6 7 8
    at_least "$(last_start)" 0.3
    at_least 2.3 "$(last_start)"
    run -0 jobpool run --max-queue 1 <<< '{"op":"map","command":["true"],"over":[1,2,3,4,5,6,7,8],"in":"300ms"}'
    at_least "$(last_start)" 0.3
    at_least 2.3 "$(last_start)"
}

@test "--in: others go first, and its slot is free until then" {
    run -0 jobpool run -j1 < <(printf '%s\n' '{"id":"later","command":["true"],"in":"200ms"}' '{"id":"now","command":["true"]}')
    assert_equal "$(jq -r .id <<< "$output" | tr '\n' ' ')" 'now later '
}

@test "--in: the events" {
    run -0 jobpool apply --in 20ms --events true
    assert_equal "$(jq -r '.event // .type' <<< "$output" | tr '\n' ' ')" 'submitted ready started succeeded result '
}

@test "--at: starts at that time" {
    local at
    at=$(moment 300)
    run -0 jobpool apply --at "$at" true
    assert_equal "$(jq --arg at "${at%Z}000Z" '.started >= $at' <<< "$output")" true
    at=$(moment 300)
    run -0 jobpool map --at "$at" true ::: a
    assert_equal "$(jq --arg at "${at%Z}000Z" '.started >= $at' <<< "$output")" true
    at=$(moment 300)
    run -0 jobpool run <<< "{\"command\":[\"true\"],\"at\":\"$at\"}"
    assert_equal "$(jq --arg at "${at%Z}000Z" '.started >= $at' <<< "$output")" true
}

@test "--at goes by the clock, whichever way it is set meanwhile" {
    cc -shared -fPIC -O1 -o wall_clock.so "$ROOT/tests/lib/wall_clock.c"
    head -c 8 /dev/zero > ahead
    # The sanitizers want to be loaded first, but need not be.
    export ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0
    LD_PRELOAD=$PWD/wall_clock.so WALL_CLOCK=$PWD/ahead converse -j1 <<'END'
from datetime import datetime, timedelta, timezone
from struct import pack
def set_clock(seconds):
    with open("ahead", "r+b") as ahead:
        ahead.write(pack("=q", seconds))
now = datetime.now(timezone.utc)
times = {"soon": now + timedelta(seconds=1), "late": now + timedelta(hours=2), "tomorrow": now + timedelta(days=1)}
for task, at in times.items():
    submit(id=task, command=["true"], at=at.isoformat())
submit(id="night", command=["true"], every="1h", at=(now + timedelta(hours=5)).isoformat(),
       until=(now + timedelta(hours=9)).isoformat())
# An hour back: when the second is over the clock does not show its time.
set_clock(-3600)
submit(id="delay", command=["true"], **{"in": "1100ms"})
result("delay")
assert ask("wait", ids=list(times), timeout="300ms")["pending"] == list(times)
# Forward: it starts now, without anything else that happens. Then to a moment before the next.
set_clock(3600)
assert datetime.fromisoformat(result("soon")["started"]) >= times["soon"]
set_clock(7198)
assert datetime.fromisoformat(result("late")["started"]) >= times["late"]
# Over the start and the end of what repeats: it does not start.
set_clock(86400)
tasks = [result("tomorrow"), result("night@1")]
assert [(t["state"], t["attempt"]) for t in tasks] == [("succeeded", 1), ("cancelled", 0)], tasks
assert tasks[1]["error"] == {"type": "Timeout", "message": "until was over before it could start"}
assert end() == 123
END
}

@test "--at: what is over starts at once" {
    local at
    for at in 2001-01-01T00:00:00Z '2001-01-01 00:00' '2001-01-01 00:00:59' 2001-01-01T00:00:00+05:30; do
        run -0 jobpool apply --timeout 20s --at "$at" true
        run -0 jobpool run <<< "{\"command\":[\"true\"],\"at\":\"$at\"}"
    done
}

@test "--at: local times are those of --timezone, or of TZ" {
    # A zone 14 hours ahead of UTC, where it is later already: what is soon there was long ago here.
    local soon
    soon=$(TZ=Pacific/Kiritimati date -d '+2 seconds' '+%F %T')
    run -0 jobpool apply --deadline 1m --at "$soon" --timezone Pacific/Kiritimati true
    assert_equal "$(jq --arg at "$(TZ=Pacific/Kiritimati date -u -d "TZ=\"Pacific/Kiritimati\" $soon" +%FT%T.000000Z)" '.started >= $at' <<< "$output")" true
    # Read in UTC the same digits are half a day away: the deadline comes first.
    run -125 jobpool apply --deadline 100ms --at "$soon" --timezone UTC true
    assert_equal "$(fields '[.state, .error.type] | @json')" '["cancelled","Timeout"]'
    soon=$(TZ=Pacific/Pago_Pago date '+%F %T')
    run -0 jobpool run <<< "{\"command\":[\"true\"],\"at\":\"$soon\",\"timezone\":\"Pacific/Pago_Pago\"}"
    TZ=Pacific/Pago_Pago run -0 jobpool apply --at "$soon" true
}

@test "--at HH:MM is the next time the clock shows it" {
    # The next minute is at most one away; the one before it is nearly a day away.
    run -125 jobpool apply --deadline 50ms --at "$(date -d '-1 minute' +%H:%M)" true
    assert_equal "$(fields .state)" cancelled
}

# ---- again and again ----

@test "--every with --times: each start is a task of its own" {
    run -0 jobpool apply --every 30ms --times 3 -- sh -c 'echo $JOBPOOL_ID'
    assert_equal "$(fields '[.id, .seq, .stdout] | @json' | tr '\n' ' ')" '["1@1",1,"1@1\n"] ["1@2",2,"1@2\n"] ["1@3",3,"1@3\n"] '
    # None is too early.
    at_least "$(jq -s "$jq_seconds"' . as $r | $r[2].started | since($r[0].started)' <<< "$output")" 0.055
}

@test "--every: map repeats each item by itself, specs too, and a map in a conversation" {
    run -0 jobpool map -j2 --every 20ms --times 2 echo ::: a b
    assert_equal "$(jq -r '"\(.id) \(.args[0])"' <<< "$output" | sort | tr '\n' ,)" '1@1 a,1@2 a,2@1 b,2@2 b,'
    run -0 jobpool run <<< '{"id":"t","command":["true"],"every":"20ms","times":3}'
    assert_equal "$(fields .id | tr '\n' ' ')" 't@1 t@2 t@3 '
    run -0 jobpool run <<< '{"op":"map","id":"m","command":["echo"],"over":["x","y"],"every":0.02,"times":2}'
    assert_equal "$(fields .id | sort | tr '\n' ' ')" 'm.1@1 m.1@2 m.2@1 m.2@2 '
}

@test "--every counts from the first start, and --in and --at say when that is" {
    run -0 jobpool apply --in 100ms --every 30ms --times 2 true
    output=${lines[0]}
    at_least "$(started_after)" 0.1
    local at
    at=$(moment 200)
    run -0 jobpool run <<< "{\"command\":[\"true\"],\"at\":\"$at\",\"every\":\"10ms\",\"times\":2}"
    assert_equal "$(jq --arg at "${at%Z}000Z" '.started >= $at' <<< "$output" | tr '\n' ' ')" 'true true '
}

@test "--every: a start that is due while the one before runs is skipped, and counted" {
    converse -j1 <<'END'
gate("g")
say({"id": "t", "shell": "test $JOBPOOL_ID != t@1 || cat g", "every": "40ms", "times": 3})
while ask("status")["counts"]["running"] != 1:
    pass
assert ask("wait", id="t@1", timeout="150ms")["pending"] == ["t@1"]
open_gate("g")
first, second, third = result("t@1"), result("t@2"), result("t@3")
assert "missed" not in first, first
assert second["missed"] >= 3, second
assert "missed" not in third or third["missed"] >= 1
END
}

@test "--until ends it, and starts nothing afterwards" {
    local until
    until=$(moment 300)
    run -0 jobpool apply --every 40ms --until "$until" true
    [ "${#lines[@]}" -ge 1 ] && [ "${#lines[@]}" -le 9 ]
    until=$(moment 300)
    run -0 jobpool run <<< "{\"command\":[\"true\"],\"every\":\"40ms\",\"until\":\"$until\"}"
    [ "${#lines[@]}" -ge 1 ] && [ "${#lines[@]}" -le 9 ]
    # Whichever is first.
    run -0 jobpool apply --every 10ms --until "$(moment 60000)" --times 2 true
    assert_equal "${#lines[@]}" 2
}

@test "--until that is over at the first start is refused" {
    local until refused="is not later than the first start; give a later time"
    run -2 jobpool apply --every 200ms --until '2020-01-01 00:00' touch ran
    assert_equal "$output" "jobpool: --until: '2020-01-01 00:00' $refused"
    until=$(moment 5000)
    for start in --in=6 "--at=$until"; do
        run -2 jobpool map --every 200ms --until "$until" "$start" touch ::: ran
        assert_equal "$output" "jobpool: --until: '$until' $refused"
    done
    for times in '"until":"2020-01-01 00:00"' "\"until\":\"$until\",\"in\":\"6s\"" "\"until\":\"$until\",\"at\":\"$until\""; do
        run -123 jobpool run <<< "{\"shell\":\"touch ran\",\"every\":1,$times}"
        assert_equal "$(jq -r '[.type, .key, .message] | @json' <<< "$output")" '["error","until","key \"until\": '"$refused"'"]'
        run -123 jobpool run <<< "{\"op\":\"map\",\"command\":[\"touch\"],\"over\":[\"ran\"],\"every\":1,$times}"
        assert_equal "$(jq -r '.error.message' <<< "$output")" "key \"until\": $refused"
    done
    [ ! -e ran ]
}

@test "--every goes on after the end of the input, until --deadline" {
    run -123 jobpool apply --every 30ms --deadline 250ms --summary true
    assert_equal "$(jq -r 'select(.type == "summary") | .succeeded >= 1' <<< "$output")" true
    assert_equal "$(jq -rs '[.[] | select(.type == "result" and .state == "succeeded")] | map(.id) | . == [range(1; length + 1) | "1@\(.)"]' <<< "$output")" true
}

@test "--every goes on until a signal" {
    "$JOBPOOL" map --every 20ms 'echo {}; echo x >> ran' ::: a > results &
    local pid=$! ended=0
    wait_file ran
    kill -TERM $pid
    wait $pid || ended=$?
    assert_equal "$ended" 143
    assert_equal "$(jq -r .id results | sort -u | wc -l)" "$(wc -l < results)"
}

@test "--every: apply has the statuses of many tasks" {
    run -123 jobpool apply --every 10ms --times 2 -- sh -c 'exit 7'
    assert_equal "$(fields .exit_code | tr '\n' ' ')" '7 7 '
    run -7 jobpool apply --in 10ms -- sh -c 'exit 7'
    run -127 jobpool apply --every 10ms --times 2 -- no-such-program-at-all
}

@test "a repeated task: cancel, wait and status know its id" {
    converse -j1 <<'END'
say({"id": "t", "command": ["true"], "every": "20ms", "times": 2})
assert ask("wait", id="t")["done"] == ["t"]
assert {next_line()["id"], next_line()["id"]} == {"t@1", "t@2"}
say({"id": "u", "command": ["true"], "every": "1h"})
result("u@1")
assert ask("status", id="u")["state"] == "scheduled"
assert ask("cancel", id="u")["cancelled"] is True
assert ask("wait", id="u")["pending"] == []
u = result("u@2")
assert (u["state"], u["attempt"]) == ("cancelled", 0), u
assert end() == 123 and rest() == []
END
}

@test "timers that contradict each other in a spec" {
    for spec in '"in":1,"at":"12:00"' '"times":2' '"until":"12:00"' '"every":0' '"every":"none"' '"every":1,"times":0' \
        '"at":"25:00"' '"timezone":"Nowhere/City","at":"12:00"' '"at":"2030-03-31 02:30","timezone":"Europe/Berlin"'; do
        run -123 jobpool run <<< "{\"command\":[\"true\"],$spec}"
        assert_equal "$(jq -r .type <<< "$output")" error
    done
}

@test "--retry-delay and --delay are no timers of the task: the queue goes on meanwhile" {
    run -123 jobpool run -j1 < <(printf '%s\n' '{"id":"a","command":["false"],"retries":1,"retry_delay":"150ms"}' '{"id":"b","command":["true"]}')
    assert_equal "$(jq -r .id <<< "$output" | tr '\n' ' ')" 'b a '
}
