#!/usr/bin/env bats
# Output while tasks run: --line-buffer, the task whose turn it is under -k, and --ungroup.

# shellcheck disable=SC2016 # the shells of tasks expand
load common

@test "--line-buffer: a line is there while its task still runs" {
    mkfifo go out
    jobpool map --line-buffer 'echo begun; echo aside >&2; read -r x < {}; echo $x' ::: go > out 2> err &
    exec 7< out
    read -r line <&7
    assert_equal "$line" begun
    wait_file err
    assert_equal "$(< err)" aside
    echo ended > go
    read -r line <&7
    assert_equal "$line" ended
    wait $!
    exec 7<&-
}

@test "--line-buffer: begun lines wait for their end, the last one for the task's" {
    mkfifo go out
    mkfifo b
    jobpool map -j2 --line-buffer \
        'if [ {} = a ]; then printf A; read -r x < go; printf "A\nA"; else read -r x < b; echo B; fi' ::: a b > out &
    exec 7< out
    echo > b
    read -r line <&7
    assert_equal "$line" B # not AB
    echo > go
    read -r line <&7
    assert_equal "$line" AA
    run cat <&7
    assert_equal "$output" A
    wait $!
    exec 7<&-
}

@test "--line-buffer: lines of megabytes are not mixed" {
    # Each line is one letter 3,000,000 times, read in pieces of 64 KiB while others are.
    jobpool map -j4 --line-buffer \
        'for i in 1 2 3; do head -c 3000000 /dev/zero | tr "\0" {}; echo; done' ::: a b c d > out
    assert_equal "$(wc -l < out)" 12
    assert_equal "$(grep -cxE 'a+|b+|c+|d+' out)" 12
    assert_equal "$(wc -c < out)" 36000012
}

@test "--line-buffer and --tag: each line has its tag, once" {
    jobpool map -j2 --line-buffer --tag 'printf "1\n2"; echo 3 >&2; sleep 0.05; printf "\n4"' ::: a b > out 2> err
    assert_equal "$(grep -o "[ab]	[124]" out | sort | tr '\n' ' ')" 'a	1 a	2 a	4 b	1 b	2 b	4 '
    assert_equal "$(sort err | tr '\n' ' ')" 'a	3 b	3 '
}

@test "-k -o text: the task whose turn it is shows what it writes as it comes" {
    mkfifo out one two
    jobpool map -k -j3 -o text 'printf {}; read -r x < {}; echo " $x"' ::: one two > out &
    exec 7< out
    read -r -n 3 line <&7
    assert_equal "$line" one
    echo 2 > two # ends before the first
    echo 1 > one
    read -r line <&7
    assert_equal "$line" '1'
    read -r line <&7
    assert_equal "$line" 'two 2'
    wait $!
    exec 7<&-
}

@test "-k -o text: when its turn comes a running task shows what it has written, and goes on" {
    mkfifo out one two
    jobpool map -k -j2 --tag 'printf {}; seq 1000; read -r x < {}; echo " $x"' ::: one two > out &
    exec 7< out
    echo 1 > one
    mapfile -t -n 1001 lines <&7
    assert_equal "${lines[0]},${lines[1]},${lines[1000]}" $'one\tone1,one\t2,one\t 1'
    mapfile -t -n 1000 lines <&7
    assert_equal "${lines[0]},${lines[1]},${lines[999]}" $'two\ttwo1,two\t2,two\t1000'
    echo 2 > two
    run cat <&7
    assert_equal "$output" 'two	 2'
    wait $!
    exec 7<&-
}

@test "-k -o text: a failed attempt that is tried again is not shown" {
    run jobpool map -k -o text --retries 1 'echo {} $JOBPOOL_ATTEMPT; sleep 0.05; [ $JOBPOOL_ATTEMPT = 2 ]' ::: a b
    assert_status 0
    assert_equal "$output" $'a 2\nb 2'
}

