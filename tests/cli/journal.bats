#!/usr/bin/env bats
# --journal, --joblog, --resume, --resume-failed, --retry-failed: what a run tells on disk, and how a later one goes on.
# What is in single quotes is for the shells of tasks.
# shellcheck disable=SC2016
load common
load limits

bats_require_minimum_version 1.5.0

# Starts a run in the background; its number is in RUN. Its standard input is the file items.
start_run() { # ARGUMENT…
    "$JOBPOOL" map "$@" < items > out 2> complaints 3>&- &
    RUN=$!
}

kill_run() {
    kill -KILL "$RUN"
    wait "$RUN" || true
}

# Which tasks ran, by the file that they write their items to.
ledger() {
    sort -n ledger
}

has_items() { # COUNT
    [ "$(wc -l < ledger)" -ge "$1" ]
}

wait_items() { # COUNT
    local until=$((SECONDS + 20))
    until has_items "$1"; do
        [ "$SECONDS" -lt "$until" ] || { echo "never so many: $1"; cat ledger complaints; return 1; }
        wait_a_moment
    done
}

@test "journal: each attempt's start and end is a line of JSON" {
    run -123 jobpool map -j1 --journal journal --retries 1 -o none 'exit {}' ::: 0 3
    assert_equal "$(jq -r '[.type, .seq, .attempt, .state, .again, .exit_code, .error, .args[0]?] | @csv' journal)" \
'"run",,,,,,,
"start",1,1,,,,,"0"
"end",1,1,"succeeded",false,0,,"0"
"start",2,1,,,,,"3"
"end",2,1,"failed",true,3,"ExitStatus","3"
"start",2,2,,,,,"3"
"end",2,2,"failed",false,3,"ExitStatus","3"'
    assert_equal "$(jq -c 'select(.type == "run") | [.version, .command]' journal)" '[1,["exit {}"]]'
    assert_equal "$(jq -r '.digest // empty' journal | sort | uniq -c | awk '{ print $1 }' | sort -n | tr '\n' ' ')" '2 4 '
    assert_equal "$(jq -c 'select(.type == "end") | [.started, .finished] | map(length)' journal | sort -u)" '[27,27]'
}

@test "journal: what is shown is on disk before" {
    need strace
    [ -z "${JOBPOOL_SANITIZE:-}" ] || skip 'a sanitizer cannot be traced'
    strace -f -qq -o trace true || skip 'strace may not trace'
    strace -f -o trace -e trace=write,fdatasync "$JOBPOOL" map -j1 --journal journal true ::: a b > out
    # For each result: its end is in the journal, and that was synced since.
    python3 - trace <<'PY'
import re, sys
ended, synced, shown = set(), set(), []
for line in open(sys.argv[1], errors="replace"):
    m = re.search(r'write\(\d+, "\{\\"type\\":\\"end\\",\\"seq\\":(\d+)', line)
    if m:
        ended.add(m[1])
    if re.search(r'fdatasync\(\d+\)\s+= 0|fdatasync resumed>\)\s+= 0', line):
        synced |= ended
    m = re.search(r'write\(1, "\{\\"type\\":\\"result\\",\\"id\\":\\"(\d+)', line)
    if m:
        assert m[1] in synced, line
        shown.append(m[1])
assert shown, "no result was seen"
PY
}

