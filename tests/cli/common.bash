# What the tests of the command line share. Each file begins with: load common

# The program; ctest sets it. By hand: JOBPOOL=build/jobpool bats tests/cli
: "${JOBPOOL:=${TEST_PROGRAM:-$BATS_TEST_DIRNAME/../../build/jobpool}}"
JOBPOOL=$(realpath "$JOBPOOL")
# To the program itself $JOBPOOL is a list of options, so it is not passed on. Each test, which bats runs in a process
# that reads this again, finds it in $TEST_PROGRAM, and so do tests in other languages.
export -n JOBPOOL
export TEST_PROGRAM=$JOBPOOL

# The watchdog: a test that hangs is a test that fails.
export BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-120}

# Nobody's settings but the test's own.
unset JOBPOOL_RUN JOBPOOL_ID JOBPOOL_SEQ JOBPOOL_SLOT JOBPOOL_ATTEMPT
export HOME=$BATS_TEST_TMPDIR

# Every test ends clean: all that it starts carries $TEST_MARK in its environment, and teardown looks for such processes.
# (What bats itself has started by then, its watchdog, does not carry it.)
begin_test() { # FOLDER
    export TEST_MARK=$BATS_TEST_TMPDIR
    cd "$1" || return 1
}

end_test() { # SECONDS: how long something may still be on its way out
    local left pids=() until=$((SECONDS + $1))
    while left=$(marked); [ -n "$left" ] && [ "$SECONDS" -lt "$until" ]; do
        wait_a_moment
    done
    [ -n "$left" ] || return 0
    mapfile -t pids <<< "$left"
    ps -o pid,ppid,stat,args -p "${left//$'\n'/,}"
    kill -KILL "${pids[@]}" 2> /dev/null
    return 1
}

setup() {
    begin_test "$BATS_TEST_TMPDIR"
}

teardown() {
    end_test 3
}

# The processes that this test started and that still run, one number per line.
marked() {
    (
        mark=$TEST_MARK
        unset TEST_MARK # grep is none of them
        grep -lszxF "TEST_MARK=$mark" /proc/[0-9]*/environ | cut -d / -f 3
    )
}

none_marked() {
    [ -z "$(marked)" ]
}

jobpool() {
    "$JOBPOOL" "$@"
}

# How often a repeated case runs: N times under --stress, else a twentieth, at least three. Prints the count. Under
# ThreadSanitizer, where all is slow, no case runs more than a thousand times.
repeats() {
    local n=$1
    if [ -z "${JOBPOOL_STRESS:-}" ]; then
        n=$((n / 20))
        [ "${JOBPOOL_SANITIZE:-}" != thread ] || [ "$n" -le 1000 ] || n=1000
        [ "$n" -ge 3 ] || n=3
    fi
    echo "# $n of $1 repeats" >&3
    REPEATS=$n
}

# Is there a process whose whole command line is this? (Give each test a number of its own: sleep 1234.5)
alive() {
    pgrep -x -f "$1" > /dev/null
}

# Waits until no such process is left; fails after SECONDS (default 2).
assert_gone() {
    local until=$((SECONDS + ${2:-2} + 1))
    while alive "$1"; do
        if [ "$SECONDS" -ge "$until" ]; then
            echo "still alive: $(pgrep -a -x -f "$1")"
            pkill -KILL -x -f "$1"
            return 1
        fi
        wait_a_moment
    done
}

# Waits until such a process is there; fails after 10 seconds.
wait_alive() {
    local until=$((SECONDS + 10))
    until alive "$1"; do
        [ "$SECONDS" -lt "$until" ] || { echo "never started: $1"; return 1; }
        wait_a_moment
    done
}

# Waits until a file exists and is not empty.
wait_file() {
    local until=$((SECONDS + ${2:-10}))
    until [ -s "$1" ]; do
        [ "$SECONDS" -lt "$until" ] || { echo "never written: $1"; return 1; }
        wait_a_moment
    done
}

# Waits until a process has used no processor time for a while.
wait_quiet() { # PID
    local before='' now
    now=$(cut -d ' ' -f 14,15 "/proc/$1/stat")
    until [ "$before" = "$now" ]; do
        before=$now
        for _ in 1 2 3 4 5 6 7 8 9 10; do wait_a_moment; done
        now=$(cut -d ' ' -f 14,15 "/proc/$1/stat")
    done
}

# One turn of a loop that waits for something outside: read from a pipe that nobody writes to.
wait_a_moment() {
    read -r -t 0.02 <> <(:) || true
}

# assert_status WANTED, after `run`.
assert_status() {
    [ "$status" -eq "$1" ] || { echo "status $status, not $1; output: $output"; return 1; }
}

assert_equal() {
    [ "$1" = "$2" ] || { printf 'is:     %s\nwanted: %s\n' "$1" "$2"; return 1; }
}

assert_match() {
    [[ $1 =~ $2 ]] || { printf 'is:     %s\nwanted: %s\n' "$1" "$2"; return 1; }
}

# Milliseconds on a clock that only goes forward.
now_ms() {
    local up
    read -r up _ < /proc/uptime
    echo "${up/./}0"
}

# Skips for something that this machine really lacks, and says so.
need() {
    command -v "$1" > /dev/null || skip "$1 is not installed"
}
