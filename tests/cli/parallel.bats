#!/usr/bin/env bats
# jobpool under the name parallel: the same command lines as GNU parallel's (data/parallel), and what those cannot tell.
# Dollars in single quotes are for the shell of the task.
# shellcheck disable=SC2016,SC1003
load common
bats_require_minimum_version 1.5.0

data=$BATS_TEST_DIRNAME/../data/parallel
manual=$BATS_TEST_DIRNAME/../../man/jobpool-parallel.1.scd

setup() {
    begin_test "$BATS_TEST_TMPDIR"
    unset PARALLEL PARALLEL_SHELL PARALLEL_HOME XDG_CONFIG_HOME
}

parallel() {
    "$JOBPOOL" parallel "$@"
}

# What GNU parallel answered is kept beside the program, because it takes its time.
as_gnu() { # FILE
    local gnu
    gnu=$(type -P parallel) || skip "GNU parallel is not installed"
    "$gnu" --version 2> /dev/null | grep -q '^GNU parallel' || skip "the parallel that is installed is not GNU's"
    COMPARE_CACHE=${JOBPOOL%/*}/gnu-parallel-answers.json \
        python3 "$BATS_TEST_DIRNAME/../lib/compare.py" parallel "$gnu" "$JOBPOOL" "$data/$1"
}

@test "as GNU parallel: the basic command lines" { as_gnu basic.cases; }
@test "as GNU parallel: blocks of standard input, output as it comes, several items" { as_gnu more.cases; }
@test "as GNU parallel: the input" { as_gnu inputs.cases; }

@test "the program under the name parallel is the command parallel" {
    ln -s "$JOBPOOL" parallel
    run -0 ./parallel -k --tag echo ::: a b
    assert_equal "$output" $'a\ta\nb\tb'
    run -0 bash -c "exec -a /x/y/parallel '$JOBPOOL' echo ::: a"
    assert_equal "$output" a
    ln -s "$JOBPOOL" map
    run -2 ./map echo ::: a
    assert_match "$output" "unknown command 'echo'"
}

@test "cmake --install: links under libexec, and none under bin" {
    need cmake
    local build=${JOBPOOL%/*}
    [ -e "$build/cmake_install.cmake" ] || skip "the program is not in its build folder"
    run -0 cmake --install "$build" --prefix "$PWD/usr"
    [ ! -e usr/bin/parallel ]
    run -0 usr/libexec/jobpool/parallel -k echo ::: a b
    assert_equal "$output" $'a\nb'
    assert_match "$(readlink usr/libexec/jobpool/parallel)" '^\.\./\.\./bin/jobpool$'
}

@test "every option of parallel(1) is known, and works or is refused by name" {
    local option names
    mapfile -t names < "$data/options"
    [ "${#names[@]}" -gt 180 ]
    for option in "${names[@]}"; do
        # A value that no option can have: what takes none stumbles over the options behind it.
        run parallel "$option" --no-such-value-anywhere ::: < /dev/null
        [[ $output != *"unknown option '$option'"* ]] || { echo "$option: $output"; return 1; }
    done
}

@test "what is refused for good is in the manual" {
    local option name names
    mapfile -t names < "$data/options"
    sed -n '/^# REFUSED/,/^# EXAMPLES/p' "$manual" | tr -d '\\' > refused
    for option in "${names[@]}"; do
        run parallel "$option" 1 < /dev/null
        [[ $output == *" of GNU parallel is refused: "* ]] || continue
        # By this name, or by that of the message.
        name=${output#*"option '"}
        grep -qE -- "(^| )($option|${name%%"'"*})([,.]|$)" refused || { echo "$option is not in the manual"; return 1; }
    done
}

@test "failures that are not a task's: status 255, one line on stderr" {
    local stderr
    for words in '--nosuch echo' '-j x echo' '--li echo' '-a nosuch echo' '--rpl x echo' '--halt maybe echo' '--jobs'; do
        # shellcheck disable=SC2086 # they are words
        run --separate-stderr -255 parallel $words < /dev/null
        assert_equal "$output" ""
        assert_match "$stderr" '^jobpool: '
        assert_equal "$(wc -l <<< "$stderr")" 1
    done
    run -255 parallel echo '\{}' ::: a
    assert_match "$output" backslash
}

@test "Perl expressions are refused with what to write instead" {
    run -255 parallel echo '{= s:\.[^.]+$:: =}' ::: a.b
    assert_match "$output" 'no Perl in replacement strings; write \{\.\}$'
    run -255 parallel 'echo {=1 s:.*/:: =}' ::: a.b
    assert_match "$output" 'write \{/\}$'
    run -255 parallel echo '{=' '$_=seq()' '=}' ::: a
    assert_match "$output" 'write \{#\}$'
    run -255 parallel -q echo '{= $_++ =}' ::: a
    run -0 parallel echo '{=' ::: a
    assert_equal "$output" "{= a"
}