@test "journal: after kill -9 nothing done is redone and nothing undone is left out" {
    repeats 200
    local i lost=0 before
    seq 3000 > items
    : > ledger
    for ((i = 0; i < REPEATS; i++)); do
        before=$(wc -l < ledger)
        start_run -j4 --journal journal --resume 'echo {} >> ledger; sleep 0.00{#}'
        wait_items $((before + 10 + RANDOM % 40))
        kill_run
        # What had a result is not run again, what had begun and had none is lost.
        jq -r .seq out >> reported
        lost=$((lost + $(wc -w < <(sed -n 's/.* lost: //p' complaints))))
    done
    jobpool map -j4 --journal journal --resume --summary -o none 'echo {} >> ledger; sleep 0.00{#}' < items > out 2> complaints
    assert_equal "$(jq -c '[.total + .earlier, .failed, .input_complete]' out)" '[3000,0,true]'
    # Every item once, but for those that ran at a kill, which are named and ran once more.
    assert_equal "$(ledger | uniq)" "$(< items)"
    lost=$((lost + $(wc -w < <(sed -n 's/.* lost: //p' complaints))))
    [ "$(($(wc -l < ledger) - 3000))" -le "$lost" ]
    [ "$lost" -le $((4 * REPEATS)) ]
    assert_equal "$(sort -n reported | uniq -d)" ''
    assert_equal "$(jq -r 'select(.state == "succeeded") | .seq' journal | sort -n)" "$(< items)"
    assert_equal "$(jq -r 'select(.state == "lost") | .seq' journal | wc -l)" "$lost"
}

# The guardian of RUN.
guard_of_run() {
    pgrep -P "$RUN" -x jobpool-guard
}

@test "journal: what a killed run has left is gone before the next run begins" {
    local command='pgrep -x -f "sleep {}" >> alive; test -e go || exec sleep {}' guard i
    echo 77.25 > items
    start_run --journal journal "$command"
    wait_alive 'sleep 77.25'
    guard=$(guard_of_run)
    kill -STOP "$guard"
    kill_run
    touch go
    cp journal before
    start_run --journal journal --resume -o text "$command"
    for ((i = 0; i < 20; i++)); do # as long as it would need to start something
        wait_a_moment
    done
    cmp journal before
    kill -CONT "$guard"
    wait "$RUN"
    assert_equal "$(< complaints)" 'jobpool: journal journal: 1 task ran when jobpool was killed and is lost: 1'
    assert_equal "$(cat alive)" ''
}

@test "journal: one writer" {
    mkfifo gate
    echo a > items
    start_run --journal journal 'read -r < gate; : {}'
    wait_file journal
    local until=$((SECONDS + 10))
    until grep -q '"start"' journal; do
        [ "$SECONDS" -lt "$until" ]
        wait_a_moment
    done
    cp journal before
    run -125 jobpool map --journal journal --resume 'echo ran >> ledger; : {}' ::: a
    assert_equal "$output" 'jobpool: journal journal: another jobpool is writing it; wait for its end, or give each run a journal of its own'
    cmp journal before
    [ ! -e ledger ]
    echo > gate
    wait "$RUN"
    assert_equal "$(jq -r .state out)" succeeded
}

@test "journal: one that holds a run is not written over" {
    jobpool map --journal journal -o none true ::: a
    cp journal before
    run -2 jobpool map --journal journal -o none true ::: a
    assert_equal "$output" 'jobpool: journal journal: it holds a run already; go on with that (--resume), or give another file'
    cmp journal before
    # An empty one, and one that is not there, are as good for --resume as for a first run.
    : > empty
    run -0 jobpool map --journal empty --resume -o text echo ::: a
    assert_equal "$output" a
    run -0 jobpool map --journal new --resume -o text echo ::: a
    assert_equal "$output" a
}

@test "journal: another input or another command is refused, and nothing is started" {
    run -123 jobpool map --journal journal -o none 'echo {} >> ledger; test {} != c' ::: a b c d
    cp journal before
    cp ledger ran
    local command='echo {} >> ledger; test {} != c'
    refused() { # MESSAGE ARGUMENT…
        local message=$1 mode
        shift
        for mode in --resume --resume-failed --retry-failed; do
            run -2 jobpool map --journal journal "$mode" -o text "$@"
            assert_match "$output" "^jobpool: journal journal.*$message"
            assert_equal "${#lines[@]}" 1
            cmp journal before
            cmp ledger ran
        done
    }
    refused 'task 2 is not the same any more: the values were \["b"\], and now is \["x"\]' "$command" ::: a x c d
    refused 'task 1 is not the same any more: the values were \["a"\], and now is \["b"\]' "$command" ::: b a c d
    refused 'the command was \["echo .* != c"\], and now is \["echo .* != e"\]' "${command%c}e" ::: a b c d
    refused 'task 1 .*standard input' --cwd . "$command" ::: a b c d
    refused 'task 1 .*standard input' --stdin /dev/null "$command" ::: a b c d
    refused 'it tells of task 4, and now there are 3 tasks' "$command" ::: a b c
    # How long a task may take, how it is tried and what is shown may change; there may be more of them.
    run -123 jobpool map --journal journal --resume -j1 --timeout 5 --retries 2 --tag "$command" ::: a b c d e
    assert_equal "$(tail -n +5 ledger)" e
}

