#!/usr/bin/env bats
# Faults 27 to 36: the integrity of output.

load common
load faults
load limits

@test "fault 27: stdout is a full device" {
    local form size
    for form in '-o jsonl' '-o json' '-o text' '-o text -k' '--tag'; do
        for size in 1 100000; do
            status=0
            # shellcheck disable=SC2086 # form is options
            jobpool map $form "head -c $size /dev/zero; : {}" ::: a b > /dev/full 2> complaints || status=$?
            assert_status 125
            assert_equal "$(< complaints)" 'jobpool: stdout: write: No space left on device (ENOSPC)'
        done
    done
    status=0
    jobpool apply -o text -- echo a > /dev/full 2> complaints || status=$?
    assert_status 125
    grep -q 'stdout.*ENOSPC' complaints
    # A conversation: the reply to an op fails already.
    status=0
    printf '%s\n' '{"op":"status"}' '{"command":["touch","ran"]}' | jobpool run > /dev/full 2> complaints || status=$?
    assert_status 125
    grep -q 'stdout.*ENOSPC' complaints
    assert_equal "$(ls -A)" complaints
    # What is neither a result nor a task's output.
    for form in 'map --dry-run echo ::: a' 'map --summary -o none true ::: a' 'map --help' 'version'; do
        status=0
        # shellcheck disable=SC2086 # form is words
        jobpool $form > /dev/full 2> complaints || status=$?
        assert_status 125
        grep -q 'stdout.*ENOSPC' complaints
    done
}

@test "fault 27: stderr is a full device" {
    status=0
    jobpool map -o text 'echo {}; echo {} >&2' ::: a > out 2> /dev/full || status=$?
    assert_status 125
    assert_equal "$(< out)" a
}

# Reads a line, goes away, and says how many tasks had begun by then.
read_one_line() {
    read -r
    exec 0<&-
    mapfile -t < ledger
    echo "${#MAPFILE[@]}" > before
}

@test "fault 28: the reader goes away" {
    local form statuses
    for form in '-o jsonl' '-o text' '-o text -k' '--tag' '-k'; do
        : > ledger
        # shellcheck disable=SC2086 # form is options
        seq 10000 | jobpool map -j4 $form 'echo {} >> ledger; echo {}' 2> complaints | read_one_line
        statuses=("${PIPESTATUS[@]}")
        assert_equal "${statuses[1]}" 141
        assert_equal "$(< complaints)" ''
        at_most 'starts behind the end of the reader' $(($(wc -l < ledger) - $(< before))) 100 tasks
        none_marked
    done
    seq 10000 | jobpool map -o text 'echo {}' 2> complaints | head -1 > first
    statuses=("${PIPESTATUS[@]}")
    assert_equal "${statuses[1]}" 141
    assert_equal "$(< complaints)$(wc -l < first)" 1
}

@test "fault 28: the reader goes away while nothing is written" {
    mkfifo pipe
    begin sh -c 'exec "$@" > pipe' sh "$JOBPOOL" map 'echo > running; exec sleep {}' ::: 1028.5
    exec 9< pipe
    wait_file running
    exec 9<&-
    ends 'signal 13'
    none_marked
    assert_equal "$(< complaints)" ''
}

report_on_full() { # ARGUMENTS…
    mount -t tmpfs -o size=64k none full || return 99
    "$JOBPOOL" map -j1 --report full/report "$@"
    local status=$?
    cp full/report kept
    return "$status"
}

@test "fault 29: the report's file system is full" {
    need_mounts
    local append
    for append in '' --append; do
        # Three lines fit, the fourth is too long.
        status=0
        # shellcheck disable=SC2086 # append is an option or nothing
        with_mounts report_on_full $append 'head -c {} /dev/zero | tr "\0" x' ::: 10 20 20000 200000 30 || status=$?
        assert_status 125
        assert_equal "$(< complaints)" 'jobpool: report full/report: write: No space left on device (ENOSPC)'
        assert_equal "$(jq -s -c 'map(.stdout | length)' out)" '[10,20,20000,200000,30]'
        assert_equal "$(jq -s -c 'map(.stdout | length)' kept)" '[10,20,20000]'
        assert_equal "$(tail -c 1 kept | od -An -c | tr -d ' ')" '\n'
        # Many small ones.
        status=0
        seq 500 > items
        # shellcheck disable=SC2086 # append is an option or nothing
        with_mounts report_on_full $append -a items echo || status=$?
        assert_status 125
        assert_equal "$(jq .seq out)" "$(seq 500)"
        assert_equal "$(jq .seq kept)" "$(seq "$(wc -l < kept)")"
        [ "$(wc -l < kept)" -gt 50 ]
    done
}

