#!/usr/bin/env bats
# Fault 21 once more: processes that keep nothing by which they could be found. The control group of the run has them.

load common
load faults

# Where this shell's own control group (v2) is.
own_group() {
    local point path
    point=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
    path=$(sed -n 's/^0:://p' /proc/self/cgroup)
    [ -n "$point" ] && [ -n "$path" ] && echo "$point${path%/}"
}

# Skips where jobpool can have no group. That is found out without it.
need_groups() {
    local probe
    [ "${JOBPOOL_SANITIZE:-}" != thread ] || skip 'ThreadSanitizer makes a fork of vfork: no control group'
    case $(uname -m) in
    x86_64 | aarch64) ;;
    *) skip 'no control group on this processor' ;;
    esac
    GROUP=$(own_group) || skip 'no control group v2 is mounted'
    probe=$GROUP/probe.$BASHPID
    mkdir "$probe" 2> /dev/null || skip "no control group can be made in $GROUP"
    local missing=
    [ -w "$probe/cgroup.kill" ] || missing=yes
    rmdir "$probe"
    [ -z "$missing" ] || skip 'this kernel has no cgroup.kill'
    # clone3 with nothing: EINVAL where it is, something else where it is filtered.
    python3 -c 'import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(435, None, 0)
raise SystemExit(ctypes.get_errno() != 22)' || skip 'clone3 is not allowed here'
}

groups_of() { # PID…: the directories that these jobpools made and did not remove
    local pid
    for pid in "$@"; do
        find "$GROUP" -type d -name "jobpool.$pid.*" 2> /dev/null
    done
}

# Now. What should be gone and is not would never go by itself, and be found by the next run of the test.
gone() { # COMMAND_LINE
    none_alive "$1" || { pkill -KILL -x -f "$1"; return 1; }
}

no_groups_of() { # PID…
    local left
    left=$(groups_of "$@")
    [ -z "$left" ] || { echo "left: $left"; return 1; }
}

# A command that ends at once and leaves a program behind: in a session of its own, without environment or parent. Ends
# only when that runs.
leaves() { # SECONDS
    echo "(setsid env -i /bin/sh -c 'exec /bin/sleep $1' < /dev/null > /dev/null 2>&1 &);
        until pgrep -x -f '/bin/sleep $1' > /dev/null; do :; done"
}

@test "fault 21: kill -9 reaches what kept nothing" {
    need_groups
    local target trial
    repeats 40
    for ((trial = 1; trial <= REPEATS; trial++)); do
        for target in '' -; do
            begin "$JOBPOOL" map -j2 ::: "$(leaves 1021.61); echo > \$JOBPOOL_SEQ.left; sleep 1021.61" \
                "$(leaves 1021.62); (setsid env -i /bin/sh -c '/bin/sleep 1021.62; :' &); echo > \$JOBPOOL_SEQ.left"
            wait_file 1.left
            wait_file 2.left
            [ -n "$(groups_of "$PID")" ]
            kill -KILL -- "$target$PID"
            ends 'signal 9'
            assert_gone '/bin/sleep 1021.6[12]' 10
            wait_until no_groups_of "$PID"
            rm ./*.left
        done
    done
}

@test "fault 21: kill -9 reaches what a callback left" {
    need_groups
    begin "$JOBPOOL" map --callback "$(leaves 1021.63); echo > left; sleep 1021.63" ::: true 'sleep 1021.63'
    wait_file left
    kill -KILL "$PID"
    ends 'signal 9'
    assert_gone '/bin/sleep 1021.63' 10
    assert_gone 'sleep 1021.63' 10
    wait_until no_groups_of "$PID"
}

# A shell that executes jobpool leaves it its children; among their orphans nobody else's can be told from ours by marks.
@test "fault 21: the end of a run reaches what kept nothing, and spares what was there before" {
    need_groups
    # shellcheck disable=SC2016 # the shell that is executed expands it
    begin sh -c 'sleep 1021.65 & echo $! > before; exec "$TEST_PROGRAM" map -o none ::: "$1"' sh "$(leaves 1021.64)"
    ends 'exit 0'
    gone '/bin/sleep 1021.64'
    alive 'sleep 1021.65'
    kill "$(< before)"
    assert_gone 'sleep 1021.65'
    no_groups_of "$PID"
}

@test "fault 21: a jobpool within a jobpool" {
    need_groups
    local inner
    # The inner one's group is in the outer's.
    begin "$JOBPOOL" map ::: "echo \$\$ > inner; exec \"\$TEST_PROGRAM\" map ::: \"$(leaves 1021.66); cat /proc/self/cgroup > shown; sleep 1021.66\""
    wait_file shown
    inner=$(< inner)
    grep -qE "^0::.*/jobpool\\.$PID\\.[0-9a-f]+/jobpool\\.$inner\\.[0-9a-f]+\$" shown
    kill -KILL "$PID"
    ends 'signal 9'
    assert_gone '/bin/sleep 1021.66' 10
    wait_until no_groups_of "$PID" "$inner"

    # Only the inner one, and its guardian with it: what it leaves goes with the outer one at the latest.
    begin "$JOBPOOL" map -o none ::: "\"\$TEST_PROGRAM\" map ::: \"$(leaves 1021.67); echo > left; sleep 1021.67\" & echo \$! > inner
        until test -s left; do sleep 0.01; done; kill -KILL \$! \$(pgrep -P \$! -x jobpool-guard); wait; :"
    ends 'exit 0'
    gone '/bin/sleep 1021.67'
    no_groups_of "$PID" "$(< inner)"
}