@test "journal: the line that differs is named" {
    jobpool map -j1 --journal journal -o none true ::: a b c
    run -2 jobpool map --journal journal --resume true ::: a b x
    [[ $output =~ journal:([0-9]+): ]]
    assert_equal "$(sed -n "${BASH_REMATCH[1]}p" journal | jq -c '[.seq, .args]')" '[3,["c"]]'
}

@test "journal: a last line that is cut off is left out" {
    jobpool map -j1 --journal journal -o none 'echo {} >> ledger' ::: a b c
    local whole cut
    whole=$(wc -c < journal)
    for cut in 1 2 30 200; do
        cp journal torn
        truncate -s $((whole - cut)) torn
        : > ledger
        run -0 jobpool map --journal torn --resume -o none 'echo {} >> ledger' ::: a b c
        assert_match "$output" 'journal torn: its last line was cut off while it was written; its [0-9]+ bytes are left out'
        assert_equal "$(< ledger)" c
        jq -e .type torn > types
        assert_equal "$(jq -c 'select(.state == "lost") | .seq' torn)" 3
    done
}

@test "journal: one that was changed is refused with its line" {
    jobpool map -j1 --journal journal -o none true ::: a b c
    sed '3s/succeeded/cancelled/' journal > changed
    run -2 jobpool map --journal changed --resume true ::: a b c
    assert_match "$output" '^jobpool: journal changed:3 \(byte [0-9]+\): the line is not as it was written; cut the file off there, or begin another journal$'
    [[ $output =~ byte\ ([0-9]+) ]]
    truncate -s "${BASH_REMATCH[1]}" changed
    run -0 jobpool map -j1 --journal changed --resume true ::: a b c
    assert_equal "$(jq .seq <<< "${lines[*]:1}")" $'1\n2\n3'
    assert_match "${lines[0]}" 'is lost: 1$'
}

@test "journal: what a signal cuts short is run again, what was waiting too" {
    printf '%s\n' 1 2 3 4 > items
    start_run -j1 --journal journal 'echo {} >> ledger; test {} = 1 || test -e go || exec sleep 78.{}'
    wait_alive 'sleep 78.2'
    kill -TERM "$RUN"
    wait "$RUN" || true
    touch go
    run -0 jobpool map -j1 --journal journal --resume -o none 'echo {} >> ledger; test {} = 1 || test -e go || exec sleep 78.{}' < items
    assert_equal "$output" ''
    assert_equal "$(tr '\n' ' ' < ledger)" '1 2 2 3 4 '
}

@test "journal: which tasks each option runs, by the numbers that they had" {
    # 1 succeeds, 2 fails, 3 is cut short; 4 has not begun.
    printf '%s\n' 1 2 3 4 > items
    local command='test {} != 3 || test -e go || exec sleep 79.5; echo {} {#}; test {} != 2'
    start_run -j1 --journal first "$command"
    wait_alive 'sleep 79.5'
    kill -TERM "$RUN"
    wait "$RUN" || true
    touch go
    local mode
    for mode in --resume --resume-failed --retry-failed; do
        cp first journal
        jobpool map -j2 -k --journal journal "$mode" -o text "$command" < items > out 2> complaints || true
        cp first journal
        jobpool map -j2 -k --journal journal "$mode" "$command" < items > results || true
        case $mode in
            --resume) assert_equal "$(< out)" $'3 3\n4 4' ;;
            --resume-failed) assert_equal "$(< out)" $'2 2\n3 3\n4 4' ;;
            --retry-failed) assert_equal "$(< out)" $'2 2\n3 3' ;;
        esac
        assert_equal "$(< out)" "$(jq -r '"\(.args[0]) \(.seq)"' results)"
        assert_equal "$(< complaints)" ''
    done
}

