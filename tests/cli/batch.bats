#!/usr/bin/env bats
# How many items a task gets: so many, or as many as a command line holds; what of a command is there for each of them;
# and what becomes of a command line that is too long for the system all the same.
# Scripts and templates in single quotes are jobpool's.
# shellcheck disable=SC2016,SC1083
load common
load functional
load faults

map() {
    jobpool map -k -o text "$@"
}

# What `map WORDS…` prints, stdin included.
gives() { # EXPECTED WORDS…
    local expected=$1
    shift
    run -0 --separate-stderr map "$@"
    assert_equal "$output$stderr" "$expected"
}

# A usage error: status 2, one line on stderr with this text, nothing started.
refuses() { # TEXT WORDS…
    local text=$1
    shift
    run --separate-stderr -2 map "$@" < /dev/null
    assert_equal "$output" ''
    [[ $stderr == jobpool:*"$text"* ]] || { echo "'$text' is not in: $stderr"; return 1; }
    assert_equal "${#stderr_lines[@]}" 1
}

# ---- as many as fit ----

@test "-m and -X spread the last items evenly over the slots, --xargs does not" {
    gives $'1 2 3\n4 5 6\n7 8\n9 10' -j4 -m echo ::: {1..10}
    gives $'1 2 3\n4 5 6\n7 8\n9 10' -j4 -X echo ::: {1..10}
    gives '1 2 3 4 5 6 7 8 9 10' -j4 --xargs echo ::: {1..10}
    gives $'1\n2\n3' -j40 -m echo ::: 1 2 3
    gives $'1 2 3 4\n5 6 7 8\n9 10' -j4 -m -n 4 echo ::: {1..10}
    gives '' -j4 -m echo < /dev/null
    # The items of several sources stay whole.
    gives $'1 a 1 b\n2 a 2 b' -j2 -m echo ::: 1 2 ::: a b
}

@test "-X has a word for each value, -m one for all" {
    gives 'pre-a.gz pre-b c.gz a b c' -j1 -X echo 'pre-{}.gz' {} ::: a 'b c'
    gives 'pre-a b c.gz a b c' -j1 -m echo 'pre-{}.gz' {} ::: a 'b c'
    gives '[x-a][x-b c]' -j1 -X 'printf "[%s]" "x-{}"; echo' ::: a 'b c'
    gives '[x-a b c]' -j1 -m 'printf "[%s]" "x-{}"; echo' ::: a 'b c'
    gives $'aXa bXb\ncXc' -N 2 echo {}X{} ::: a b c
    gives $'aXa b\naXc' -n 2 echo aX{} ::: a b c
    gives $'xa xb\nxc' -L 2 echo x{} < <(printf '%s\n' a b c)
    gives 'xa b' -N 2 -m echo x{} ::: a b
    # What a redirection or an assignment takes stays one word.
    map -j1 -X 'echo a{} > b{}; v=c{}; echo "$v"' ::: 1 2 > out
    assert_equal "$(cat out "b1 2")" $'c1 2\na1 a2'
}

@test "-s bounds the bytes of a command line, NULs included" {
    gives $'1 2 3\n4 5 6\n7 8 9\n10' -s 11 --xargs echo ::: {1..10}
    gives $'x1 x2\nx3 x4' -j1 -s 11 echo x{} ::: 1 2 3 4
    gives $'1 2\n3 4\n5' -s 11 -n 2 --xargs echo ::: 1 2 3 4 5
    gives $'1\n22222\n3' -s 11 -n 2 echo ::: 1 22222 3
    refuses 'the command alone has 16 bytes, and 10 are allowed' -s 10 echo aaaaaaaaaa ::: 1
    refuses '--max-chars' -s 0 echo ::: 1
    refuses '--max-chars' -s x echo ::: 1
    refuses '-X: a task of --pipe has a block' --pipe -X cat
    refuses '--max-chars: a task of --pipe' --pipe -s 100 cat
}

@test "an item that -s has no room for is told and left out, the others run" {
    local status=0
    map -j1 -s 10 --xargs echo ::: 1 12345 2 12345 3 > out 2> complaints || status=$?
    assert_equal "$status" 123
    assert_equal "$(cat out)" $'1 2\n3'
    assert_equal "$(cat complaints)" 'jobpool: item 2 makes a command line of 11 bytes, --max-chars allows 10
jobpool: item 4 makes a command line of 11 bytes, --max-chars allows 10'
}