@test "citation: nobody is asked, and nothing is run" {
    run -0 parallel --citation <<< 'will cite'
    assert_equal "$output" ""
    run -0 parallel --bibtex --will-cite < /dev/null
    run -0 parallel --citation echo ::: a
    assert_equal "$output" a
}

@test "--version names both; --help is complete" {
    run -0 parallel --version
    assert_match "$output" '^jobpool .*GNU parallel 20221122$'
    run -0 parallel --help
    for option in --quote --jobs --print-commands --min-version --arg-file --halt; do
        grep -q -- "$option" <<< "$output" || { echo "no $option"; return 1; }
    done
}

@test "PARALLEL_SHELL, a shell that values cannot be quoted for, and no shell at all" {
    PARALLEL_SHELL=/bin/sh run -0 parallel 'echo $0 {}' ::: a
    assert_equal "$output" "/bin/sh a"
    PARALLEL_SHELL=/usr/bin/fish run -255 parallel 'echo {}' ::: a
    assert_match "$output" 'cannot be quoted for the shell /usr/bin/fish'
    run -0 parallel --no-shell printf '%s.' '$x {}' ::: 'a  b'
    assert_equal "$output" '$x a  b.'
}

@test "jobpool's own options are there, too: JSON, a report, a deadline" {
    run -0 parallel -k --output jsonl echo ::: a b
    assert_equal "$(jq -j .stdout <<< "$output")" $'a\nb'
    run -1 parallel --report r --kill-after 1s exit ::: 3
    assert_equal "$(jq .exit_code r)" 3
    run -0 parallel --dry-run --output jsonl echo ::: 'a b'
    assert_equal "$output" "{\"shell\":\"echo 'a b'\"}"
}

@test "the variables of an outer parallel are not those of the inner one" {
    PARALLEL_SEQ=7 PARALLEL_JOBSLOT=8 run -0 parallel 'env | grep -E "^PARALLEL_(SEQ|JOBSLOT)=" | sort; : {}' ::: a
    assert_equal "$output" $'PARALLEL_JOBSLOT=1\nPARALLEL_SEQ=1'
    run -0 jobpool map -o text 'env | grep -c ^PARALLEL_ ; : {}' ::: a || true
}

@test "a map has no variables of parallel" {
    run -0 jobpool map -o text 'env | grep -c ^PARALLEL_ || :; : {}' ::: a
    assert_equal "$output" 0
    run -255 parallel --process-slot-var a=b true ::: 1
    assert_match "$output" "'a=b' is no name"
}

# ---- default options ----

@test "\$JOBPOOL: options in front of those of the command line" {
    run -0 env JOBPOOL='-k -o text' "$JOBPOOL" map echo ::: a b
    assert_equal "$output" $'a\nb'
    run -0 env JOBPOOL="--out text --tag" "$JOBPOOL" map echo ::: 'a b'
    assert_equal "$output" $'a b\ta b'
    run -0 env JOBPOOL="-o text" "$JOBPOOL" map -o none echo ::: a
    assert_equal "$output" ""
    run -0 env JOBPOOL="-o text --env 'A=b  c'" "$JOBPOOL" apply 'echo "$A"'
    assert_equal "$output" "b  c"
    run -0 env JOBPOOL="-o none" "$JOBPOOL" run <<< '{"command":["true"]}'
    assert_equal "$output" ""
    run -0 env JOBPOOL="--tag -k" "$JOBPOOL" parallel echo ::: a
    assert_equal "$output" $'a\ta'
    run -0 env JOBPOOL= "$JOBPOOL" map -o text echo ::: a
}

@test "\$JOBPOOL: what a command does not know, and a word, are refused by name" {
    run -2 env JOBPOOL="-n 2" "$JOBPOOL" apply true
    assert_equal "$output" "jobpool: \$JOBPOOL: unknown option '-n'"
    run -2 env JOBPOOL="--max 2" "$JOBPOOL" map true
    assert_match "$output" '\$JOBPOOL: option .--max. may stand for --max-queue, --max-output, --max-args'
    run -2 env JOBPOOL="-k echo" "$JOBPOOL" map true
    assert_match "$output" "\\\$JOBPOOL: 'echo' is no option"
    run -2 env JOBPOOL="-o 'text" "$JOBPOOL" map true
    assert_match "$output" "\\\$JOBPOOL: the quote in ''text' has no end"
    run -255 env JOBPOOL="--nosuch" "$JOBPOOL" parallel true ::: a
    run -0 env JOBPOOL="--nosuch" "$JOBPOOL" version
}