@test "journal: -k waits for no task that is not run again" {
    mkfifo gate
    local command='test {} != 3 || read -r x < gate; echo {}'
    run -0 jobpool map -j1 --journal journal -o none "$command" ::: 1
    printf '%s\n' 1 2 3 > items
    start_run -j2 -k --journal journal --resume -o text "$command"
    wait_file out
    assert_equal "$(< out)" 2
    echo > gate
    wait "$RUN"
    assert_equal "$(< out)" $'2\n3'
}

@test "journal: the status and the summary tell of what was done before" {
    run -123 jobpool map --journal journal -o none 'exit {}' ::: 0 1 0
    run -123 jobpool map --journal journal --resume --summary -o none 'exit {}' ::: 0 1 0 0
    assert_equal "$(jq -c '[.total, .succeeded, .earlier, .earlier_failed]' <<< "$output")" '[1,1,3,1]'
    run -123 jobpool map --journal journal --resume --summary -o text 'exit {}' ::: 0 1 0 0
    assert_match "$output" '^no tasks in .*, 4 done before \(1 failed\)$'
    jobpool map --journal good -o none 'exit {}' ::: 0 0
    run -0 jobpool map --journal good --resume -o none 'exit {}' ::: 0 0
}

@test "journal: more undone tasks than the queue holds come before the rest, in order" {
    seq 3000 > items
    run -123 jobpool map -j2 --journal journal -o none --no-shell false < items
    seq 3010 > items
    jobpool map -j2 --journal journal --resume-failed --no-shell -k false < items | jq .seq > seqs || true
    cmp seqs items
}

@test "journal: a full disk ends the run with the file's name, and what runs is shown" {
    need_mounts
    journal_on_full() {
        mount -t tmpfs -o size=16k none full || return 99
        seq 5000 | "$TEST_PROGRAM" map -j2 --journal full/journal --summary 'echo {} >> ledger'
        local status=${PIPESTATUS[1]}
        cp full/journal kept
        return "$status"
    }
    status=0
    with_mounts journal_on_full || status=$?
    assert_status 125
    assert_equal "$(< complaints)" 'jobpool: journal full/journal: write: No space left on device (ENOSPC); starting nothing more'
    # Whole lines, and nothing was started whose start is not there.
    jq -e .type kept > types
    assert_equal "$(jq 'select(.type == "start") | .seq' kept | sort -n)" "$(ledger)"
    # Whatever was accepted has its result.
    assert_equal "$(jq -c 'select(.type == "summary") | [.total == .succeeded + .cancelled, .input_complete]' out)" '[true,false]'
    assert_equal "$(jq -c 'select(.type == "result" and .state == "succeeded") | .seq' out | sort -n)" "$(ledger)"
    # On another disk it goes on.
    run -0 jobpool map -j2 --journal kept --resume -o none 'echo {} >> ledger' < <(seq 5000)
    assert_equal "$(ledger | uniq)" "$(seq 5000)"
    [ "$(wc -l < ledger)" -le 5002 ]
}

@test "journal: names that are none" {
    run -125 jobpool map --journal . true ::: a
    assert_match "$output" '^jobpool: journal \.: '
    run -125 jobpool map --journal /dev/null true ::: a
    assert_match "$output" 'no regular file'
    run -125 jobpool map --journal none/journal true ::: a
    assert_equal "$output" 'jobpool: journal none/journal: No such file or directory (ENOENT)'
    run -2 jobpool map --journal '' true ::: a
    run -2 jobpool map --joblog '' true ::: a
    run -2 jobpool map --journal f --joblog f true ::: a
    run -2 jobpool map --journal f --joblog ./f true ::: a
    echo a > items
    run -2 jobpool map --journal items -a items true
    assert_equal "$output" 'jobpool: --journal: items is an input too; write the journal to another file'
    run -2 jobpool map --joblog items -a items true
    assert_equal "$(< items)" a
}

