#!/usr/bin/env bats
# Faults 18 to 26: signals, terminals, what tasks inherit.

load common
load faults

# What a run that was interrupted has written must be whole: every task that was read has one result, nothing that had not
# started before the interrupt started after it.
assert_interrupted() { # EVENTS
    jq -es 'map(select(.type == "event"))
        | ([.[] | select(.event == "submitted").id] | sort) as $submitted
        | ([.[] | select(.event == "started").id] | sort) as $started
        | $submitted == ($submitted | unique) and $started == ($started | unique)' "$1" > /dev/null
    assert_equal "$(jq -r 'select(.type == "result").id' "$1" | sort)" \
        "$(jq -r 'select(.event == "submitted").id' "$1" | sort)"
    assert_equal "$(jq -r 'select(.type == "event" and (.error == "Shutdown" or .event == "started")).event' "$1" |
        awk '/started/ { if (cut) print "started behind the interrupt" } /cancelled/ { cut = 1 }')" ''
}

@test "fault 18: nothing starts behind an interrupt" {
    repeats 100
    local trial
    for ((trial = 1; trial <= REPEATS; trial++)); do
        begin "$JOBPOOL" map -j4 --events true < <(seq 10000)
        wait_until has_lines $((trial * 7)) '"event":"started"' out
        kill -INT "$PID"
        ends 'signal 2'
        none_marked
        assert_interrupted out
        [ "$(count_state cancelled out)" -gt 0 ]
    done
}

# Starts tasks that ignore TERM, 4 at a time, and interrupts them once. Those that wait are cancelled then.
begin_stubborn() { # SLEEP OPTION…
    begin "$JOBPOOL" map -j4 --events "${@:2}" "trap '' TERM; sleep $1; : {}" ::: {1..20}
    wait_until has_processes 4 "sleep $1"
    kill -INT "$PID"
    wait_until has_lines 16 '"event":"cancelled"' out
}

@test "fault 19: a second interrupt kills" {
    begin_stubborn 1019.1
    has_processes 4 'sleep 1019.1'
    local asked
    asked=$(now_ms)
    kill -INT "$PID"
    ends 'signal 2'
    within 'the end' $(($(now_ms) - asked)) 200
    none_alive 'sleep 1019.1'
    assert_interrupted out
    assert_equal "$(count_state cancelled out)" 20
}

@test "fault 19: without a second interrupt KILL comes in its time" {
    begin_stubborn 1019.2 --kill-after 1
    ends 'signal 2'
    none_alive 'sleep 1019.2'
    assert_interrupted out
    assert_equal "$(count_state cancelled out)" 20
    assert_equal "$(jq -r 'select(.type == "result" and .signal == 9).error.type' out | sort | uniq -c | awk '{ print $1, $2 }')" '4 Shutdown'
}

@test "fault 19: a second interrupt ends it although nobody reads its output" {
    # Its output is a pipe that is full: 64 KiB, and 4 results of 30,000 bytes.
    mkfifo pipe
    exec 7<> pipe
    begin sh -c 'exec "$@" > pipe 7>&-' sh "$JOBPOOL" map -j4 'head -c 30000 /dev/zero; echo > ended.{}' ::: 1 2 3 4
    for i in 1 2 3 4; do
        wait_file ended.$i
    done
    kill -INT "$PID"
    wait_until has_heard "$PID"
    local asked
    asked=$(now_ms)
    kill -INT "$PID"
    ends 'signal 2'
    within 'the end' $(($(now_ms) - asked)) 200
    exec 7>&-
}

