#!/usr/bin/env bats
# What the pool's options do: slots, queue, retries, halt, delays, environment, callbacks, deadline.

load common
bats_require_minimum_version 1.5.0

# The states of all results, in the order in which they came, joined by blanks.
states() {
    jq -rs 'map(.state) | join(" ")'
}

@test "-j: a number, a percentage, more than the processors, as many as there are tasks" {
    # All of these tasks wait for each other: fewer slots than tasks would never end.
    mkfifo a b
    run -0 jobpool map -j2 --timeout 20s -o none 'test {} = 1 && echo x > a || cat a' ::: 1 2
    run -0 jobpool map -j0 --timeout 20s -o none 'case {} in 1) echo x > a; cat b ;; 2) cat a; echo y > b ;; *) : ;; esac' ::: 1 2 3 4 5
    run -0 jobpool map -j +2 --timeout 20s -o none 'test {} = 1 && echo x > a || cat a' ::: 1 2
    run -0 jobpool map -j 50% -o none true ::: 1 2
    assert_equal "$(jobpool map -j1 echo ::: a b c d | jq .slot | sort -u)" 1
}

# The order in which a, b, c and d run when all wait behind a task that lasts until they do.
order_with() {
    local line pid order=
    rm -f gate started
    mkfifo gate
    coproc POOL { exec "$JOBPOOL" run -j1 --queue "$1" 3>&-; }
    pid=$POOL_PID
    echo '{"id":"gate","shell":"echo > started; cat gate"}' >&"${POOL[1]}"
    wait_file started
    printf '%s\n' '{"id":"a","command":["true"],"priority":2}' '{"id":"b","command":["true"],"priority":1}' \
        '{"id":"c","command":["true"],"priority":2}' '{"id":"d","command":["true"],"priority":1}' \
        '{"op":"status","req":1}' >&"${POOL[1]}"
    read -r line <&"${POOL[0]}" # the answer: all of them were read
    [[ $line == *'"op":"status"'* ]]
    : > gate
    for _ in gate 1 2 3 4; do
        read -r line <&"${POOL[0]}"
        order+="$(jq -r .id <<< "$line") "
    done
    echo "${order#gate }"
    eval "exec ${POOL[1]}>&-"
    wait "$pid"
}

@test "--queue: first come first served, last come first, by priority with ties in order" {
    assert_equal "$(order_with fifo)" "a b c d "
    assert_equal "$(order_with lifo)" "d c b a "
    assert_equal "$(order_with priority)" "b d a c "
    run -2 jobpool map --queue nosuch true ::: 1
    assert_match "$output" "fifo, lifo"
}

@test "--retries: further attempts; the result tells the last one" {
    # shellcheck disable=SC2016 # the task expands it
    run -0 jobpool apply --retries 3 -- sh -c 'echo x >> tries; test $(wc -l < tries) = 3'
    assert_equal "$(jq -c '[.state, .attempt]' <<< "$output")" '["succeeded",3]'
    rm tries
    run -7 jobpool apply --retries 2 -- sh -c 'echo x >> tries; exit 7'
    assert_equal "$(jq -c '[.state, .attempt, .exit_code]' <<< "$output")" '["failed",3,7]'
    assert_equal "$(wc -l < tries)" 3
    run -0 jobpool apply --retries 1 --retry-delay 300ms --summary -o none -- sh -c 'test -e flag || { touch flag; exit 1; }'
    assert_equal "$(jq -c '[.retried, .wall_s >= 0.3]' <<< "$output")" '[1,true]'
    # 50, 100 and 100 ms
    run -1 jobpool apply --retries 3 --retry-delay 50ms,exponential,max=100ms --summary -o none false
    assert_equal "$(jq -c '[.retried, .wall_s >= 0.25]' <<< "$output")" '[3,true]'
}

@test "--halt: soon lets run what runs, now ends it, success ends well; nothing starts afterwards" {
    run -123 jobpool map -j1 --halt soon,fail=2 'test {} != 2 -a {} != 4' ::: 1 2 3 4 5 6
    assert_equal "$(states <<< "$output")" "succeeded failed succeeded failed skipped skipped"
    mkfifo ready
    run -123 jobpool map -j2 -k --halt now,fail=1 'if test {} = 1; then echo > ready; exec sleep 2331; else cat ready; exit 1; fi' ::: 1 2 3
    assert_equal "$(states <<< "$output")" "cancelled failed skipped"
    assert_equal "$(jq -rs '.[0].error.type + " " + .[2].error.type' <<< "$output")" "Halted Halted"
    assert_gone 'sleep 2331'
    run -0 jobpool map -j1 --halt soon,success=1 -o none 'test {} = 2' ::: 1 2 3
    # shellcheck disable=SC2016 # the task expands it
    run -123 jobpool map -j1 --halt soon,fail=50% --summary -o none 'exit $(({#} % 2))' ::: 1 2 3 4 5 6
    assert_equal "$(jq -c '[.succeeded, .failed, .skipped]' <<< "$output")" '[2,3,1]'
    run -0 jobpool map -j1 --halt -2 --summary -o none true ::: 1 2 3
    assert_equal "$(jq -c '[.succeeded, .skipped]' <<< "$output")" '[1,2]'
    # All is read for a percentage, however short the queue is by default; but not with --total-jobs.
    run -0 jobpool map -j1 --halt soon,success=1% --summary -o none true < <(seq 5000)
    assert_equal "$(jq -c '[.succeeded, .skipped, .input_complete]' <<< "$output")" '[50,4950,true]'
    run -0 jobpool map -j1 --halt soon,success=50% --total-jobs 10 --summary -o none true < <(yes)
    assert_equal "$(jq -c '[.succeeded, .input_complete]' <<< "$output")" '[5,false]'
    run -2 jobpool map --halt whenever true ::: 1
}

