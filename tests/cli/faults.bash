# shellcheck shell=bash
# shellcheck disable=SC2034 # the tests read what is set here
# What the files faults_*.bats share; loaded behind common. They hold the faults that jobpool has to survive, by number.
#
# Every test ends clean, $TMPDIR too.

bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

setup() {
    mkdir "$BATS_TEST_TMPDIR/tmp" "$BATS_TEST_TMPDIR/work"
    export TMPDIR=$BATS_TEST_TMPDIR/tmp
    begin_test "$BATS_TEST_TMPDIR/work"
}

teardown() {
    local left
    end_test 0 || return 1
    left=$(ls -A "$TMPDIR")
    [ -z "$left" ] || { echo "left in TMPDIR: $left"; return 1; }
}

# Nobody with this command line is there, now.
none_alive() { # REGEX
    ! alive "$1" || { echo "still alive: $(pgrep -a -x -f "$1")"; return 1; }
}

has_processes() { # COUNT REGEX
    [ "$(pgrep -c -x -f "$2")" -ge "$1" ]
}

# Tries a command until it succeeds; fails after 20 seconds.
wait_until() { # COMMAND…
    local end=$((SECONDS + 20))
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || { echo "never came true: $*"; return 1; }
        wait_a_moment
    done
}

# That a time is at most a figure: five times the figure in a normal run, where other programs may be in the way.
within() { # WHAT MEASURED_MS FIGURE_MS
    local most=$((5 * $3))
    if [ -n "${JOBPOOL_STRESS:-}" ] && [ -z "${JOBPOOL_SANITIZE:-}" ]; then
        most=$3
    fi
    echo "# $BATS_TEST_DESCRIPTION: $1: $2 ms (at most $most)" >&3
    [ "$2" -le "$most" ] || { echo "$1 took $2 ms, more than $most"; return 1; }
}

# How long a task ran over TIME_MS, from its result on stdin.
overshoot() { # TIME_MS
    jq "(.wall_s * 1000 | round) - $1"
}

# ---- a conversation with `jobpool run`: what it says goes to the file heard ----

talk() { # OPTION…
    mkfifo to from
    : > heard
    "$JOBPOOL" run "$@" < to > from 2> complaints 3>&- &
    TALK=$!
    exec 8> to 9< from
}

tell() { # LINE…
    printf '%s\n' "$@" >&8
}

# Reads until a line matches; it is in HEARD then.
hear() { # REGEX
    while read -r -t 30 HEARD <&9; do
        printf '%s\n' "$HEARD" >> heard
        [[ ! $HEARD =~ $1 ]] || return 0
    done
    echo "never said: $1; but:"
    cat heard complaints
    return 1
}

# Ends the input and hears the rest. Sets status.
hang_up() {
    exec 8>&-
    cat <&9 >> heard
    exec 9<&-
    status=0
    wait "$TALK" || status=$?
}

# Has it read all signals that were sent to it? (Only then does the same signal count again.)
has_heard() { # PID
    grep -q '^ShdPnd:.0*$' "/proc/$1/status"
}

# How many lines of a file are results in that state.
count_state() { # STATE [FILE]
    jq -c "select(.type == \"result\" and .state == \"$1\")" "${2:-heard}" | wc -l
}

# ---- a program that signals are sent to ----

# Starts a command with signals in their default state, in a process group of its own. Its output goes to the file out.
begin() { # COMMAND…
    rm -f end end.pid
    python3 "$ROOT/tests/lib/start.py" --end end "$@" <&0 > out 2> complaints 3>&- &
    STARTER=$!
    wait_until test -s end.pid
    read -r PID < end.pid
}

# Waits for its end, which must be as told: "exit 123", "signal 2".
ends() { # HOW
    wait "$STARTER"
    [ "$(< end)" = "$1" ] || { echo "ended with $(< end), not $1"; cat out complaints; return 1; }
}

count_lines() { # FIXED_TEXT FILE
    grep -cF -- "$1" "$2" || true
}

# Are there at least so many lines with this text?
has_lines() { # COUNT FIXED_TEXT FILE
    [ "$(count_lines "$2" "$3")" -ge "$1" ]
}