spill_on_full() { # ARGUMENTS…
    mount -t tmpfs -o size=64k none full || return 99
    export TMPDIR=$PWD/full
    "$JOBPOOL" map -j1 "$@"
}

@test "fault 30: the temporary directory's file system is full" {
    need_mounts
    local form
    for form in '-o jsonl' '-o json' '-o text' '-o text -k' '--tag' '-o none'; do
        status=0
        # shellcheck disable=SC2086 # form is options
        with_mounts spill_on_full $form --report report 'head -c {} /dev/zero || true' ::: 10 200000 20 || status=$?
        assert_status 125
        grep -q ENOSPC complaints || grep -q ENOSPC report
        assert_equal "$(jq -c '[.args[0], .state, .error.type]' report)" \
            $'["10","succeeded",null]\n["200000","failed","OutputError"]\n["20","succeeded",null]'
    done
    # Nothing is spilled, nothing fails.
    with_mounts spill_on_full 'head -c {} /dev/zero' ::: 10 60000
}

# What the report holds is results and nothing else.
report_is_pure() { # COUNT
    assert_equal "$(jq -r .type report | sort | uniq -c | tr -s ' ')" " $1 result"
}

@test "fault 31: started with closed descriptors" {
    local noise='echo out; echo err >&2; echo in <&0; : {}'
    # What is needed is missing: nothing is started.
    status=0
    jobpool map touch ::: ran 2> complaints >&- || status=$?
    assert_status 125
    grep -q 'stdout is closed' complaints
    [ ! -e ran ]
    status=0
    jobpool map touch ::: ran >&- 2>&- || status=$?
    assert_status 125
    [ ! -e ran ]

    # What is not needed may be missing; the numbers 0 to 2 go to no file of jobpool's.
    jobpool map -j1 -o none --report report "$noise" ::: a b <&- >&- 2>&-
    report_is_pure 2
    assert_equal "$(jq -s -c 'map([.stdout, .stderr])[1]' report)" '["out\nin\n","err\n"]'
    jobpool map -j1 --report report "$noise" ::: a b > out 2>&- <&-
    report_is_pure 2
    assert_equal "$(jq -S . out)" "$(jq -S . report)"
    rm report
    jobpool map -j1 -o none --report report --append "$noise" ::: a b >&- 2>&-
    report_is_pure 2

    # The tasks' own stderr counts as output with -o text, and only there is it lost.
    status=0
    jobpool map -j1 -o text --report report "$noise" ::: a > out 2>&- || status=$?
    assert_status 125
    report_is_pure 1
    assert_equal "$(< out)" $'out\nin'
    jobpool map -o text 'echo out; : {}' ::: a > out 2>&-
    assert_equal "$(< out)" out

    # A task has its three descriptors whatever jobpool lacks.
    jobpool map -o text 'ls /proc/self/fd; : {}' ::: a > out <&- 2>&-
    assert_equal "$(tr '\n' ' ' < out)" '0 1 2 3 ' # 3 is ls itself
}

