#!/usr/bin/env bats
# Faults 1 to 5: exit statuses and accounting. (6 needs the server.)

load common
load faults

# The results of the last `run`, one field each, in the order of the items.
fields() { # JQ
    jq -rs "sort_by(.seq)[] | $1" <<< "$output"
}

@test "fault 01: 150 failures are 150 failed records" {
    run -123 jobpool map -j8 false < <(seq 150)
    assert_equal "$(jq -rs '[.[] | select(.state == "failed" and .exit_code == 1 and .error.type == "ExitStatus") | .seq] |
        sort == [range(1; 151)]' <<< "$output")" true
    assert_equal "${#lines[@]}" 150

    seq 150 | jq -c '{id: "t\(.)", command: ["false"]}' > specs
    run -123 jobpool run -j8 specs
    assert_equal "$(jq -rs '[.[] | select(.state == "failed") | .id[1:] | tonumber] | sort == [range(1; 151)]' <<< "$output")" true
    assert_equal "${#lines[@]}" 150
}

@test "fault 01: --exit count is the number of failures, 101 for more than 100" {
    run -101 jobpool run -j8 -o none --exit count < <(yes '{"command":["false"]}' | head -150)
    run -101 jobpool map -j8 -o none --exit count false < <(seq 150)
    run -101 jobpool map -j8 -o none --exit count false < <(seq 101)
    run -100 jobpool map -j8 -o none --exit count false < <(seq 100)
    run -3 jobpool map -j8 -o none --exit count 'exit {}' ::: 0 1 255 0 3
    run -0 jobpool map -j8 -o none --exit count true < <(seq 150)
}

@test "fault 02: a task that exits with 255 stops nothing" {
    run -123 jobpool map -j1 'exit {}' ::: 0 255 3
    assert_equal "$(fields '"\(.args[0]) \(.state) \(.exit_code) \(.error.type)"')" \
        $'0 succeeded 0 null\n255 failed 255 ExitStatus\n3 failed 3 ExitStatus'

    run -123 jobpool run -j3 < <(printf '{"shell":"exit %d"}\n' 0 255 3)
    assert_equal "$(fields '"\(.state) \(.exit_code)"')" $'succeeded 0\nfailed 255\nfailed 3'

    run -255 jobpool apply -- sh -c 'exit 255'
    run -0 jobpool apply -- sh -c 'exit 0'
    run -3 jobpool apply -- sh -c 'exit 3'
}

@test "fault 03: a task that is killed by a signal" {
    ulimit -c 0
    # The $$ is the task's.
    # shellcheck disable=SC2016
    run -123 jobpool run < <(printf '{"shell":"kill -%d $$"}\n' 9 11 15)
    assert_equal "$(fields '"\(.state) \(.error.type) \(.signal) \(.exit_code)"')" \
        $'failed Signal 9 null\nfailed Signal 11 null\nfailed Signal 15 null'

    # shellcheck disable=SC2016
    run -123 jobpool map -n1 sh -c 'kill -$0 $$' ::: 9 11
    assert_equal "$(fields '"\(.state) \(.error.type) \(.signal) \(.exit_code)"')" \
        $'failed Signal 9 null\nfailed Signal 11 null'

    # The shell's own numbers for it stay what they are: an exit status.
    run -123 jobpool map 'exit {}' ::: 137
    assert_equal "$(fields '"\(.error.type) \(.signal) \(.exit_code)"')" 'ExitStatus null 137'

    # shellcheck disable=SC2016
    run -137 jobpool apply -- sh -c 'kill -9 $$'
    # shellcheck disable=SC2016
    run -139 jobpool apply -- sh -c 'kill -11 $$'
}