@test "resume: needs something to go on with" {
    local mode
    for mode in --resume --resume-failed --retry-failed; do
        run -2 jobpool map "$mode" true ::: a
        assert_equal "$output" "jobpool: $mode needs --journal or --joblog, the file that tells what is done"
    done
    run -2 jobpool map --journal j --every 1 true ::: a
    run -2 jobpool map --joblog j --resume --every 1 true ::: a
    run -2 jobpool map --journal j --pipe cat
    assert_match "$output" '^jobpool: --journal: with --pipe tasks have blocks of a stream'
    run -2 jobpool map --joblog j --resume --pipe cat
    run -2 jobpool map --journal j --shuf true ::: a
    assert_match "$output" '^jobpool: --journal: --shuf gives the tasks other numbers'
    run -2 jobpool map --joblog j --resume --shuf true ::: a
    run -2 jobpool map --joblog j --resume --retry-failed true ::: a
    run -0 jobpool map --joblog j --resume --resume-failed -o none true ::: a
}

@test "resume: --dry-run shows what would be run and changes nothing" {
    run -123 jobpool map -j1 --journal journal --joblog joblog -o none 'exit {}' ::: 0 1 2
    cp journal before
    cp joblog before.joblog
    run -0 jobpool map --journal journal --resume --dry-run 'exit {}' ::: 0 1 2 3
    assert_equal "$output" "exit '3'"
    run -0 jobpool map --journal journal --resume-failed --dry-run 'exit {}' ::: 0 1 2 3
    assert_equal "$output" "exit '1'"$'\n'"exit '2'"$'\n'"exit '3'"
    run -0 jobpool map --joblog joblog --retry-failed --dry-run
    assert_equal "$output" "exit '1'"$'\n'"exit '2'"
    run -0 jobpool map --journal journal --retry-failed --dry-run 'echo {#}; exit {}' ::: 4 || true
    run -2 jobpool map --journal journal --resume --dry-run 'exit {}' ::: 7
    assert_match "$output" 'task 1 is not the same any more'
    run -0 jobpool map --journal none --resume --dry-run 'exit {}' ::: 0
    [ ! -e none ]
    cmp journal before
    cmp joblog before.joblog
}

@test "resume: a single task without items" {
    printf 'x\n' > items
    run -0 jobpool map --journal journal -o text echo < items
    run -0 jobpool map --journal journal --resume -o text echo < items
    assert_equal "$output" ''
}

# ---- joblogs ----

@test "joblog: nine columns as GNU parallel has them" {
    run -123 jobpool map -j1 --joblog joblog -o none 'echo {}; test {} != b || exit 3; test {} != c || kill -9 $$' ::: a b c 'x  y'
    assert_equal "$(cut -f 1,2,5- joblog)" "$(printf '%b\n' 'Seq\tHost\tSend\tReceive\tExitval\tSignal\tCommand' \
        "1\t:\t0\t2\t0\t0\techo 'a'; test 'a' != b || exit 3; test 'a' != c || kill -9 \$\$" \
        "2\t:\t0\t2\t3\t0\techo 'b'; test 'b' != b || exit 3; test 'b' != c || kill -9 \$\$" \
        "3\t:\t0\t2\t0\t9\techo 'c'; test 'c' != b || exit 3; test 'c' != c || kill -9 \$\$" \
        "4\t:\t0\t5\t0\t0\techo 'x  y'; test 'x  y' != b || exit 3; test 'x  y' != c || kill -9 \$\$")"
    run grep -vcE $'^[0-9]+\t:\t[0-9]{10}\.[0-9]{3}\t +[0-9]+\.[0-9]{3}\t' <(tail -n +2 joblog)
    assert_equal "$output" 0
}

# The same without what differs from run to run, and without quotes that are not needed.
plain() { # FILE
    cut -f 1,2,5- "$1" | tr -d "'" | sort -n
}