@test "items are told by their places only where a task has all of them" {
    local status=0
    # Two make a pair, or none.
    map -s 16 -n 2 echo {1} {2} ::: a b aaaaaaa bbbbbbb c d > out 2> complaints || status=$?
    assert_equal "$status" 123
    assert_equal "$(cat out)" $'a b\nc d'
    grep -q 'its group of 2 is left out' complaints
}

# ---- beside xargs and GNU parallel ----

@test "lines are cut where xargs cuts them" {
    local size
    command -v xargs > /dev/null || skip 'xargs is not installed'
    awk 'BEGIN { srand(7); for (i = 0; i < 8000; i++) { s = i; while (rand() < 0.7 && length(s) < 80) s = s "-" i; print s } }' > items
    for size in 100 1000 4096 65536 131072; do
        xargs -s "$size" echo < items > theirs
        map --xargs -s "$size" echo < items > ours
        cmp theirs ours
        xargs -n 70 -s "$size" echo < items > theirs
        map -n 70 -s "$size" echo < items > ours
        cmp theirs ours
    done
    xargs echo < items > theirs
    map --xargs echo < items > ours
    cmp theirs ours
    xargs -n 5000 -s 1000000 echo < items > theirs
    map -n 5000 echo < items > ours
    cmp theirs ours
}

@test "words are made as GNU parallel makes them" {
    local options script
    command -v parallel > /dev/null || skip 'GNU parallel is not installed'
    for options in -X -m --xargs '-N 3' '-n 3' '-L 2' '-X -n 4' '-m -n 4'; do
        for script in 'echo' 'echo {}' 'echo pre-{}.x {}' 'echo {.}-{/} y{}' 'echo {1} z{}' 'echo {} {#}'; do
            # shellcheck disable=SC2086
            parallel --plain -j1 -k $options "$script" ::: a/b.c d e.f g h/i > theirs
            # shellcheck disable=SC2086
            map -j1 $options "$script" ::: a/b.c d e.f g h/i > ours
            cmp theirs ours || { echo "$options: $script"; diff theirs ours; return 1; }
        done
    done
}

# ---- many, long, hostile ----

@test "a million items, each once" {
    local options
    seq 1000000 > items
    for options in '-n 5000' -m -X --xargs '-s 1M'; do
        # shellcheck disable=SC2086
        map -j2 $options printf '%s\n' < items > out
        cmp items out || { echo "$options"; return 1; }
    done
    map -j2 -X printf '%s\n' 'x{}' < items | tr -d x > out
    cmp items out
}

@test "a million items take no more memory than a command line" {
    [ -z "${JOBPOOL_SANITIZE:-}" ] || skip 'the sanitizers need memory of their own'
    local options
    for options in '-n 5000' -m -X; do
        # shellcheck disable=SC2086
        seq 1000000 | "$JOBPOOL" map -j2 -o none $options 'true; cat /proc/$PPID/status >> status; :' > out
        assert_equal "$(awk '/^VmHWM/ && $2 > 16384' status)" ''
        rm status
    done
}

@test "hostile values with -X in a script are words of it, and never code" {
    printf '%s\0' '$(touch pwned)' '`touch pwned`' "'; touch pwned; '" '"; touch pwned; "' $'a\ntouch pwned' '& touch pwned' \
        "\\" "'" '"' '*' '' '-n' '>pwned' '$HOME' > items
    for word in 'a{}b' '"a{}b"' "'a{}b'" 'a"{}"b' "a'{}'b"; do
        map -j1 -0 -X "printf '%s\\0' $word" < items > out
        while IFS= read -r -d '' value; do
            printf '%s\0' "a${value}b"
        done < items > expected
        cmp expected out || { echo "$word"; return 1; }
    done
    [ ! -e pwned ]
}