@test "\$PARALLEL and profiles: what is wrong in them is told with their names" {
    run -255 env PARALLEL=--nosuch "$JOBPOOL" parallel echo ::: a
    assert_equal "$output" "jobpool: \$PARALLEL: unknown option '--nosuch'"
    run -255 env PARALLEL="-k 'x" "$JOBPOOL" parallel echo ::: a
    assert_match "$output" '\$PARALLEL: the quote'
    mkdir .parallel
    echo --bad > .parallel/p
    run -255 parallel -J p echo ::: a
    assert_match "$output" "$PWD/.parallel/p: unknown option '--bad'"
    run -255 parallel -J nosuch echo ::: a
    assert_match "$output" "cannot open the profile $PWD/.parallel/nosuch"
    echo -k > .parallel/config
    PARALLEL_HOME=$PWD/elsewhere run -0 parallel --output jsonl --dry-run echo ::: a
    mkdir -p .config/parallel
    echo --tag > .config/parallel/q
    run -0 parallel -J q echo ::: a
    assert_equal "$output" $'a\ta'
    XDG_CONFIG_HOME=$PWD/.config run -0 parallel -J q echo ::: a
    assert_equal "$output" $'a\ta'
}

# ---- semaphores ----

# What stays in the background keeps the output of sem: only with --fg or --wait may `run` wait for its end.
sem() {
    XDG_STATE_HOME=$PWD/state "$JOBPOOL" sem "$@" 3>&-
}

@test "as GNU parallel: the semaphores" { as_gnu semaphore.cases; }

@test "sem: the command goes to the background, and --wait waits for it" {
    mkfifo gate
    sem --id s 'read x < gate; echo end > ended'
    [ ! -e ended ]
    echo > gate
    run -0 sem --id s --wait
    assert_equal "$(cat ended)" end
    run -0 env XDG_STATE_HOME="$PWD/state" "$JOBPOOL" parallel --id none --wait
}

@test "sem: no more at once than slots" {
    for _ in 1 2 3 4 5 6; do
        sem --id s -j2 "echo + >> log; sleep 0.05; echo - >> log"
    done
    run -0 sem --id s --wait
    assert_equal "$(wc -l < log)" 12
    awk '/[+]/ { n++ } /-/ { n-- } n > 2 { exit 1 }' log
    rm log
    for _ in 1 2 3 4; do
        sem --id s "echo + >> log; echo - >> log"
    done
    run -0 sem --id s --wait
    assert_equal "$(tr -d '\n' < log)" '+-+-+-+-'
}

@test "sem: a command that is killed, and a sem that is killed, give the slot back" {
    sem --id s 'echo $$ > pid; exec sleep 4111'
    wait_file pid
    kill -KILL "$(cat pid)"
    run -0 sem --id s --fg echo next
    assert_match "$output" next
    sem --id s 'echo $PPID > parent; exec sleep 4112'
    wait_file parent
    kill -KILL "$(cat parent)"
    run -0 sem --id s --fg echo next
    assert_equal "$output" next
    assert_gone 'sleep 4112'
}

@test "sem --semaphore-timeout: gives up, or goes on without" {
    sem --id s 'echo $PPID > parent; exec sleep 4113'
    wait_file parent
    run -1 sem --id s --fg --st -100ms echo no
    assert_equal "$output" "jobpool: s: no slot was free in time"
    run -0 sem --id s --fg --st 100ms echo yes
    assert_equal "$output" $'jobpool: s: no slot was free in time; going on without\nyes'
    kill -TERM "$(cat parent)"
    run -0 sem --id s --wait
    assert_gone 'sleep 4113'
}

@test "sem: what is wrong" {
    run -255 sem --id s
    assert_match "$output" "no command given"
    run -255 sem --id '' true
    run -255 sem --id s --st x true
    run -255 env XDG_STATE_HOME=/dev/null "$JOBPOOL" sem --id s true
    assert_match "$output" "/dev/null/jobpool"
    run -255 sem --id s 'echo \{}'
    ln -s "$JOBPOOL" sem
    XDG_STATE_HOME=$PWD/state run -0 ./sem --fg --id s echo a
    assert_equal "$output" a
}

@test "parallel: -m, --results and --files are those of GNU parallel" {
    run -0 jobpool parallel -j1 -m echo pre-{}-post ::: a b
    assert_equal "$output" "pre-a b-post"
    run -0 jobpool parallel -k --results out 'echo {}' ::: a b
    assert_equal "$(cat out/1/a/stdout out/1/b/stdout)" $'a\nb'
    run -0 jobpool parallel --files echo ::: a
    assert_equal "$(cat "$output")" a
}