gnu() { # ARGUMENT…
    mkdir -p gnu-home
    touch gnu-home/will-cite
    PARALLEL_HOME=$PWD/gnu-home command parallel "$@"
}

need_gnu() {
    need parallel
    gnu --version 2> /dev/null | grep -q '^GNU parallel' || skip 'parallel is not GNU parallel'
}

@test "joblog: the same lines as GNU parallel's" {
    need_gnu
    local command='echo {}; echo more >&2; test {} != b || exit 3; test {} != c || kill -9 $$; test {} != d || exec sleep 80.5'
    gnu -j1 --joblog theirs --timeout 1 "$command" ::: a b c d e > out 2> complaints || true
    jobpool map -j1 --joblog ours --timeout 1 -o none "$command" ::: a b c d e 2> complaints || true
    assert_equal "$(plain ours)" "$(plain theirs)"
    gnu -j1 --joblog theirs "$(printf 'echo a\necho {}')" ::: b > out
    jobpool map -j1 --joblog ours -o none "$(printf 'echo a\necho {}')" ::: b
    assert_equal "$(plain ours | od -c)" "$(plain theirs | od -c)"
}

# Runs the same with both, each on a copy of its own of the file joblog; the tasks and the logs must be the same.
both() { # ARGUMENT…
    local program
    for program in theirs ours; do
        cp joblog "$program"
        if [ "$program" = theirs ]; then
            gnu --joblog theirs "$@" 2> theirs.err | sort > theirs.out || true
        else
            jobpool map -o text --joblog ours "$@" 2> ours.err | sort > ours.out || true
        fi
    done
    assert_equal "$(< ours.out)" "$(< theirs.out)" || { cat theirs.err theirs; return 1; }
    assert_equal "$(plain ours)" "$(plain theirs)"
}

@test "joblog: --resume and its like do what GNU parallel's do with the same file" {
    need_gnu
    local maker
    for maker in gnu jobpool; do
        # 1 and 4 succeed, 2 fails, 3 is killed; 5 and 7 are not told of, 6 failed and then succeeded.
        if [ "$maker" = gnu ]; then
            gnu -j1 --joblog joblog 'echo {} {#}; test {} != 2; [ {} != 3 ] || kill -9 $$; test {} != 2' ::: 1 2 3 4 > out || true
        else
            jobpool map -j1 --joblog joblog -o none 'echo {} {#}; test {} != 2; [ {} != 3 ] || kill -9 $$; test {} != 2' ::: 1 2 3 4 || true
        fi
        printf '6\t:\t1795613366.502\t     0.003\t0\t2\t%d\t0\techo 6\n' 1 0 >> joblog
        both --resume 'echo {} {#}; test {} != 2' ::: 1 2 3 4 5 6 7
        both --resume-failed 'echo {} {#}; test {} != 2' ::: 1 2 3 4 5 6 7
        both --resume --resume-failed 'echo {} {#}; test {} != 2' ::: 1 2 3 4 5 6 7
        both --resume 'echo {} {#}' ::: other values are not noticed at all here
    done
    # Without holes: GNU parallel runs an empty command for each of them.
    gnu -j1 --joblog joblog 'echo {} {#}; test {} != 2 && [ {} != 4 ]' ::: 1 2 3 4 5 > out || true
    both --retry-failed
    both --retry-failed 'echo ignored {}' ::: 1
}

@test "joblog: a + appends, without one it is replaced" {
    jobpool map -j1 --joblog joblog -o none true ::: a b
    jobpool map -j1 --joblog joblog -o none true ::: c
    assert_equal "$(cut -f 9 joblog)" $'Command\ntrue c'
    jobpool map -j1 --joblog +joblog -o none true ::: d
    assert_equal "$(cut -f 1,9 joblog)" $'Seq\tCommand\n1\ttrue c\n1\ttrue d'
    jobpool map -j1 --joblog +new -o none true ::: d
    assert_equal "$(cut -f 1,9 new)" $'Seq\tCommand\n1\ttrue d'
}

