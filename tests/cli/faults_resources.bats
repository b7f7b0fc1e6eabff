#!/usr/bin/env bats
# Faults 37 to 43: too few descriptors, processes, bytes.

load common
load faults
load limits

@test "fault 37: 40 descriptors for 100 slots" {
    ulimit -n 40
    # Tasks that spill, a report, callbacks: everything that opens files.
    seq 30 | jobpool map -j100 --report report --callback 'cat > /dev/null' 'seq 20000; ulimit -n >&2; : {}' \
        > results 2> complaints || { cat complaints; return 1; }
    assert_equal "$(jq .seq results | sort -n)" "$(seq 30)"
    assert_equal "$(jq -r '"\(.state) \(.stdout_bytes) \(.stderr)"' results | grep . | sort -u)" 'succeeded 108894 40'
    assert_equal "$(wc -l < complaints) $(grep -c -- '-j 100' complaints)" '1 1'
    assert_equal "$(jq -S -s 'sort_by(.seq)' report)" "$(jq -S -s 'sort_by(.seq)' results)"
}

@test "fault 37: 40 descriptors, of which there may be more" {
    ulimit -Sn 40
    # Tasks that all run at the same time, with the limit that jobpool was given itself.
    : > ledger
    mkfifo gate
    exec 7<> gate
    seq 30 | "$JOBPOOL" map -j30 --stdin gate 'echo {} >> ledger; read line; ulimit -n; :' > results 2> complaints 3>&- &
    local pid=$!
    wait_until has_lines 30 '' ledger
    lines_for 30 >&7
    wait "$pid"
    assert_equal "$(jq -r '"\(.state) \(.stdout)"' results | grep . | sort | uniq -c | tr -s ' ')" ' 30 succeeded 40'
    assert_equal "$(< complaints)" ''
}

# As many empty lines, each of which lets one reader go.
lines_for() { # COUNT
    head -c "$1" /dev/zero | tr '\0' '\n'
}

@test "fault 38: 2,000 tasks at the same time" {
    [ "$(ulimit -Hn)" -ge 7000 ] || skip "at most $(ulimit -Hn) descriptors are allowed here"
    : > ledger
    mkfifo gate
    exec 7<> gate
    # shellcheck disable=SC2016 # the task expands it
    seq 2000 | "$JOBPOOL" map -j2000 --stdin gate 'echo {} >> ledger; read line; echo {}; echo {} {} >&2; exit $(({#} % 7))' \
        > results 3>&- &
    local pid=$! highest
    wait_until has_lines 2000 '' ledger
    highest=$(find "/proc/$pid/fd" -type l | sed 's|.*/||' | sort -n | tail -1)
    echo "# the highest descriptor is $highest" >&3
    [ "$highest" -gt 6000 ]
    lines_for 2000 >&7
    status=0
    wait "$pid" || status=$?
    assert_status 123
    assert_equal "$(jq .seq results | sort -n)" "$(seq 2000)"
    assert_equal "$(jq -c 'select((.args[0] == (.seq | tostring)) and .exit_code == .seq % 7 and
        .stdout == "\(.seq)\n" and .stderr == "\(.seq) \(.seq)\n" and .leaked == false | not)' results)" ''
}

# Chooses a user without processes, and finds out what jobpool itself needs with two slots: threads that start
# tasks, the first one, the guardian. False, with the reason, if there can be none.
another_user() {
    WHY_NOT='ThreadSanitizer has threads of its own'
    [ "${JOBPOOL_SANITIZE:-}" != thread ] || return 1
    WHY_NOT='only root can be another user'
    [ "$(id -u)" = 0 ] || return 1
    need setpriv
    OTHER=$((61000 + BASHPID % 4000))
    # Both threads are there when two tasks have met.
    mkfifo meeting
    # shellcheck disable=SC2016 # the task expands it
    OWN_PROCESSES=$((1 + $(jobpool map -j2 -o text ::: \
        'cat meeting; ls "/proc/$PPID/task" | wc -l' 'echo > meeting' | tail -n 1)))
    WHY_NOT="another user cannot execute $JOBPOOL"
    as_another 100 "$JOBPOOL" version > out 2>&1
}