@test "fault 19: a second interrupt ends it although nobody reads its messages" {
    # Each item with a NUL byte is told on stderr, a pipe that is full. (Such items are no tasks.)
    mkfifo pipe
    exec 7<> pipe
    { echo 'echo > begun; sleep 1019.3'; for i in {1..5000}; do printf 'a\0b\n'; done; } > items
    begin sh -c 'exec "$@" 2> pipe 7>&-' sh "$JOBPOOL" map -j2 -o none -a items
    wait_file begun
    kill -INT "$PID"
    wait_until has_heard "$PID"
    local asked
    asked=$(now_ms)
    kill -INT "$PID"
    ends 'signal 2'
    within 'the end' $(($(now_ms) - asked)) 200
    exec 7>&-
    none_alive 'sleep 1019.3'
}

# Three tasks: one has ended, one runs (until it reads from the FIFO hold), one waits.
begin_three() {
    rm -f hold
    mkfifo hold
    # The variables are the task's.
    # shellcheck disable=SC2016
    begin "$JOBPOOL" map -j1 --events ::: true 'read line < hold; echo $line' 'echo last'
    wait_until has_lines 2 '"event":"started"' out
}

@test "fault 20: TERM to jobpool alone, and to its group" {
    local target
    for target in '' -; do
        begin_three
        kill -TERM -- "$target$PID"
        ends 'signal 15'
        none_marked
        assert_interrupted out
        assert_equal "$(jq -rs '[.[] | select(.type == "result")] | sort_by(.seq)[] | "\(.state) \(.error.type) \(.signal)"' out)" \
            $'succeeded null null\ncancelled Shutdown 15\ncancelled Shutdown null'
    done
}

@test "fault 20: HUP lets the running tasks end" {
    begin_three
    kill -HUP "$PID"
    wait_until has_lines 1 '"error":"Shutdown"' out
    echo held > hold
    ends 'exit 123'
    none_marked
    assert_interrupted out
    assert_equal "$(jq -rs '[.[] | select(.type == "result")] | sort_by(.seq)[] | "\(.state) \(.error.type) \(.stdout)"' out)" \
        $'succeeded null \nsucceeded null held\n\ncancelled Shutdown '
}

# One task, which exits with what is written to descriptor 7.
begin_one() { # ARGUMENT…
    rm -f hold runs
    mkfifo hold
    exec 7<> hold
    # shellcheck disable=SC2016
    begin "$JOBPOOL" map -j1 --summary 'echo > runs; read line < hold; exit $line; : {}' "$@" 7>&-
    wait_file runs
}

@test "fault 20: after a HUP the status follows the results" {
    local code
    for code in 0 3; do
        begin_one ::: a
        kill -HUP "$PID"
        wait_until has_heard "$PID"
        echo $code >&7
        ends "exit $((code ? 123 : 0))"
        none_marked
        assert_equal "$(jq -c 'select(.type == "summary") | [.total, .input_complete]' out)" '[1,true]'
    done
    # Input that was not read is not forgotten.
    mkfifo items
    exec 6<> items
    echo a >&6
    begin_one < items 6>&-
    kill -HUP "$PID"
    wait_until has_heard "$PID"
    echo b >&6
    echo 0 >&7
    ends 'exit 123'
    exec 6>&- 7>&-
    assert_equal "$(jq -c 'select(.type == "summary") | [.total, .succeeded, .input_complete]' out)" '[1,1,false]'
}

is_stopped() { # PID
    grep -q '^State:.T' "/proc/$1/status"
}

@test "fault 22: suspended when the first callback is due" {
    # It is due while the other task is being suspended.
    mkfifo gate
    # shellcheck disable=SC2016 # the task expands it
    begin "$JOBPOOL" map -j2 -o none --callback 'echo > called.$JOBPOOL_ID' \
        'case {} in held) read x < gate ;; *) kill -TSTP $PPID ;; esac' ::: held last
    wait_until is_stopped "$PID"
    [ ! -e called.2 ]
    kill -CONT "$PID"
    wait_file called.2
    echo > gate
    ends 'exit 0'
    wait_file called.1
}