# A stream of blocks of 64 KiB, each unlike all others; or, with --check, is stdin the streams of those names, one behind
# the other in any order?
blocks() { # COUNT NAME | --check COUNT NAME…
    python3 -c '
import sys

SIZE = 65536

def block(name, i):
    head = b"%s %08d " % (name.encode(), i)
    return (head * (SIZE // len(head) + 1))[:SIZE]

def check(count, names):
    names = set(names)
    while names:
        first = sys.stdin.buffer.read(SIZE)
        name = first.split(b" ")[0].decode()
        names.remove(name)
        if first != block(name, 0):
            sys.exit(f"{name}: block 0 is another")
        for i in range(1, count):
            if sys.stdin.buffer.read(SIZE) != block(name, i):
                sys.exit(f"{name}: block {i} is another")
    if sys.stdin.buffer.read(1):
        sys.exit("more than was written")

if sys.argv[1] == "--check":
    check(int(sys.argv[2]), sys.argv[3:])
else:
    for i in range(int(sys.argv[1])):
        sys.stdout.buffer.write(block(sys.argv[2], i))' "$@"
}

@test "fault 32: two large streams at the same time" {
    # Both write until the other one has begun, so they do run at the same time.
    declare -f blocks > blocks.bash
    # shellcheck disable=SC2016 # the task expands it
    peak "$JOBPOOL" map -j2 -o text --shell-path /bin/bash \
        '. ./blocks.bash; : > begun.{}; until [ -e begun.A ] && [ -e begun.B ]; do read -rt 0.01 <> <(:); done; blocks 3200 {}' \
        ::: A B | blocks --check 3200 A B
    assert_equal "${PIPESTATUS[*]}" '0 0'
    memory_at_most 64
}

zeros_on_disk() { # SIZE_MIB FORM BYTES
    mount -t tmpfs -o "size=$1m" none full || return 99
    export TMPDIR=$PWD/full
    # shellcheck source=limits.bash
    . ./peak.bash
    peak "$JOBPOOL" map -o "$2" 'head -c {} /dev/zero' ::: "$3"
}

@test "fault 33: far more output than a result holds" {
    need_mounts
    local bytes=$((5 << 30))
    if [ -z "${JOBPOOL_STRESS:-}" ]; then
        bytes=$((bytes / 20))
    fi
    echo "# $bytes bytes" >&3
    # The disk has room for the cap of 16 MiB, in blocks of 1 MiB of which the first and the last of either half may be
    # hardly used; and for the line that is made of it, in which a zero takes six bytes, before its first byte is written.
    declare -f peak > peak.bash
    with_mounts zeros_on_disk $((20 + 6 * 16 + 1)) jsonl "$bytes"
    assert_equal "$(jq -c '[.state, .truncated, .stdout_bytes, (.stdout | length), .stdout_omitted_at]' out)" \
        "[\"succeeded\",true,$bytes,$((16 << 20)),$((8 << 20))]"
    memory_at_most 64
    with_mounts zeros_on_disk 20 none "$bytes"
    memory_at_most 64
}

@test "fault 28: the reader of messages goes away, and there are none" {
    mkfifo gone
    jobpool map -o none 'cat gone; : {}' ::: a 2> >(exit) 3>&- &
    local pid=$!
    echo > gone
    wait "$pid"
}

@test "fault 33: the same beside text, in a report that is appended to, and for a callback" {
    local bytes=100000000 way
    for way in '-o text' '-o none'; do
        # shellcheck disable=SC2086 # two words
        peak "$JOBPOOL" apply $way --report report --append --callback 'wc -c >&2' "head -c $bytes /dev/zero; : text" \
            2> heard | wc -c > shown
        memory_at_most 64
        [ "$way" = '-o none' ] || assert_equal "$(< shown)" "$bytes"
        assert_equal "$(tail -n 1 report | jq -c '[.truncated, .stdout_bytes, (.stdout | length), .stdout_omitted_at]')" \
            "[true,$bytes,$((16 << 20)),$((8 << 20))]"
        assert_equal "$(< heard)" "$(tail -n 1 report | wc -c)"
    done
}

@test "fault 31: a report into a FIFO that nobody reads" {
    mkfifo pipe
    run -125 jobpool map -o none --report pipe 'echo > ran; : {}' ::: a
    assert_equal "$output" 'jobpool: report pipe: nobody reads this FIFO; start its reader first'
    [ ! -e ran ]
    cat pipe > heard 3>&- &
    wait_until jobpool map -o none --report pipe true ::: a 2> /dev/null
    wait "$!"
    assert_equal "$(jq -r .state heard)" succeeded
}

@test "fault 29: the reader of the report is slow, or goes away" {
    mkfifo pipe
    local i
    for ((i = 0; i < 300; i++)); do printf '%08000d\n' "$i"; done > values
    # It has a reader who does not read: no more starts after a while, and a second signal is heard.
    exec 7<> pipe
    "$JOBPOOL" map -j2 -a values --report pipe 'echo {} >> ledger' > out &
    local pid=$!
    wait_file ledger
    wait_quiet "$pid"
    [ "$(wc -l < ledger)" -lt 250 ]
    kill -TERM "$pid"
    wait_until grep -q '"state":"cancelled"' out
    kill -TERM "$pid"
    status=0
    wait "$pid" || status=$?
    assert_status 143
    exec 7<&-
    # It reads late, and gets all of it.
    rm out
    (wait_file out; cat) < pipe > heard 3>&- &
    local reader=$!
    jobpool map -j2 -a values --report pipe true > out
    wait "$reader"
    assert_equal "$(jq -r '.seq' heard | sort -n | tail -n 1)" 300
    cmp <(sort out) <(sort heard)
    # It goes away: the other results are complete.
    head -n 1 < pipe > heard 3>&- &
    status=0
    jobpool map -j2 -a values --report pipe true > out 2> complaints || status=$?
    assert_status 125
    assert_equal "$(wc -l < out)" 300
    assert_equal "$(< complaints)" 'jobpool: report pipe: write: Broken pipe (EPIPE)'
}

@test "fault 35: a line that somebody left unfinished stays by itself" {
    printf partial > report
    jobpool map -j1 -o none --report report --append true ::: a b
    assert_equal "$(head -n 1 report)" partial
    assert_equal "$(tail -n +2 report | jq -r '.args[0]')" $'a\nb'
}

@test "fault 34: bytes that are no text, and text that is cut" {
    python3 - << 'PYTHON'
values = {
    "mixed": b"\xff\x00\xc0\"\\\n",
    "surrogate": b"\xed\xa0\x80",
    "overlong": b"\xc0\x80",
    "too_high": b"\xf4\x90\x80\x80",
    "cut_at_the_end": "😀".encode()[:3],
    "controls": bytes(range(32)) + b"\x7f\"\\/",
    "none": b"",
}
for size in (65535, 65536, 131071, 131072):
    for back in range(4):
        values[f"emoji_{size}_{back}"] = b"a" * (size - back) + "😀€é".encode() + b"z" * 70000
values["bad_behind"] = b"a" * 200000 + b"\xff"
for name, value in values.items():
    with open(name + ".bytes", "wb") as file:
        file.write(value)
PYTHON
    ls -- *.bytes > items
    jobpool map 'cat {}; cat {} >&2' < items > out
    jq -e . out > parsed
    python3 - << 'PYTHON'
import base64
import json

names = set(open("items", encoding="ascii").read().split())
for line in open("out", encoding="utf-8"):
    result = json.loads(line)
    names.remove(result["args"][0])
    wanted = open(result["args"][0], "rb").read()
    for key in ("stdout", "stderr"):
        text = result[key]
        try:
            wanted.decode()
            assert text is not None and key + "_base64" not in result, result["args"]
            got = text.encode()
        except UnicodeDecodeError:
            assert text is None, result["args"]
            got = base64.b64decode(result[key + "_base64"], validate=True)
        assert got == wanted and result[key + "_bytes"] == len(wanted), result["args"]
assert not names, names
PYTHON
    # jq, which is not Python, sees the same.
    assert_equal "$(jq -r 'select(.args[0] == "mixed.bytes").stdout_base64' out)" "$(base64 mixed.bytes)"
    jq -j 'select(.args[0] == "emoji_65536_2.bytes").stdout' out | cmp - emoji_65536_2.bytes
    jq -j 'select(.args[0] == "controls.bytes").stdout' out | cmp - controls.bytes
}

@test "fault 35: four jobpools append to one report" {
    repeats 1000000
    local each=$((REPEATS / 4)) pids=() name
    for name in a b c d; do
        seq -f "$name%.0f" "$each" | jobpool map -j2 -o none --report all --append true 3>&- &
        pids+=("$!")
    done
    for pid in "${pids[@]}"; do
        wait "$pid"
    done
    # Every line is a result, each of another task, and none is missing.
    python3 - "$each" << 'PYTHON'
import json
import sys

seen = set()
with open("all", "rb") as file:
    for line in file:
        assert line.endswith(b"}\n"), line
        result = json.loads(line)
        assert result["type"] == "result" and result["state"] == "succeeded", line
        assert result["args"][0] not in seen, line
        seen.add(result["args"][0])
assert seen == {f"{name}{i}" for name in "abcd" for i in range(1, int(sys.argv[1]) + 1)}, len(seen)
PYTHON
}

@test "fault 36: a task that closes its output runs on" {
    # It ends when the test says so. Its pipes are at their end by then, and it counts as running.
    mkfifo gate
    talk
    tell '{"id":"a","shell":"exec >&- 2>&-; echo > ready; read line < gate; exit 3"}'
    wait_file ready
    for i in 1 2 3; do
        tell "{\"op\":\"status\",\"req\":$i}"
        hear "\"req\":$i"
        assert_equal "$(jq -c '[.counts.running, .running[0].id]' <<< "$HEARD")" '[1,"a"]'
    done
    echo > gate
    hear '"type":"result"'
    assert_equal "$(jq -c '[.state, .exit_code, .stdout, .leaked]' <<< "$HEARD")" '["failed",3,"",false]'
    hang_up
    assert_status 123
    # And with nobody to say so.
    run -3 jobpool apply -- sh -c 'exec >&- 2>&-; sleep 1.1036; exit 3'
    assert_equal "$(jq -c '[.exit_code, .wall_s >= 1.1]' <<< "$output")" '[3,true]'
}