# As that user, with at most so many processes and threads.
as_another() { # PROCESSES COMMAND…
    env -u TMPDIR ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" \
        setpriv --reuid "$OTHER" --regid "$OTHER" --clear-groups prlimit --nproc="$1" "${@:2}"
}

# Puts a program where strace refuses new processes to it; WHEN as strace understands it. Sets WITHOUT_PROCESSES.
without_processes() { # WHEN
    # Tasks are born by vfork, or by clone3 in a control group; ThreadSanitizer makes a fork of vfork. strace and the
    # leak checker cannot both be there.
    local call=vfork,clone3
    [ "${JOBPOOL_SANITIZE:-}" != thread ] || call=clone
    WITHOUT_PROCESSES=(env "ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0" strace -f -qq -o calls -e signal=none
        -e "trace=$call" -e "inject=$call:error=EAGAIN:when=$1")
}

@test "fault 39: no process for a while" {
    need strace
    without_processes 2..4
    "${WITHOUT_PROCESSES[@]}" "$JOBPOOL" map -j1 echo ::: a b c d > results
    assert_equal "$(grep -c EAGAIN calls)" 3
    assert_equal "$(jq -r '"\(.stdout) \(.attempt)"' results)" $'a\n 1\nb\n 1\nc\n 1\nd\n 1'
}

# How the results of `map echo` ended, counted.
ends_of() { # FILE
    jq -r '"\(.state) \(.error.type) \(.error.message)"' "$1" | sort | uniq -c | tr -s ' '
}

@test "fault 39: no process for a while, and then no such program" {
    need strace
    without_processes 2
    run -127 "${WITHOUT_PROCESSES[@]}" "$JOBPOOL" map -j1 no-such-program-1039 ::: a b c
    assert_equal "$(jq -r '"\(.args[0]) \(.error.message[-8:])"' <<< "$output")" $'a (ENOENT)\nb (ENOENT)\nc (ENOENT)'
    assert_equal "$(grep -c EAGAIN calls)" 1
}

@test "fault 39: no process for ever" {
    need strace
    local begun tries pid
    begun=$(now_ms)
    status=0
    without_processes 2+
    "${WITHOUT_PROCESSES[@]}" "$JOBPOOL" map -j1 echo ::: a b c d > results 3>&- &
    pid=$!
    # The same at the same time by a limit: it leaves no room for any task, nor for the second thread.
    if another_user; then
        seq 50 | as_another $((OWN_PROCESSES - 1)) "$JOBPOOL" map -j2 echo > limited || status=$?
        within 'the end' $(($(now_ms) - begun)) 30000
        assert_status 126 # none of them could be executed
        assert_equal "$(ends_of limited)" ' 50 failed SpawnError fork: Resource temporarily unavailable (EAGAIN)'
    fi
    status=0
    wait "$pid" || status=$?
    within 'the end' $(($(now_ms) - begun)) 30000
    assert_status 123
    assert_equal "$(ends_of results)" \
        $' 3 failed SpawnError fork: Resource temporarily unavailable (EAGAIN)\n 1 succeeded null null'
    # It was tried again and again, but not without a pause.
    tries=$(grep -c EAGAIN calls)
    echo "# tried $tries times" >&3
    [ "$tries" -gt 8 ]
    [ "$tries" -lt 100 ]
}

@test "fault 39: an interrupt while no process can be made" {
    need strace
    without_processes 2+
    # shellcheck disable=SC2016 # the inner shell expands it
    begin "${WITHOUT_PROCESSES[@]}" sh -c 'echo $$ > pid; exec "$@"' sh "$JOBPOOL" map -j1 echo ::: a b c d
    wait_until has_lines 3 EAGAIN calls
    kill -INT "$(< pid)"
    ends 'signal 2'
    assert_equal "$(jq -r '"\(.state) \(.error.type)"' out | sort | uniq -c | tr -s ' ')" \
        $' 3 cancelled Shutdown\n 1 succeeded null'
}