@test "joblog: --retry-failed runs the commands of the file, whatever they hold" {
    run -123 jobpool map -j1 --joblog joblog -o none --no-shell sh -c 'echo "[$1]" >> ledger; test -e go' sh {} ::: 'a b' "it's" $'two\twords' '$HOME;*'
    : > ledger
    run -123 jobpool map -j1 --joblog joblog --retry-failed -o none
    touch go
    : > ledger
    run -0 jobpool map -j1 --joblog joblog --retry-failed -o none
    assert_equal "$(< ledger)" $'[a b]\n[it\'s]\n[two\twords]\n[$HOME;*]'
    : > ledger
    run -0 jobpool map -j1 --joblog joblog --retry-failed -o none
    assert_equal "$(< ledger)" ''
}

@test "joblog: newlines in commands survive" {
    run -123 jobpool map -j1 --joblog joblog -o none "$(printf 'printf %%s {} >> ledger\ntest -e go')" ::: $'a b'
    assert_equal "$(wc -l < joblog)" 2
    touch go
    : > ledger
    run -0 jobpool map --joblog joblog --retry-failed -o none
    assert_equal "$(< ledger)" 'a b'
}

@test "joblog: a last line that is cut off is replaced, what is no line is refused" {
    run -123 jobpool map -j1 --joblog joblog -o none 'exit {}' ::: 0 0 1
    cp joblog torn
    truncate -s -5 torn
    run -123 jobpool map -j1 --joblog torn --resume -o none 'exit {}' ::: 0 0 1
    assert_equal "$(cut -f 1,7 torn)" $'Seq\tExitval\n1\t0\n2\t0\n3\t1'
    sed -i '3s/.*/nothing/' joblog
    run -2 jobpool map -j1 --joblog joblog --resume -o none 'exit {}' ::: 0 0 1
    assert_match "$output" '^jobpool: joblog joblog:3: no line of a joblog'
}

@test "joblog: what was cut short has no line, and is run again" {
    printf '%s\n' 1 2 3 > items
    start_run -j1 --joblog joblog 'echo {} >> ledger; test {} = 1 || test -e go || exec sleep 81.{}'
    wait_alive 'sleep 81.2'
    kill -TERM "$RUN"
    wait "$RUN" || true
    assert_equal "$(cut -f 1 joblog)" $'Seq\n1'
    touch go
    run -0 jobpool map -j1 --joblog joblog --resume -o none 'echo {} >> ledger; test {} = 1 || test -e go || exec sleep 81.{}' < items
    assert_equal "$(tr '\n' ' ' < ledger)" '1 2 2 3 '
}

@test "joblog: a full disk is told, and the rest of the run goes on" {
    need_mounts
    joblog_on_full() {
        mount -t tmpfs -o size=16k none full || return 99
        seq 500 | "$TEST_PROGRAM" map -j2 --joblog full/joblog true
        local status=${PIPESTATUS[1]}
        cp full/joblog kept
        return "$status"
    }
    status=0
    with_mounts joblog_on_full || status=$?
    assert_status 125
    assert_equal "$(< complaints)" 'jobpool: joblog full/joblog: write: No space left on device (ENOSPC)'
    assert_equal "$(jq -r .state out | sort | uniq -c | awk '{ print $1, $2 }')" '500 succeeded'
    assert_equal "$(tail -n +2 kept | grep -vcP '^\d+\t:\t[\d.]+\t +[\d.]+\t0\t0\t0\t0\ttrue \d+$')" 0
    run -125 jobpool map --joblog none/joblog true ::: a
    assert_equal "$output" 'jobpool: joblog none/joblog: No such file or directory (ENOENT)'
}

@test "joblog: with a journal beside it the journal tells what is done" {
    run -123 jobpool map -j1 --journal journal --joblog joblog -o none 'exit {}' ::: 0 1
    rm joblog
    run -123 jobpool map -j1 --journal journal --joblog joblog --resume-failed -o none 'exit {}' ::: 0 1 0
    assert_equal "$(cut -f 1,7 joblog)" $'Seq\tExitval\n2\t1\n3\t0'
}
