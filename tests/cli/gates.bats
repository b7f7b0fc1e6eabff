#!/usr/bin/env bats
# What holds starts up and what ends tasks early: gates, rates, slots from a file, timeouts by percentage, sequences of
# signals, halts by percentage; and what is said about it.
# Scripts in single quotes are for another shell.
# shellcheck disable=SC2016
load common
bats_require_minimum_version 1.5.0

# ---- --term-seq ----

@test "--term-seq: these signals, one after the other, and KILL in the end" {
    mkfifo ready
    run --separate-stderr -124 jobpool apply --timeout 300ms --term-seq INT,50,USR1,50,TERM,50 -o text -- bash -c \
        'trap "echo int" INT; trap "echo usr1" USR1; trap "echo term" TERM; while :; do read -t 5 <> ready; done'
    assert_equal "$output" $'int\nusr1\nterm'
    run -124 jobpool apply --timeout 100ms --termseq KILL,25 -- bash -c 'trap "" TERM; exec sleep 2341'
    assert_equal "$(jq -c '[.state, .signal]' <<< "$output")" '["timed_out",9]'
    assert_gone 'sleep 2341'
}

@test "--term-seq: what is refused" {
    run -2 jobpool map --term-seq TERM,x true
    assert_match "$output" "--term-seq: 'x' in 'TERM,x'"
    run -2 jobpool map --term-seq TERM,1 --kill-after 1s true
    assert_match "$output" 'give one of them'
}

# ---- --timeout N% ----

@test "--timeout N%: what takes much longer than others took is ended" {
    run -123 jobpool map -j1 -k --shell-path /bin/bash --timeout 1000% \
        'if test {} = slow; then exec sleep 2342; else read -t 0.02 <> <(:); true; fi' ::: a b c slow d
    assert_equal "$(jq -rs 'map(.state) | join(" ")' <<< "$output")" 'succeeded succeeded succeeded timed_out succeeded'
    assert_match "$(jq -r .error.message <<< "${lines[3]}")" '^no end within [0-9]+'
    assert_gone 'sleep 2342'
    run -2 jobpool map --timeout 0% true
    assert_match "$output" "--timeout: '0%'"
}

# ---- gates ----

@test "--memfree, --load, --noswap, --pressure: what is certainly so lets tasks start" {
    run --separate-stderr -0 jobpool map -v -j2 --memfree 1 --memsuspend 1 --load 1000000 --noswap -o text echo ::: a b c
    assert_equal "$(sort <<< "$output" | tr '\n' ' ')" 'a b c '
    [[ $stderr != *waiting* ]]
    [ -r /proc/pressure/cpu ] || skip 'this kernel has no pressure stall information'
    run -0 jobpool map --pressure cpu=100 --pressure io=100% --pressure memory=100 -o none true ::: a b
}

@test "--memfree: what is certainly not so starts nothing, and is told" {
    run --separate-stderr -123 jobpool map -v --progress -j2 --memfree 900000T --deadline 500ms --summary -o none true ::: a b
    assert_equal "$(jq -c '[.cancelled, .succeeded]' <<< "$output")" '[2,0]'
    assert_match "${stderr_lines[0]}" '^jobpool: waiting for free memory, [0-9.]+[KMGT], to reach 878.9P$'
    # Said once, not with each reading.
    assert_equal "$(grep -c '^jobpool: waiting' <<< "$stderr")" 1
}

@test "--load: other processes that run hold tasks up; USR1 tells what is waited for" {
    timeout 60 sh -c 'while :; do :; done' 3>&- &
    local burner=$! pid
    "$JOBPOOL" map -v --load 0 -o none true ::: a 2> err 3>&- &
    pid=$!
    wait_file err
    assert_match "$(cat err)" '^jobpool: waiting for the load, [0-9]+, to fall below 0.01'
    kill -USR1 "$pid"
    wait_lines '0 running, 1 waiting' 1 err
    wait_lines 'waiting for the load' 2 err
    # Others on this machine may run for ever: it is not waited for.
    kill -TERM "$pid"
    kill -TERM "$burner"
    wait "$pid" || [ $? -eq 143 ]
    wait "$burner" || true
}

