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
