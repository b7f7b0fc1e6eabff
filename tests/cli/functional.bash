# shellcheck shell=bash
# shellcheck disable=SC2154 # bats sets output
# What the suites of the program's functions share; loaded behind common.

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

# One field of each result of the last `run`, in the order of submission.
fields() { # JQ
    jq -rs "[.[] | select(.type == \"result\")] | sort_by(.seq)[] | $1" <<< "$output"
}

# The same of the results in a file, in the order in which the lines stand there.
fields_of() { # FILE JQ
    jq -r "select(.type == \"result\") | $2" "$1"
}

# A task that reads such a FIFO (cat NAME) waits until the test says open_gate NAME.
make_gates() { # NAMES…
    mkfifo "$@"
}

# Lets the task go that waits there, and waits for it to come first. The test's own limit is the watchdog.
open_gate() { # NAME
    : > "$1"
}

# A conversation with `jobpool run OPTIONS…`, as the Python on stdin says it: see lib/conversation.py.
converse() { # OPTIONS…
    python3 "$ROOT/tests/lib/conversation.py" "$@"
}