# Waits until FILE has so many lines with that text.
wait_lines() { # TEXT COUNT FILE
    local until=$((SECONDS + 10))
    until [ "$(grep -c -- "$1" "$3")" -ge "$2" ]; do
        [ "$SECONDS" -lt "$until" ] || { echo "never $2 of: $1"; cat "$3"; return 1; }
        wait_a_moment
    done
}

@test "--memfree: TERM ends at once what waits" {
    "$JOBPOOL" map -v --memfree 900000T --summary -o none true ::: a b > out 2> err 3>&- &
    local pid=$! start
    wait_file err
    start=$(now_ms)
    kill -TERM "$pid"
    wait "$pid" || [ $? -eq 143 ]
    [ $(($(now_ms) - start)) -lt 1500 ]
    assert_equal "$(jq -c .cancelled out)" 2
}

@test "a gauge that the kernel does not have is refused by name" {
    [ ! -r /proc/pressure/cpu ] || skip 'this kernel has it'
    run -2 jobpool map --pressure cpu=10 true ::: a
    assert_match "$output" '--pressure cpu is not possible here'
}

@test "--limit: 0 lets a task start, 1 does not, anything else is told" {
    run -0 jobpool map -j2 --limit true -o none true ::: a b c
    : > closed
    "$JOBPOOL" map -v --limit 'test ! -e closed; exit $?' -o text 'echo {}' ::: a b > out 2> err 3>&- &
    local pid=$!
    wait_file err
    assert_equal "$(head -n 1 err)" "jobpool: waiting for --limit 'test ! -e closed; exit \$?' to allow a start"
    [ ! -s out ]
    rm closed
    wait "$pid"
    assert_equal "$(sort out | tr '\n' ' ')" 'a b '
    run --separate-stderr -123 jobpool map --limit 'echo asked; exit 7' --deadline 300ms -o none true ::: a
    assert_match "$stderr" 'jobpool: --limit: exit status 7; it must exit with 0, 1 or 2'
    assert_match "$stderr" 'asked'
    # Asked once for each start.
    run -0 jobpool map -j1 --limit 'echo x >> asked' -o none true ::: a b c
    assert_equal "$(wc -l < asked)" 3
}

@test "--limit: 2 puts the youngest task back, which runs again later, as if nothing had been" {
    mkfifo seen
    # The old one ends when the young one runs; then the limit is asked for the third.
    "$JOBPOOL" map -j2 --retries 0 --halt now,fail=1 -o jsonl --limit 'test ! -e over || { rm over; exit 2; }' \
        'echo {} >> started
        case {} in
            old) read l < seen ;;
            young) test -e again || { : > again; : > over; echo > seen; exec sleep 2343; } ;;
        esac' ::: old young third > out 3>&- &
    local pid=$!
    wait "$pid"
    assert_equal "$(jq -rs 'map(.state) | unique | join(" ")' out)" succeeded
    assert_equal "$(jq -r 'select(.args[0] == "young") | .attempt' out)" 2
    assert_equal "$(grep -c young started)" 2
}

@test "--limit: what GNU parallel predefines" {
    run -0 jobpool map --limit 'mem 1' -o none true ::: a
    run -0 jobpool map --limit 'load 1000000' -o none true ::: a
    run -0 jobpool map --limit 'io 100' -o none true ::: a
    run -123 jobpool map --limit 'mem 900000T' --deadline 100ms -o none true ::: a
    run -2 jobpool map --limit 'io x' true
    run -2 jobpool map --limit '' true
}

# ---- pace ----

@test "--rate: so many starts per time, and no more" {
    run -0 jobpool map -j8 --rate 20/s --summary -o none true ::: 1 2 3 4 5 6
    assert_equal "$(jq '.wall_s >= 0.25' <<< "$output")" true
    run -0 jobpool map -j8 --rate 1200/m --summary -o none true ::: 1 2 3 4 5 6
    assert_equal "$(jq '.wall_s >= 0.25' <<< "$output")" true
    run --separate-stderr -123 jobpool map --rate 1/h --deadline 300ms --summary -o none true ::: 1 2
    assert_equal "$(jq -c '[.succeeded, .cancelled]' <<< "$output")" '[1,1]'
    for value in '' x 0 -1/s 1/w 1/ 1/s/s /s 1e3 1/ms; do
        run -2 jobpool map --rate "$value" true
        assert_match "$output" "--rate: '$value'"
    done
}