@test "followed tasks: their results have their output all the same" {
    local form
    for form in '--line-buffer' '-k -o text'; do
        # shellcheck disable=SC2086 # form is options
        jobpool map $form -j2 --report report.jsonl 'seq 3; echo err >&2; sleep 0.02; seq 4 20000; : {}' ::: a b > out 2> err
        assert_equal "$(jq -r .stdout report.jsonl | grep -c .)" 40000
        assert_equal "$(jq -r .stdout report.jsonl | sort -n | uniq -c | awk '{print $1}' | sort -u)" 2
        assert_equal "$(jq -c '[.stdout_bytes,.stderr,.truncated]' report.jsonl | sort -u)" '[108894,"err\n",false]'
        assert_equal "$(sort -n out | uniq -c | awk '{print $1}' | sort -u)" 2
        # What a result shows has a bound, what is written has none.
        # shellcheck disable=SC2086
        jobpool map $form --max-output 10 --report report.jsonl 'seq 1000; : {}' ::: a > out
        assert_equal "$(wc -l < out)" 1000
        assert_equal "$(jq -c '[.stdout_bytes,.truncated]' report.jsonl)" '[3893,true]'
    done
}

@test "followed tasks: the reason of a failure stands on a line of its own" {
    local form
    for form in '--line-buffer' '-k -o text'; do
        # shellcheck disable=SC2086
        run jobpool map $form 'printf half >&2; sleep 0.03; kill -9 $$' ::: a
        assert_status 123
        assert_equal "$output" $'half\njobpool: task 1: killed by signal 9 (SIGKILL)'
    done
}

# How many bytes the deleted files take that a process holds open.
spooled() { # PID
    local fd total=0
    for fd in /proc/"$1"/fd/*; do
        [[ $(readlink "$fd") == *'(deleted)' ]] && total=$((total + $(stat -L -c %s "$fd")))
    done
    echo "$total"
}

@test "followed tasks: a slow reader holds up those who write, not the disk" {
    local form
    for form in '--line-buffer' '-k -o text'; do
        mkfifo out
        # shellcheck disable=SC2086
        "$JOBPOOL" map $form -j1 'yes {} | head -c 300000000' ::: abcdefg > out &
        local pid=$!
        exec 7< out
        read -r line <&7
        wait_quiet "$pid"
        local held
        held=$(spooled "$pid")
        echo "# $form: $held bytes are spooled" >&3
        [ "$held" -lt 40000000 ]
        assert_equal "$(wc -c <&7)" $((300000000 - 8))
        wait "$pid"
        exec 7<&-
        rm out
    done
}

@test "followed tasks: a full device, and a reader that goes away" {
    local form
    for form in '--line-buffer' '-k -o text' '-u'; do
        : > ledger
        status=0
        # shellcheck disable=SC2086
        seq 10000 | jobpool map $form -j2 'echo {} >> ledger; echo {}; sleep 0.01' 2> complaints | head -n 1 > first ||
            status=$?
        [ "$(wc -l < ledger)" -lt 1000 ]
    done
    for form in '--line-buffer' '-k -o text'; do
        status=0
        # shellcheck disable=SC2086
        jobpool map $form 'echo {}; sleep 5' ::: a > /dev/full 2> complaints || status=$?
        assert_status 125
        assert_equal "$(< complaints)" 'jobpool: stdout: write: No space left on device (ENOSPC)'
    done
}

@test "--ungroup: tasks have jobpool's own stdout and stderr" {
    jobpool map -u -j1 'readlink /proc/self/fd/1; readlink /proc/self/fd/2 >&2; printf {}' ::: a b > out 2> err
    # shellcheck disable=SC2031
    assert_equal "$(< out)" "$PWD/out"$'\n'"a$PWD/out"$'\nb'
    assert_equal "$(< err)" "$PWD/err"$'\n'"$PWD/err"
    run jobpool map -u -j2 'exit {}' ::: 0 3
    assert_status 123
    run jobpool map -u --timeout 0.1 'echo begun; sleep 1234.61; echo never' ::: a
    assert_status 123
    assert_equal "$output" $'begun\njobpool: task 1: no end within 100ms'
    assert_gone 'sleep 1234.61'
}

@test "--ungroup: a process that is left behind is ended with its task" {
    run jobpool map -u --report r.jsonl 'sleep 1234.62 & echo {}' ::: hi
    assert_status 0
    assert_equal "$output" hi
    assert_equal "$(jq -c '[.leaked,.stdout,.stdout_bytes]' r.jsonl)" '[true,"",0]'
    assert_gone 'sleep 1234.62'
}

@test "what does not go together is refused" {
    local options
    for options in '-u --tag' '-u -k' '-u --line-buffer' '-o jsonl --line-buffer' '-o none -u'; do
        # shellcheck disable=SC2086
        run jobpool map $options echo ::: a
        assert_status 2
        assert_match "$output" '^jobpool: --(ungroup|line-buffer)[: ]'
    done
}
