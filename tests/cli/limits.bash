# shellcheck shell=bash
# What is measured, and file systems that are too small; loaded behind faults.

# The watchdog gives the long repeats their time, and the sanitizers.
if [ -n "${JOBPOOL_STRESS:-}" ]; then
    export BATS_TEST_TIMEOUT=3600
elif [ -n "${JOBPOOL_SANITIZE:-}" ]; then
    export BATS_TEST_TIMEOUT=300
fi

# Runs a command. The most memory that it had, or anything that it waited for, goes in KiB to the file peak.
peak() { # COMMAND…
    python3 -c '
import os, sys
pid = os.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(pid, 0)
with open("peak", "w", encoding="ascii") as file:
    file.write(str(usage.ru_maxrss))
code = os.waitstatus_to_exitcode(status)
sys.exit(code if code >= 0 else 128 - code)' "$@"
}

# That a figure is kept: five times that much is allowed in a normal run, where other programs may be in the way.
at_most() { # WHAT MEASURED FIGURE UNIT
    local most=$((5 * $3))
    [ -z "${JOBPOOL_STRESS:-}" ] || most=$3
    echo "# $BATS_TEST_DESCRIPTION: $1: $2 $4 (at most $most)" >&3
    [ "$2" -le "$most" ] || { echo "$1: $2 $4, more than $most"; return 1; }
}

# The same for the peak of memory. The sanitizers have a memory of their own, which is not limited.
memory_at_most() { # FIGURE_MIB
    local used
    used=$(($(< peak) / 1024))
    if [ -n "${JOBPOOL_SANITIZE:-}" ]; then
        echo "# $BATS_TEST_DESCRIPTION: peak of memory: $used MiB, with sanitizers" >&3
    else
        at_most 'peak of memory' "$used" "$1" MiB
    fi
}

# Skips where file systems cannot be mounted, not even in a name space of one's own.
need_mounts() {
    UNSHARE=(unshare --mount --propagation private)
    mkdir -p full
    "${UNSHARE[@]}" mount -t tmpfs none full 2> /dev/null && return
    UNSHARE+=(--map-root-user)
    "${UNSHARE[@]}" mount -t tmpfs none full 2> /dev/null || skip 'mount is refused here'
}

# Calls a function where it may mount what it likes: all of that is gone when it returns. Its output goes to ./out.
with_mounts() { # FUNCTION [ARGUMENT…]
    "${UNSHARE[@]}" bash -c "$(declare -p JOBPOOL; declare -f "$1")"$'\n"$@"' bash "$@" > out 2> complaints
}