@test "fault 22: continued while it is being suspended" {
    repeats 200
    local i
    for ((i = 0; i < REPEATS; i++)); do
        rm -f gate
        mkfifo gate
        exec 7<> gate
        begin "$JOBPOOL" map -j8 -o none 'echo > begun.{}; read x < gate' ::: {1..8}
        wait_file begun.8
        kill -TSTP "$PID"
        kill -CONT "$PID"
        printf '\n%.0s' {1..8} >&7
        ends 'exit 0'
        exec 7>&-
        rm begun.*
    done
}

# Trees of every kind, to be killed with jobpool.
TREES=(
    'exec sleep 1021.1'
    'sleep 1021.2 & sleep 1021.2; :'
    'setsid sleep 1021.3 & setsid sh -c "sleep 1021.3; :" & sleep 1021.3'
    '(setsid sh -c "(sleep 1021.4 &) ; sleep 1021.4" &); trap "" TERM HUP; sleep 1021.4; :'
)

@test "fault 21: kill -9 of jobpool leaves nothing behind" {
    repeats 40
    local trial target killed
    for ((trial = 1; trial <= REPEATS; trial++)); do
        for target in '' -; do
            begin "$JOBPOOL" map -j4 ::: "${TREES[@]}"
            wait_until has_processes 9 'sleep 1021.[1-4]'
            killed=$(now_ms)
            kill -KILL -- "$target$PID"
            ends 'signal 9'
            wait_until none_marked
            within 'gone' $(($(now_ms) - killed)) 2000
            none_alive 'sleep 1021.[1-4]'
        done
    done
}

@test "fault 21: also what has an empty environment but stayed in its session" {
    begin "$JOBPOOL" map -j4 ::: 'env -i sleep 1021.5 & env -i sleep 1021.5; :' 'exec env -i sh -c "sleep 1021.5 & sleep 1021.5"'
    wait_until has_processes 4 'sleep 1021.5'
    kill -KILL "$PID"
    ends 'signal 9'
    assert_gone 'sleep 1021.5' 10
    wait_until none_marked
}

# A shell with job control on a terminal of its own does the steps on stdin. They begin and end at its prompt, where the
# terminal must be as it was.
on_terminal() {
    {
        cat << 'END'
type PS1='rea''dy: '; stty tostop; stty -g > before\n
expect ready:
END
        cat
        cat << 'END'
expect ready:
type stty -g > after\n
until test -s after
END
    } > steps
    python3 "$ROOT/tests/lib/terminal.py" bash --norc --noprofile -i < steps > shown || {
        cat shown
        return 1
    }
    assert_equal "$(< after)" "$(< before)"
}

@test "fault 22: suspended on the terminal, and continued" {
    mkfifo hold.1 hold.2
    cat > all_stopped << 'END'
pids=$(pgrep -x -f 'sleep 1022.5')
[ "$(echo "$pids" | wc -l)" = 2 ] && for pid in $pids; do grep -q '^State:.T' "/proc/$pid/status" || exit 1; done
END
    # The timeout is not reached, because nothing runs meanwhile.
    on_terminal << 'END'
type "$TEST_PROGRAM" map -j2 --timeout 3 --events 'sleep 1022.5 & echo > runs.{}; read l < hold.{}; kill $!; exit $l' ::: 1 2 > out\n
until test -e runs.1 -a -e runs.2
type \x1a
expect Stopped
do sh all_stopped
do sleep 3
do sh all_stopped
type fg\n
until ! sh all_stopped
do echo 0 > hold.1; echo 5 > hold.2
expect ready:
type echo "status=$?."\n
expect status=123\.
END
    assert_equal "$(jq -rs '[.[] | select(.type == "result")] | sort_by(.seq)[] | "\(.state) \(.exit_code)"' out)" \
        $'succeeded 0\nfailed 5'
    assert_equal "$(jq -r 'select(.type == "event" and .seq == 1).event' out)" \
        $'submitted\nstarted\nsuspended\nresumed\nsucceeded'
    none_marked
}