@test "--delay auto: a failure makes it longer" {
    run -123 jobpool map -j1 --delay 50msauto --summary -o none false ::: 1 2 3 4
    # 50, 65 and 84.5 ms
    assert_equal "$(jq '.wall_s >= 0.19' <<< "$output")" true
    run -2 jobpool map --delay xauto true
    run -2 jobpool map --delay auto true
}

# ---- -j FILE ----

@test "-j FILE: the number of slots follows the file" {
    echo 1 > slots
    mkfifo a b
    # The first alone makes room for the others, of which two wait for each other.
    run -0 jobpool map -j slots --timeout 20s -o none \
        'case {} in 1) echo 3 > new; mv new slots ;; 2) echo x > a; cat b ;; 3) cat a; echo y > b ;; esac' ::: 1 2 3
    echo 2 > slots
    run -0 jobpool map -j slots --timeout 20s -o none \
        'case {} in 1) echo +3 > slots; cat a ;; 2) cat b ;; 3) echo x > a; echo x > b ;; esac' ::: 1 2 3
    echo nonsense > slots
    run -2 jobpool map -j slots true ::: 1
    assert_match "$output" "slots holds 'nonsense'"
    echo 2 > slots
    run --separate-stderr -0 jobpool map -j slots -o none 'test {} != 1 || echo nonsense > slots' ::: 1 2 3
    assert_match "$stderr" "slots holds 'nonsense'.*going on as before"
    run -2 jobpool map -j nosuch true ::: 1
    run -2 jobpool map -j . true ::: 1
}

@test "-j FILE: fewer slots: what runs goes on, and nothing starts until there is room" {
    echo 2 > slots
    mkfifo go
    "$JOBPOOL" map -j slots -o none 'echo {} >> started; case {} in 1|2) read l < go ;; esac' ::: 1 2 3 3>&- &
    local pid=$!
    until [ -e started ] && [ "$(wc -l < started)" -eq 2 ]; do wait_a_moment; done
    echo 1 > slots
    exec 4<> go
    echo >&4
    until [ "$(pgrep -c -P "$pid")" -le 2 ]; do wait_a_moment; done # the guardian, and the other one
    assert_equal "$(wc -l < started)" 2
    echo >&4
    exec 4>&-
    wait "$pid"
    assert_equal "$(wc -l < started)" 3
}

# ---- seeing ----

@test "--progress: what is waited for is shown, also while nothing runs" {
    : > closed
    NO_COLOR=1 timeout 60 python3 "$BATS_TEST_DIRNAME/../lib/terminal.py" "$JOBPOOL" map --progress -o none \
        --limit 'test ! -e closed' true ::: a b > shown <<'END'
expect 0/2 0%  0 failed  waiting for --limit 'test ! -e closed' to allow a start
do rm closed
expect jobpool: 2/2 100%, 0 failed
END
}

@test "--bar and --eta: they know from the beginning how much there is, and tell when it ends" {
    seq 3000 > input
    mkfifo a b
    NO_COLOR=1 timeout 60 python3 "$BATS_TEST_DIRNAME/../lib/terminal.py" "$JOBPOOL" map -j1 --eta -o none \
        'case {} in 1) read l < a ;; 2) read l < b ;; esac' :::: input > shown <<'END'
expect 0/3000 0%
do echo > a
expect ETA \S+  1/3000 0%  0 failed  1 running  2998 waiting
do echo > b
expect jobpool: (ETA 0s, )?3000/3000 100%
END
    rm a b
    mkfifo a
    NO_COLOR=1 timeout 60 python3 "$BATS_TEST_DIRNAME/../lib/terminal.py" "$JOBPOOL" map -j1 --bar -o none 'cat a; exit {}' \
        ::: 1 0 > shown <<'END'
expect 0/2 0%
do echo > a
expect \[#+\.+\] 1/2 50%  1 failed  1 running
do echo > a
expect jobpool: 2/2 100%, 1 failed
END
    run --separate-stderr -0 jobpool map --bar --total-jobs 10 -o none true ::: a b
    assert_match "${stderr_lines[-1]}" '^jobpool: 2/2 100%, 0 failed, 0 running, 0 waiting'
}