@test "fault 39: a limit on processes" {
    another_user || skip "$WHY_NOT"
    # Room for one task, and it has to be waited for.
    seq 50 | as_another $((OWN_PROCESSES + 1)) "$JOBPOOL" map -j2 'exec sleep 0.01; : {}' > results
    assert_equal "$(ends_of results)" ' 50 succeeded null null'
    # Not even room for jobpool: the second thread is only begun for a second task.
    status=0
    as_another $((OWN_PROCESSES - 2)) "$JOBPOOL" map -j2 true ::: a > results 2> complaints || status=$?
    assert_status 125
    grep -q EAGAIN complaints
    assert_equal "$(< results)" ''
}

# A word of so many bytes.
word_of() { # BYTES
    head -c "$1" /dev/zero | tr '\0' x
}

@test "fault 40: an item that is too long" {
    local command long
    long=$(word_of 200000)
    { seq 50; echo "$long"; seq 52 100; } > items
    # Words, a script for the shell, one that needs none; the last argument and one among others.
    for command in 'echo' 'echo {}; :' 'echo {} {}'; do
        status=0
        jobpool map -j4 "$command" < items > results || status=$?
        assert_status 123
        assert_equal "$(jq .seq results | sort -n)" "$(seq 100)"
        assert_equal "$(jq -r 'select(.state != "succeeded") | "\(.seq) \(.state) \(.error.type) \(.error.message[-7:])"' results)" \
            '51 failed SpawnError (E2BIG)'
        assert_equal "$(jq -r 'select(.state == "succeeded") | .stdout' results | grep -c .)" 99
    done
    # Alone it makes all of them that could not be executed.
    status=0
    sed -n 51p items | jobpool map echo > results || status=$?
    assert_status 126
}

@test "fault 40: an environment that is too large" {
    local value
    value=$(word_of 100000)
    talk
    tell '{"id":"a","shell":"echo a; :"}'
    hear '"id":"a"'
    tell "$(jq -nc --arg v "$value" '{id: "many", command: ["true"], env: [range(31) | {"V\(.)": $v}] | add}')" \
        "$(jq -nc --arg v "$value" '{id: "long", shell: "true; :", env: {V: ($v + $v)}}')" \
        '{"id":"b","shell":"echo b; :"}'
    hang_up
    assert_status 123
    assert_equal "$(jq -r '"\(.id) \(.state) \(.error.type) \(.stdout)"' heard | sort | tr -d '\n')" \
        'a succeeded null ab succeeded null blong failed SpawnError many failed SpawnError '
    assert_equal "$(jq -r 'select(.error).error.message[-7:]' heard)" $'(E2BIG)\n(E2BIG)'
}

@test "fault 41: too little memory" {
    [ -z "${JOBPOOL_SANITIZE:-}" ] || skip 'the sanitizers need memory of their own'
    repeats 200
    # Specs that wait need memory, and so does their way to the end.
    jq -nc '{id: "first", command: ["sleep", "1041.5"]}, (range(300) | {id: "t\(.)", command: ["echo", "x" * 17000]}),
        {op: "cancel", id: "first", running: true}' > specs
    local ended=0 n
    for ((n = 0; n < REPEATS; n++)); do
        status=0
        (
            ulimit -Sv $((3000 + n * 27000 / REPEATS)) -c 0
            exec "$JOBPOOL" run -j2 specs
        ) > results 2> complaints || status=$?
        # Whatever becomes of jobpool, nothing is left. All results, or a reason.
        assert_gone 'sleep 1041.5'
        wait_until none_marked
        if [ "$status" = 123 ]; then
            assert_equal "$(jq -r 'select(.type == "result").state' results | sort | uniq -c | tr -s ' ')" \
                $' 1 cancelled\n 300 succeeded'
        else
            ended=$((ended + 1))
            grep -q 'ENOMEM\|EAGAIN\|memory\|segment' complaints || { echo "status $status"; cat complaints; return 1; }
            jq . results > parsed
        fi
    done
    echo "# $ended of $REPEATS ended early" >&3
}