@test "--halt: a long input is not read to its end" {
    run -123 jobpool map -j1 --halt now,fail=1 --summary -o none false < <(yes)
    assert_equal "$(jq -c '[.failed, .halted, .input_complete]' <<< "$output")" '[1,true,false]'
}

@test "--delay: the starts are apart" {
    run -0 jobpool map -j4 --delay 100ms true ::: 1 2 3
    local apart
    apart=$(jq -s 'map(.started | sub("\\..*"; "Z") | fromdate) as $s | map(.started[20:26] | tonumber) as $u
        | [range(3)] | map($s[.] + $u[.] / 1e6) | sort | [.[1] - .[0], .[2] - .[1]] | min >= 0.0999' <<< "$output")
    assert_equal "$apart" true
}

@test "--nice, --env, --cwd, --stdin: what a task starts with" {
    assert_equal "$(jobpool apply --nice 5 -o text nice)" "$(($(nice) + 5))"
    # shellcheck disable=SC2016 # the task expands them
    assert_equal "$(OUTER=1 jobpool apply --env A=b --env 'C=d e' -o text 'echo "$A|$C|$OUTER"')" "b|d e|1"
    mkdir sub
    assert_equal "$(jobpool apply --cwd sub -o text pwd)" "$PWD/sub"
    echo words > file
    assert_equal "$(jobpool map --stdin file -o text cat ::: -)" words
    assert_equal "$(echo mine | jobpool apply --stdin - -o text cat)" mine
    assert_equal "$(echo mine | jobpool apply -o text cat)" ""
    run -2 jobpool map --stdin - cat < /dev/null
}

@test "--env: of several values for one name the last counts" {
    run -0 jobpool apply -o text --env A=1 --env B=3 --env A=2 --env AB=4 env
    assert_equal "$(grep -E '^(A|B|AB)=' <<< "$output")" $'B=3\nA=2\nAB=4'
    A=own run -0 jobpool apply -o text --env A=1 --env A printenv A
    assert_equal "$output" own
}

@test "--callback and --error-callback: one at a time, in order, with the result; a failing one makes 125" {
    run -123 jobpool map -j1 -o none --callback 'jq -r .args[0] >> ok' --error-callback 'jq -r .exit_code >> bad' sh -c 'exit {}' ::: 0 3 0 4
    assert_equal "$(tr '\n' ' ' < ok)" "0 0 "
    assert_equal "$(tr '\n' ' ' < bad)" "3 4 "
    # shellcheck disable=SC2016 # the callback expands them
    run -0 jobpool map -j1 -o none --callback 'cat > /dev/null; echo "$JOBPOOL_ID $JOBPOOL_STATE $JOBPOOL_EXIT_CODE"' true ::: a
    assert_equal "$output" "1 succeeded 0"
    run --separate-stderr -125 jobpool map -o none --callback 'exit 3' true ::: a
    # shellcheck disable=SC2154 # run sets it
    assert_equal "$stderr" "jobpool: callback of task 1: exit status 3"
    run --separate-stderr -125 jobpool map -o none --callback 'sleep 2332' --callback-timeout 200ms true ::: a
    assert_match "$stderr" "callback of task 1: no end within"
    assert_gone 'sleep 2332'
}

@test "--deadline: what runs times out, what waits is cancelled, both by Timeout" {
    run -123 jobpool map -k -j1 --deadline 300ms sleep ::: 2333 1 1
    assert_equal "$(jq -rs 'map(.state + " " + .error.type) | join(", ")' <<< "$output")" \
        "timed_out Timeout, cancelled Timeout, cancelled Timeout"
    assert_gone 'sleep 2333'
}

@test "--exit count: how many failed, 101 for more than 100" {
    run -3 jobpool map --exit count -o none 'test {} -gt 3' ::: 1 2 3 4 5
    run -101 jobpool map --exit count -o none false < <(seq 150)
    run -0 jobpool map --exit count -o none true ::: 1
}

@test "--exit count: without a failed task the status is as without it" {
    run -123 jobpool map --exit count -o none echo < <(printf 'a\0b\nok\n')
    run -123 jobpool run --exit count -o none <<< '{"bad":1}'
    run -1 jobpool run --exit count -o none <<< $'{"bad":1}\n{"command":["false"]}'
    run -0 jobpool map --exit count -o none -j1 --halt soon,success=1 true ::: 1 2 3
}

@test "--max-queue: back-pressure, and a spec that does not block is refused" {
    mkfifo gate
    local out
    out=$( (echo '{"id":"a","command":["cat","gate"]}'
        for i in 1 2 3; do echo "{\"id\":\"t$i\",\"command\":[\"true\"],\"block\":false,\"req\":$i}"; done
        : > gate) | jobpool run -j1 --max-queue 1 | jq -c 'select(.type == "reply" and (.ok | not)) | .error.type' | sort -u)
    assert_equal "$out" '"Full"'
}