@test "fault 22: suspended again and again while tasks start" {
    repeats 200
    {
        cat << 'END'
do touch out
type seq 4000 | "$TEST_PROGRAM" map -j4 --events true > out\n
END
        for ((i = 1; i <= REPEATS; i++)); do
            # Each time after some more starts.
            echo "until test \"\$(grep -c '\"started\"' out)\" -ge $((i * 4000 / REPEATS / 2))"
            printf '%s\n' 'type \x1a' 'expect Stopped' 'type fg\n'
        done
        printf '%s\n' 'expect ready:' 'type echo "status=$?."\n' 'expect status=0\.'
    } | on_terminal
    assert_equal "$(count_state succeeded out)" 4000
}

@test "fault 22: interrupted at the terminal" {
    on_terminal << 'END'
type "$TEST_PROGRAM" map -j2 --events 'sleep 1022.6; : {}' ::: 1 2 3 > out\n
until test "$(grep -c '"started"' out)" = 2
type \x03
expect ready:
type echo "status=$?."\n
expect status=130\.
END
    none_alive 'sleep 1022.6'
    assert_interrupted out
}

# The shell learns that a program has stopped when the last of its threads has.
write_is_stopped() {
    cat > is_stopped << 'END'
! grep -L '^State:.T' "/proc/$(cat pid)/task/"*/status | grep -q .
END
}

@test "fault 23: in the background of a terminal that wants no output from there" {
    mkfifo hold.1 hold.2 hold.3
    write_is_stopped
    on_terminal << 'END'
type "$TEST_PROGRAM" map -j2 --report report -o text 'read l < hold.{}; echo "line $l"' ::: 1 2 3 &\n
expect ready:
type jobs -p > pid\n
expect ready:
do echo one > hold.1
until sh is_stopped
type fg\n
expect line one
do echo two > hold.2
expect line two
do echo three > hold.3
expect line three
expect ready:
type echo "status=$?."\n
expect status=0\.
END
    assert_equal "$(count_state succeeded report)" 3
}

@test "fault 23: progress in the background" {
    mkfifo hold.1 hold.2
    write_is_stopped
    on_terminal << 'END'
type "$TEST_PROGRAM" map -j2 --report report --progress -o none 'read l < hold.{}' ::: 1 2 &\n
expect ready:
type jobs -p > pid\n
expect ready:
do echo one > hold.1
until grep -q '"seq":1,' report || sh is_stopped
type fg\n
do echo two > hold.2
expect ready:
type echo "status=$?."\n
expect status=0\.
END
    assert_equal "$(count_state succeeded report)" 2
}