@test "fault 42: 100,000 tasks with arguments of 1 kB" {
    # The first one runs, the others wait; when the bound of 64 MiB of specs is reached, what does not want to wait is
    # refused. At the end everything is cancelled.
    python3 - > specs << 'PYTHON'
import json
print(json.dumps({"command": ["sleep", "1042.5"]}))
for i in range(100000):
    print(json.dumps({"command": ["true", f"{i:07}".ljust(1000, "x")], "block": False}))
print(json.dumps({"op": "status", "req": "all"}))
print(json.dumps({"op": "terminate"}))
PYTHON
    status=0
    peak "$JOBPOOL" run -j1 --events specs > heard || status=$?
    assert_status 123
    memory_at_most $((64 + 512))
    local queued refused flat
    queued=$(jq 'select(.req? == "all").counts.ready' heard)
    refused=$(grep -c '^{"type":"error".*Full' heard)
    echo "# $queued were queued" >&3
    assert_equal $((queued + refused)) 100000
    [ "$queued" -gt 20000 ]
    assert_equal "$(count_state cancelled)" $((queued + 1))
    # How fast they were taken: the last tenth beside the first, in per cent.
    flat=$(jq -c 'select(.event? == "submitted").time' heard | python3 -c '
import sys
times = [float(line[18:27]) + 60 * int(line[15:17]) for line in sys.stdin]
tenth = len(times) // 10
first, last = times[tenth] - times[0], times[-1] - times[-1 - tenth]
print(round(100 * (first % 3600) / (last % 3600)))')
    echo "# the last tenth was taken at $flat % of the rate of the first" >&3
    if [ -n "${JOBPOOL_STRESS:-}" ]; then
        [ "$flat" -ge 80 ]
    else
        [ "$flat" -ge 16 ]
    fi
}

@test "fault 43: a TMPDIR that cannot be used" {
    need_mounts
    local dir
    echo > file
    for dir in "$PWD/missing" "$PWD/file" /proc "$(printf '/x%.0s' {1..100})" "/$(word_of 300)" relative; do
        status=0
        TMPDIR=$dir jobpool map touch ::: ran > results 2> complaints || status=$?
        assert_status 125
        assert_equal "$(wc -l < complaints)" 1
        grep -qF "TMPDIR $dir: " complaints
        status=0
        TMPDIR=$dir jobpool apply touch ran > results 2> complaints || status=$?
        assert_status 125
        status=0
        echo '{"command":["touch","ran"]}' | TMPDIR=$dir jobpool run > results 2> complaints || status=$?
        assert_status 125
        [ ! -e ran ]
        [ ! -s results ]
    done
    status=0
    with_mounts read_only_tmpdir || status=$?
    assert_status 125
    assert_equal "$(< complaints)" "jobpool: TMPDIR $PWD/full: Read-only file system (EROFS)"
    [ ! -e ran ]
}

read_only_tmpdir() {
    mount -t tmpfs -o ro none full || return 99
    TMPDIR=$PWD/full "$JOBPOOL" map touch ::: ran
}

@test "fault 43: a TMPDIR with a long name, or an empty one" {
    local dir
    dir=$PWD/$(word_of 200)
    mkdir "$dir"
    TMPDIR=$dir jobpool map 'seq {}' ::: 50000 > results
    assert_equal "$(jq -j .stdout results | tail -1)" 50000
    assert_equal "$(ls -A "$dir")" ''
    TMPDIR='' jobpool map 'seq {}' ::: 50000 > results
    assert_equal "$(jq -j .stdout results | tail -1)" 50000
}

nowhere_temporary() { # ARGUMENTS…
    local dir
    for dir in /tmp /var/tmp; do
        mount --bind "$dir" "$dir" && mount -o remount,bind,ro "$dir" || return 99
    done
    unset TMPDIR
    "$JOBPOOL" map -j1 "$@"
}

@test "fault 43: no temporary directory at all" {
    need_mounts
    local form
    for form in '-o jsonl' '-o text -k' '-o none'; do
        exec 5> report
        status=0
        # shellcheck disable=SC2086 # form is options
        with_mounts nowhere_temporary $form --report /proc/self/fd/5 'head -c {} /dev/zero' ::: 10 200000 20 || status=$?
        exec 5>&-
        assert_status 125
        assert_equal "$(jq -c '[.args[0], .state, .error.type]' report)" \
            $'["10","succeeded",null]\n["200000","failed","OutputError"]\n["20","succeeded",null]'
        grep -q 'temporary file in /tmp: Read-only file system (EROFS)' report
    done
    # What needs no file needs no directory.
    with_mounts nowhere_temporary 'head -c {} /dev/zero' ::: 10 60000
}