@test "fault 21: no group is left, whatever the end" {
    need_groups
    local pid
    begin "$JOBPOOL" map echo ::: a b c
    ends 'exit 0'
    no_groups_of "$PID"
    begin "$JOBPOOL" map --report no/such/folder echo ::: a
    ends 'exit 125'
    no_groups_of "$PID"
    begin "$JOBPOOL" map --timeout 0.2 --kill-after 0.1 'trap "" TERM; sleep 1021.7; :' ::: a
    ends 'exit 123'
    no_groups_of "$PID"

    begin "$JOBPOOL" map 'echo > up; sleep 1021.7; :' ::: a
    wait_file up
    kill -INT "$PID"
    ends 'signal 2'
    no_groups_of "$PID"

    # In a hurry the guardian may be the one who removes it.
    rm up
    begin "$JOBPOOL" map 'trap "" TERM; echo > up; sleep 1021.7; :' ::: a
    wait_file up
    kill -TERM "$PID"
    wait_until has_heard "$PID"
    kill -TERM "$PID"
    ends 'signal 15'
    wait_until no_groups_of "$PID"
    assert_gone 'sleep 1021.7'

    # Nobody but jobpool itself.
    rm up
    begin "$JOBPOOL" map 'echo > up; until test -s go; do sleep 0.01; done; :' ::: a
    wait_file up
    pid=$(pgrep -P "$PID" -x jobpool-guard)
    kill -KILL "$pid"
    echo > go
    ends 'exit 0'
    no_groups_of "$PID"
}

@test "fault 21: without a group all goes on" {
    need_groups
    need setpriv
    need strace
    # Where the call is not, tasks and threads are born as ever.
    ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 strace -f -qq -o calls -e signal=none -e trace=clone3,vfork \
        -e inject=clone3:error=ENOSYS "$JOBPOOL" map -j1 -o text 'sed -n s/^0::.*jobpool/in/p /proc/self/cgroup; echo {}' \
        ::: a b > out
    assert_equal "$(grep -c 'CLONE_INTO_CGROUP.*ENOSYS' calls)" 1
    assert_equal "$(< out)" $'a\nb'
    # Another user may make none.
    [ "$(id -u)" = 0 ] || skip 'only root can be another user'
    run -0 env -u TMPDIR setpriv --reuid 61021 --regid 61021 --clear-groups "$JOBPOOL" map -o text \
        'sed -n s/^0::.*jobpool/in/p /proc/self/cgroup; echo' ::: a
    assert_equal "$output" a
}