# Does the process, or a task, ignore this signal? From a line "SigIgn: …" of its status.
ignores() { # LINE NUMBER
    (((0x${1##*[[:space:]]} >> ($2 - 1) & 1) == 1))
}

@test "fault 24: nohup" {
    mkfifo hold
    exec 7<> hold
    begin nohup "$JOBPOOL" map -j1 'echo > runs.{}; grep SigIgn /proc/self/status; read line < hold' ::: 1 2 7>&-
    wait_file runs.1
    kill -HUP "$PID"
    echo >&7
    wait_file runs.2
    kill -HUP "$PID"
    echo >&7
    ends 'exit 0' # only then: the task may not have opened the FIFO yet
    exec 7>&-
    assert_equal "$(count_state succeeded out)" 2
    ignores "$(jq -rs '.[0].stdout' out)" 1
    run ! ignores "$(jq -rs '.[0].stdout' out)" 15
}

@test "fault 24: in the background of a shell without job control" {
    mkfifo hold
    exec 7<> hold
    # The shell ignores INT and QUIT for it.
    # shellcheck disable=SC2016
    begin sh -c '"$@" & echo $! > pid; wait $!' sh \
        "$JOBPOOL" map -j1 'echo > runs.{}; grep SigIgn /proc/self/status; read line < hold' ::: 1 2 7>&-
    wait_file runs.1
    kill -INT "$(< pid)"
    kill -QUIT "$(< pid)"
    echo >&7
    wait_file runs.2
    echo >&7
    ends 'exit 0'
    assert_equal "$(count_state succeeded out)" 2
    ignores "$(jq -rs '.[0].stdout' out)" 2
    ignores "$(jq -rs '.[0].stdout' out)" 3
    run ! ignores "$(jq -rs '.[0].stdout' out)" 15

    # What is not ignored counts as ever.
    rm runs.*
    # shellcheck disable=SC2016
    begin sh -c '"$@" & echo $! > pid; wait $!' sh "$JOBPOOL" map -j1 'echo > runs.{}; read line < hold' ::: 1 2 7>&-
    wait_file runs.1
    kill -TERM "$(< pid)"
    ends 'exit 143'
    exec 7>&-
    assert_equal "$(jq -r .error.type out)" $'Shutdown\nShutdown'
}

# A task finds the signals as jobpool itself found them.
assert_signals_pass() { # OPTION_OF_START…
    local start=(python3 "$ROOT/tests/lib/start.py" "$@") look=(grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status)
    "${start[@]}" "${look[@]}" > wanted
    [ "$(wc -l < wanted)" -eq 3 ]
    "${start[@]}" "$JOBPOOL" apply -o text -- "${look[@]}" > is
    diff wanted is
    "${start[@]}" "$JOBPOOL" map -o text -j2 "${look[@]}" ::: /proc/self/status > is
    diff <(sed 's,^,/proc/self/status:,' wanted wanted) is
    printf '%s\n' "${look[@]}" | jq -R . | jq -sc '{command: .}' > spec
    "${start[@]}" "$JOBPOOL" run -o text spec > is
    diff wanted is
}

@test "fault 25: tasks get the signals that jobpool got" {
    assert_signals_pass
    assert_signals_pass --ignore PIPE
    assert_signals_pass --ignore HUP,INT,QUIT,PIPE,TERM,CHLD,TSTP,TTIN,TTOU,USR1,WINCH
    assert_signals_pass --block HUP,INT,PIPE,TERM,CHLD,TSTP,USR1,USR2,WINCH
    assert_signals_pass --block PIPE,RTMIN --ignore PIPE,USR2
}

@test "fault 25: tasks get three descriptors" {
    # shellcheck disable=SC2016
    run -0 "$JOBPOOL" apply -o text -- sh -c 'ls /proc/$$/fd; :' 5< /dev/null 6<> file 7>&1 20> other
    assert_equal "$output" $'0\n1\n2'
    # Also while others are started.
    # shellcheck disable=SC2016
    run -0 jobpool map -j8 --report report -o none sh -c 'ls /proc/$$/fd; :' < <(seq 200)
    assert_equal "$(jq -c '[.stdout, .exit_code]' report | sort | uniq -c | awk '{ print $1, $2 }')" '200 ["0\n1\n2\n",0]'
    run -0 jobpool apply -- readlink /proc/self/fd/0
    assert_equal "$(jq -r .stdout <<< "$output")" /dev/null
}

@test "fault 26: tasks do not read the list" {
    run -0 jobpool map -k 'cat; echo {}' < <(seq 5)
    assert_equal "$(jq -r .stdout <<< "$output" | tr -d '\n')" 12345
    assert_equal "${#lines[@]}" 5
    run -0 jobpool run -k < <(printf '{"shell":"cat; echo %d"}\n' 1 2 3 4 5)
    assert_equal "$(jq -r .stdout <<< "$output" | tr -d '\n')" 12345
    assert_equal "${#lines[@]}" 5
    # From a file that tasks could seek in.
    seq 5 > items
    run -0 jobpool map -k 'cat; echo {}' < items
    assert_equal "$(jq -r .stdout <<< "$output" | tr -d '\n')" 12345
}