@test "fault 04: commands that are not executable or not there, among others" {
    run -123 jobpool run -j1 << 'END'
{"id":"denied","command":["/etc/passwd"]}
{"id":"gone","command":["no-such-program-1004"]}
{"id":"gone-path","command":["/no/such/program"]}
{"id":"good","command":["true"]}
END
    assert_equal "$(fields '"\(.id) \(.state) \(.error.type) \(.exit_code) \(.pid)"')" \
        $'denied failed SpawnError null null\ngone failed SpawnError null null\ngone-path failed SpawnError null null\ngood succeeded null 0 '"$(fields 'select(.id == "good").pid')"
    assert_match "$(fields 'select(.id == "denied").error.message')" EACCES
    assert_match "$(fields 'select(.id == "gone").error.message')" ENOENT
    assert_match "$(fields 'select(.id == "gone-path").error.message')" ENOENT
}

@test "fault 04: alone they are 126 and 127" {
    run -126 jobpool run <<< '{"command":["/etc/passwd"]}'
    run -127 jobpool run <<< '{"command":["no-such-program-1004"]}'
    run -126 jobpool run < <(printf '{"command":["%s"]}\n' /etc/passwd no-such-program-1004)
    run -126 jobpool map /etc/passwd ::: a b
    run -127 jobpool map no-such-program-1004 ::: a b
    run -126 jobpool apply -- /etc/passwd
    run -127 jobpool apply -- no-such-program-1004
    run -126 jobpool apply -- "$BATS_TEST_TMPDIR"
    run -127 jobpool apply -- ''
    # It is the program that is not found, not its folder or its input.
    run -126 jobpool apply --cwd /no/such/folder -- true
    run -126 jobpool run <<< '{"command":["cat"],"stdin_file":"/no/such/input"}'
}

@test "fault 04: a script's own 126 and 127 are ordinary failures" {
    run -123 jobpool map 'no-such-program-1004 {}' ::: a b
    assert_equal "$(fields '"\(.error.type) \(.exit_code)"' | sort -u)" 'ExitStatus 127'
    run -123 jobpool map '/etc/passwd {}' ::: a b
    assert_equal "$(fields '"\(.error.type) \(.exit_code)"' | sort -u)" 'ExitStatus 126'
    run -123 jobpool map 'exit {}' ::: 126 127
    run -127 jobpool apply -- sh -c 'exit 127'
    assert_equal "$(fields .error.type)" ExitStatus
}

@test "fault 05: no input is no task" {
    local command option
    for command in map run; do
        run -0 jobpool $command < /dev/null
        assert_equal "$output" ''
        run -0 jobpool $command --summary < /dev/null
        assert_equal "$(jq -c '[.type, .total, .input_complete]' <<< "$output")" '["summary",0,true]'
        run -0 jobpool $command -o json < /dev/null
        assert_equal "$(jq -c .results <<< "$output")" '[]'
        for option in text none; do
            run -0 jobpool $command -o $option < /dev/null
            assert_equal "$output" ''
        done
    done
    run -0 jobpool map echo :::
    assert_equal "$output" ''
}

@test "fault 05: empty lines are passed over" {
    run -0 jobpool map echo < <(printf '\n\n\n')
    assert_equal "$output" ''
    run -0 jobpool run < <(printf '\n\n\n')
    assert_equal "$output" ''
    run -0 jobpool map -k echo < <(printf '\na\n\n\nb\n\n')
    assert_equal "$(fields '"\(.seq) \(.args[0])"')" $'1 a\n2 b'
    # An empty argument is an item, and so is an empty piece between two NULs.
    run -0 jobpool map -k 'printf "<%s>" {}' ::: '' a
    assert_equal "$(fields .stdout)" $'<>\n<a>'
    run -0 jobpool map -0 'printf "<%s>" {}' < <(printf 'a\0\0b\0')
    assert_equal "$(fields .stdout)" $'<a>\n<>\n<b>'
}

@test "fault 05: a last line without its newline is run" {
    run -0 jobpool map echo < <(printf 'a\nb')
    assert_equal "$(fields '.args[0]')" $'a\nb'
    run -0 jobpool run < <(printf '{"command":["true"]}\n{"command":["echo","last"]}')
    assert_equal "$(fields .stdout)" $'\nlast'
    run -0 jobpool map -0 echo < <(printf 'a\0b')
    assert_equal "$(fields '.args[0]')" $'a\nb'
}