@test "fault 40: an item that no command line holds, among others" {
    local long options
    long=$(head -c 200000 /dev/zero | tr '\0' x)
    { seq 50; echo "$long"; seq 52 100; } > items
    for options in -m -X --xargs '-n 100' '-N 100'; do
        for command in echo 'echo {}; :'; do
            status=0
            # shellcheck disable=SC2086
            jobpool map -j1 -k $options "$command" < items > results || status=$?
            assert_equal "$status" 123
            assert_equal "$(jq -r 'select(.state != "succeeded") | "\(.args | length) \(.error.type) \(.error.message[-7:])"' results)" \
                '1 SpawnError (E2BIG)'
            assert_equal "$(jq -j 'select(.state == "succeeded") | .stdout' results | tr ' ' '\n')" \
                "$({ seq 50; seq 52 100; })"
        done
    done
}

@test "fault 40: an environment of 3 MB" {
    local i
    # Only with a larger stack can it be had at all.
    ulimit -S -s unlimited 2> /dev/null || ulimit -S -s 40000 || skip 'the stack cannot be made larger'
    for i in {1..30}; do
        export "LARGE_$i=$(head -c 100000 /dev/zero | tr '\0' x)"
    done
    seq 300000 > items
    map --xargs -s 4M printf '%s\n' < items > out
    cmp items out
    map -X printf '%s\n' 'x{}' < items | tr -d x > out
    cmp items out
}

# ---- too long all the same ----

# The first two of -n 2000 ran; now the limit is lowered, which jobpool knows nothing of.
@test "E2BIG makes two tasks of one, and again, until all have run; -k keeps the order" {
    local pid
    command -v prlimit > /dev/null || skip 'prlimit is not installed'
    [ -z "${JOBPOOL_SANITIZE:-}" ] || skip 'the sanitizers need more of the stack'
    awk 'BEGIN { for (i = 1; i <= 12000; i++) printf "%08d%0150d\n", i, 0 }' > items
    mkfifo in
    "$JOBPOOL" map -j2 -k --summary -n 4000 printf '%s\n' < in > results 3>&- &
    pid=$!
    exec 4> in
    head -n 4000 items | cut -c 1-8 >&4
    wait_until grep -q '"seq":1,' results
    prlimit --pid "$pid" --stack=524288:
    tail -n +4001 items >&4
    exec 4>&-
    wait "$pid"
    jq -j 'select(.type == "result") | .stdout' results > out
    { head -n 4000 items | cut -c 1-8; tail -n +4001 items; } > expected
    cmp expected out
    assert_equal "$(jq -r 'select(.type == "result") | "\(.state) \(.attempt)"' results | sort -u)" 'succeeded 1'
    # Numbers are given once.
    assert_equal "$(jq -r 'select(.type == "result") | .seq' results | sort -n)" \
        "$(seq "$(jq -s 'map(select(.type == "result")) | length' results)")"
    [ "$(jq -s 'map(select(.type == "result")) | length' results)" -gt 10 ]
}

@test "E2BIG of every execve: each item has a result, SpawnError" {
    command -v strace > /dev/null || skip 'strace is not installed'
    [ -z "${JOBPOOL_SANITIZE:-}" ] || skip 'the sanitizers and strace do not go together'
    local program
    program=$(type -P true)
    status=0
    strace -f -qq -o /dev/null -P "$program" -e trace=execve -e inject=execve:error=E2BIG \
        "$JOBPOOL" map -j2 -k -n 7 --retries 0 --events "$program" ::: {1..20} > results 2> complaints || status=$?
    grep -q 'attach\|ptrace' complaints && skip 'strace may not trace here'
    assert_equal "$status" 126
    assert_equal "$(jq -r 'select(.type == "result") | "\(.args | join(",")) \(.error.type)"' results)" \
        "$(seq -f '%g SpawnError' 20)"
    assert_equal "$(jq -r 'select(.event == "submitted") | .seq' results | sort -n)" "$(seq 20)"
    # Places cannot be told apart any more: all of it fails.
    strace -f -qq -o /dev/null -P "$program" -e trace=execve -e inject=execve:error=E2BIG \
        "$JOBPOOL" map -n 2 "$program" {1} {2} ::: a b > results || true
    assert_equal "$(jq -r '"\(.args | join(",")) \(.error.type)"' results)" 'a,b SpawnError'
}
