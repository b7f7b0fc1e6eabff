#!/usr/bin/env bats
# The command line: help, version, what is wrong with it, and what each option's value may be.
# Scripts in single quotes are for another shell; formats are the test's own.
# shellcheck disable=SC2016,SC2059,SC1003
load common
bats_require_minimum_version 1.5.0

# jobpool WORDS… is wrong usage: status 2, nothing on stdout, one line on stderr that has TEXT.
refuses() { # TEXT WORDS…
    local text=$1
    shift
    run --separate-stderr -2 jobpool "$@"
    assert_equal "$output" ''
    # shellcheck disable=SC2154
    assert_equal "${#stderr_lines[@]}" 1
    [[ $stderr == "jobpool: "*"$text"* ]] || { printf 'is:     %s\nlacks:  %s\n' "$stderr" "$text"; return 1; }
}

# The value is refused, and the message names option and value.
refuses_value() { # OPTION VALUE [TEXT]
    refuses "$1: '$2'" map "$1" "$2" -o none true ::: 1
    [[ $stderr == *"${3:-}"* ]] || { printf 'is:     %s\nlacks:  %s\n' "$stderr" "$3"; return 1; }
}

takes_value() { # OPTION VALUE
    run --separate-stderr -0 jobpool map "$1" "$2" -o none true ::: 1
}

# ---- help and version ----

@test "without arguments: the overview on stderr, status 2" {
    run --separate-stderr -2 jobpool
    assert_equal "$output" ''
    [[ $stderr == Usage:* ]]
    run -0 jobpool help
    assert_equal "$output" "$stderr"
}

@test "the overview has every command, in three ways" {
    run -0 jobpool --help
    local overview=$output name
    run -0 jobpool -h
    assert_equal "$output" "$overview"
    for name in apply map run help version; do
        [[ $overview == *$'\n'"  $name "* ]]
    done
}

@test "every command's --help is complete" {
    local name
    for name in apply map run help version; do
        run --separate-stderr -0 jobpool "$name" --help
        assert_equal "$stderr" ''
        assert_match "${lines[0]}" "^Usage: jobpool $name"
        [[ $output == *$'\nExamples:\n  jobpool '* || $output == *$'\nExamples:\n  echo '* ]]
        [[ $output == *"-h, --help"* ]]
        local help=$output
        run -0 jobpool help "$name"
        assert_equal "$output" "$help"
        run -0 jobpool "$name" -h
        assert_equal "$output" "$help"
    done
}

@test "--help has at most 80 columns, but for what is given as it is" {
    local name
    for name in apply map run help version; do
        jobpool "$name" --help | sed '/^Examples/,$d' | LC_ALL=C.UTF-8 awk 'length > 80 { print; bad = 1 } END { exit bad }'
    done
}

@test "--help comes before all other options, and not from the user's command" {
    run -0 jobpool map -j2 --help nosuch
    [[ $output == Usage:* ]]
    run -0 jobpool apply -o text -- printf '%s\n' --help
    assert_equal "$output" --help
    run -0 jobpool map -o text printf '%s\n' ::: --help
    assert_equal "$output" --help
}

@test "version, in three ways" {
    local words
    for words in version --version -V; do
        run -0 jobpool "$words"
        assert_match "$output" '^jobpool [0-9]+\.[0-9]+\.[0-9]+$'
    done
    refuses "'x'" version x
}

@test "help and version that cannot be written: 125" {
    local words
    for words in --help --version help "help map" "map --help" "help --completion bash"; do
        # shellcheck disable=SC2086
        run -125 bash -c '"$0" "$@" > /dev/full' "$JOBPOOL" $words
        [[ $output == *stdout*ENOSPC* ]]
        # shellcheck disable=SC2086
        run -125 bash -c '"$0" "$@" >&-' "$JOBPOOL" $words
        [[ $output == *stdout*EBADF* ]]
    done
}

@test "help of what there is not" {
    refuses 'did you mean map?' help mpa
    refuses 'one command' help map run
    refuses "did you mean 'bash'" help --completion bsh
    refuses 'takes no command' help --completion bash map
}

# ---- commands and options ----

@test "an unknown command: the nearest name" {
    refuses "unknown command 'mpa'; did you mean map?" mpa
    refuses "did you mean apply?" aply
    refuses "did you mean run?" RUN
    refuses "did you mean version?" vers
    refuses 'see jobpool --help' frobnicate
    refuses "unknown command ''" ''
}

@test "an option where the command should stand" {
    refuses 'did you mean --help?' --hepl
    refuses 'the command comes first' --jobs
    refuses 'the command comes first' -j4 map
}

@test "an unknown option: the nearest name" {
    refuses "unknown option '--jbos'; did you mean --jobs?" map --jbos 3 true
    refuses "did you mean --keep-order?" map --keep-ordr true
    refuses "unknown option '--time'; did you mean --timeout?" map --time=3 true
    refuses "unknown option '--zzzzzz'; see jobpool map --help" map --zzzzzz true
    refuses "unknown option '-Z'" map -kZ true
    refuses "unknown option '-Z'" map -Zk true
    refuses "unknown option '--arg-file': jobpool map has it, jobpool apply has not; see jobpool apply --help" \
        apply --arg-file x true
    refuses "unknown option '--journal': jobpool map has it, jobpool run has not; see jobpool run --help" \
        run --journal x
}

@test "an unknown option of run, behind a file" {
    echo '{"command":["true"]}' > specs
    refuses "unknown option '--jbos'" run specs --jbos
    run -0 jobpool run specs -o none
    run -2 jobpool run -- -o
}

@test "a value that is missing, and one too many" {
    refuses "option '--jobs' needs a value" map --jobs
    refuses "option '-j' needs a value" map -kj
    refuses "option '--timeout' needs a value, DURATION" apply --timeout
    refuses "option '--summary' takes no value" map --summary=yes true
    refuses "option '-k' takes no value" map -k=1 true
}

@test "no command" {
    refuses 'no command' apply
    refuses 'no command' apply -o text --
}

@test "-- ends the options; a word does too" {
    run -0 jobpool apply -o text -- echo -k --jobs
    assert_equal "$output" '-k --jobs'
    run -0 jobpool apply -o text echo -k --jobs
    assert_equal "$output" '-k --jobs'
    run -0 jobpool map -o text -- echo -- ::: a
    assert_equal "$output" '-- a'
}

@test "an option that is given twice counts as it was given last" {
    run -0 jobpool apply -o json -o text -o none -o text echo a
    assert_equal "$output" a
    refuses "'x'" map -j x -j y -j x true
    run -0 jobpool map -j x -j 1 -o text echo ::: a
    assert_equal "$output" a
}

@test "values in the same word" {
    run -0 jobpool map -j1 -otext --queue=lifo --max-args=2 echo ::: a b
    assert_equal "$output" 'a b'
    run -0 jobpool map -kj1 -o=text echo ::: a
    assert_equal "$output" a
}

@test "what popt would replace in a value stays as it is" {
    run -0 jobpool apply -o text --env 'X=a!#:+b' --env $'Y=!\x7f#:+!\x7f\x7f#:+!#:+' -- sh -c 'printf "%s|" "$X" "$Y" "$@"' sh 'c!#:+d'
    assert_equal "$output" $'a!#:+b|!\x7f#:+!\x7f\x7f#:+!#:+|c!#:+d|'
}

@test "aliases in ~/.popt" {
    printf '%s\n' 'jobpool alias --fast --jobs 2 -o text' 'jobpool alias --broken --nosuch' \
        'jobpool alias --loop --loop' 'jobpool alias --with --env V=!#:+' > "$HOME/.popt"
    run -0 jobpool map --fast echo ::: a
    assert_equal "$output" a
    refuses "unknown option '--broken'" map --broken echo
    run -2 jobpool map --loop echo ::: a
    run -0 jobpool apply -o text --with 'x y' sh -c 'echo "$V"'
    assert_equal "$output" 'x y'
}

@test "aliases that cannot be read do no harm" {
    printf 'jobpool alias --fast --jobs "\n\0\xff' > "$HOME/.popt"
    run -0 jobpool apply -o text echo a
    assert_equal "$output" a
}

# ---- values ----

@test "--jobs" {
    for value in '' x -x 0x1 1.5 ' 1' '1 ' 1e3 100001 99999999999999999999 % 0% x% +x +-1 -5% 5%% '+5%' 100001%; do
        refuses_value --jobs "$value" '+N'
    done
    for value in 1 2 010 0 50% 1% 200% +0 +2 -0 -1 -1000; do takes_value -j "$value"; done
}

@test "whole numbers and their bounds" {
    for option in --retries --max-queue --max-args --chunksize --times; do
        for value in '' x -1 1.5 0x10 99999999999999999999; do refuses_value "$option" "$value" 'whole number'; done
    done
    for option in --max-queue --max-args --chunksize --times; do refuses_value "$option" 0 'whole number'; done
    takes_value --retries 0
    takes_value --retries 010
    takes_value --max-queue 1
    takes_value --chunksize 5
}

@test "--nice" {
    for value in -21 20 x ''; do refuses_value --nice "$value" 'from -20 to 19'; done
    takes_value --nice 19
    takes_value --nice 0
}

@test "durations" {
    for option in --timeout --kill-after --deadline --delay --retry-delay --in --every --callback-timeout; do
        for value in '' x -1 nan inf 0x5 5w 1h30 '1 s' 1.s .5 999999999d; do
            refuses "$option: '$value'" map "$option" "$value" true ::: 1
        done
    done
    refuses "longest" map --timeout 999999999d true
    refuses "above 0" map --every 0 true
    refuses "above 0" map --every none true
    for value in 0 none 1h30m 1.5s 500ms 10 1d; do takes_value --timeout "$value"; done
    for value in '1s,' 1s,x 1s,max= 1s,max=x 1s,,jitter jitter; do refuses '--retry-delay: ' map --retry-delay "$value" true; done
    for value in 1s,exponential 1s,jitter 1s,jitter,max=5s,exponential; do takes_value --retry-delay "$value"; done
}

@test "times" {
    for value in '' x 25:00 12:60 2030-02-30T00:00:00Z '2030-01-01' tomorrow 2030-13-01T00:00:00Z; do
        refuses "--at: '$value'" map --at "$value" true ::: 1
        refuses "--until: '$value'" map --every 1s --until "$value" true ::: 1
    done
    takes_value --at 2020-01-01T00:00:00Z
    takes_value --at '2020-01-01 00:00'
    takes_value --at 1970-01-01T00:00:00Z
    refuses 'Nowhere/City' map --at 12:00 --timezone Nowhere/City true
    # A time that the clocks jump over, and one that they show twice.
    refuses 'does not exist' map --at '2030-03-31 02:30' --timezone Europe/Berlin true
    refuses 'occurs twice' map --at '2030-10-27 02:30' --timezone Europe/Berlin true
}

@test "timers that contradict each other" {
    refuses '--in and --at' map --in 1s --at 12:00 true
    refuses '--times needs --every' map --times 3 true
    refuses '--until needs --every' map --until 12:00 true
    refuses '--timezone' map --timezone UTC true
}

@test "sizes" {
    for value in '' x -1 1Q 1.5 K 99999999999999999999 0x10; do refuses_value --max-output "$value"; done
    for value in 0 none 10 1K 1.5M 1KiB 1kB 16M; do takes_value --max-output "$value"; done
}

@test "choices: what is possible, and the nearest" {
    refuses "--output: 'jsonlines' is not possible; use jsonl, json, text or none" map -o jsonlines true
    refuses "did you mean 'text'" map -o tetx true
    refuses "did you mean 'none'" map --output nnoe true
    refuses "--queue: 'fif' is not possible; use fifo, lifo or priority (did you mean 'fifo'?)" map --queue fif true
    refuses "--exit: 'x' is not possible; use count" map --exit x true
    refuses "--output: ''" map -o '' true
    for value in fifo lifo priority; do takes_value --queue "$value"; done
}

@test "gates" {
    for value in '' x -1 1.5.2 +x % +50%; do refuses_value --load "$value"; done
    for value in 100000 1000000% +1000000 99999.5; do takes_value --load "$value"; done
    for option in --memfree --memsuspend; do
        for value in '' x -1 0 1Q; do refuses "$option: '$value'" map "$option" "$value" true; done
        takes_value "$option" 1
        takes_value "$option" 1k
    done
    for value in '' x cpu cpu= cpu=x cpu=101 disk=1 =1 'cpu =1'; do refuses_value --pressure "$value"; done
}

@test "--halt" {
    for value in '' x now soon,fail now,fail=0 now,fail=101% now,fali=1 now,fail=1.5 now,done=-1 NEVER; do
        refuses_value --halt "$value" 'now,fail=1'
    done
    for value in never now,fail=1 soon,fail=10% now,success=1 soon,done=3; do takes_value --halt "$value"; done
}

@test "--delimiter" {
    for value in '' ab '\q' '\x' '\x4' '\xzz' '\x414' 'ü' '\nn'; do
        refuses "--delimiter: '$value'" map -d "$value" true
    done
    refuses '--null and --delimiter' map -0 -d , true
    expect() { # DELIMITER INPUT, which has the items a and b
        printf "$2" | jobpool map -k -o text -d "$1" echo > found
        assert_equal "$(cat found)" $'a\nb'
    }
    expect , 'a,b'
    expect '\t' 'a\tb'
    expect '\0' 'a\0b'
    expect '\n' 'a\nb\n'
    expect '\r' 'a\rb'
    expect '\\' 'a\\b'
    expect '\x2c' 'a,b'
    expect '\xFF' 'a\377b'
    expect $'\xff' 'a\377b'
    expect '=' 'a=b'
}

@test "--env" {
    refuses 'there is no name' map --env =x true
    refuses 'there is no name' map --env '' true
    A=inherited run -0 env A=inherited "$JOBPOOL" apply -o text --env A --env B=1=2 --env C= --env NOT_SET -- \
        sh -c 'echo "$A,$B,${C-unset},${NOT_SET-unset}"'
    assert_equal "$output" 'inherited,1=2,,unset'
    run -0 env A=old "$JOBPOOL" apply -o text --env A=new --env A=newer sh -c 'echo "$A"'
    assert_equal "$output" newer
    for name in JOBPOOL_RUN JOBPOOL_ID JOBPOOL_SEQ JOBPOOL_SLOT JOBPOOL_ATTEMPT; do
        refuses "'$name'" map --env "$name=SECRET" true
        refuses "'$name'" apply --env "$name" true
    done
    takes_value --env JOBPOOL_RUNS=1
    # A value is in no message.
    run --separate-stderr -2 jobpool map --env =SECRET true
    [[ $stderr != *SECRET* ]]
}

@test "values that are empty" {
    for option in --callback --error-callback --cwd --wd --stdin --report --shell-path; do
        refuses 'empty' map "$option" '' true
    done
}

@test "options that contradict each other or need another" {
    refuses '--tag needs -o text' map --tag -o json true
    refuses '--events needs -o jsonl' map --events -o text true
    refuses '--events needs -o jsonl' map --events --tag true
    refuses '--append needs --report' map --append true
    refuses "unknown option '--shell'" run --shell
    refuses '--no-shell and --shell' map --no-shell --shell true
    refuses "--timezone: time zone 'No/Where'" map --at 12:00 --timezone No/Where true
    refuses "--timezone: time zone 'No/Where'" map --at 2030-01-31T08:00:00Z --timezone No/Where true
    refuses '-d =' map -d= echo
    run -0 jobpool map -k -d = -o text echo < <(printf a=b)
    assert_equal "$output" $'a\nb'
    refuses '--no-shell and --shell-path' map --no-shell --shell-path /bin/bash true
    refuses '--stdin' map --stdin - cat
}

@test "--tag implies -o text" {
    run -0 jobpool map --tag echo ::: a
    assert_equal "$output" $'a\ta'
    run -0 jobpool map --tag -o text echo ::: a
    assert_equal "$output" $'a\ta'
}

@test "--cwd and --wd" {
    mkdir one two
    run -0 jobpool apply -o text --cwd one pwd
    assert_equal "$output" "$PWD/one"
    run -0 jobpool apply -o text --wd two pwd
    assert_equal "$output" "$PWD/two"
}

@test "inputs that cannot be opened: nothing is started" {
    refuses 'nosuch' map -a nosuch touch ran
    refuses 'nosuch' map touch ran :::: nosuch
    refuses 'nosuch' map touch ran ::: x :::: nosuch
    refuses 'nosuch' run nosuch
    refuses 'folder' run "$(mkdir folder; echo folder)"
    refuses 'nosuch' map --stdin nosuch touch ran ::: x
    refuses 'nosuch' apply --stdin nosuch touch ran
    refuses 'nosuch' run --stdin nosuch <<< '{"command":["touch","ran"]}'
    [ ! -e ran ]
    mkfifo fifo # is looked at, and not opened
    run -0 jobpool map --stdin fifo -o text cat :::
}

# jobpool WORDS… cannot do its work: status 125, nothing on stdout, one line on stderr that has TEXT.
fails() { # TEXT WORDS…
    local text=$1
    shift
    run --separate-stderr -125 jobpool "$@"
    assert_equal "$output" ''
    assert_equal "${#stderr_lines[@]}" 1
    [[ $stderr == "jobpool: "*"$text"* ]] || { printf 'is:     %s\nlacks:  %s\n' "$stderr" "$text"; return 1; }
}

@test "a report that cannot be opened is no input: 125, and nothing is started" {
    fails 'nosuch/report' map --report nosuch/report touch ran ::: ran
    fails 'nosuch/report' run --report nosuch/report <<< '{"command":["touch","ran"]}'
    [ ! -e ran ]
}

@test "a report that is an input too is refused, and left as it is" {
    echo '{"command":["true"]}' > specs
    cp specs copy
    ln specs other
    refuses 'specs is an input too' map -a other --report specs true
    refuses 'specs is an input too' map --report specs --append true :::: specs
    refuses 'specs is an input too' map --stdin specs --report specs true ::: a
    refuses 'specs is an input too' run --report specs other
    refuses '(standard input)' run --report specs < other
    refuses '(standard input)' map --report specs true < other
    cmp specs copy
    run -0 jobpool run -o none --report specs <<< '{"command":["true"]}'
    run -0 jobpool map -o none --report /dev/null --stdin /dev/null true ::: 1 < /dev/null
}

@test "closed standard input: 125 where it is read unnamed, 2 where it is named" {
    without() { # STATUS WORDS…
        local wanted=$1
        shift
        # bats itself would take the descriptor
        run --separate-stderr "-$wanted" bash -c 'exec "$@" <&-' - "$JOBPOOL" "$@"
        assert_equal "$output" ''
        [ "$wanted" -eq 0 ] || [[ $stderr == "jobpool: "*'standard input'* ]]
    }
    without 125 map echo
    without 125 run
    without 2 run -
    without 2 map -a - echo
    without 2 map --stdin - cat ::: a
    without 0 map -o none true ::: a
}

@test "a file that cannot be read to its end is named" {
    run --separate-stderr -125 jobpool run -o none /proc/self/mem
    [[ $stderr == *"cannot read /proc/self/mem"* ]]
}

@test "standard input is for one purpose" {
    refuses 'holds the specs' run --stdin - <<< '{}'
    refuses 'holds the specs' run --stdin - - <<< '{}'
    refuses 'holds the items' map --stdin - cat <<< 'a'
    echo '{"command":["cat"]}' > specs
    run -0 jobpool run -o text --stdin - specs <<< text
    assert_equal "$output" text
}

@test "sources: what links needs a source in front, and a separator with nothing behind it has no items" {
    refuses ':::+ links to the source in front of it, and there is none; begin with :::' map echo :::+ a ::: b
    refuses 'begin with ::::' map echo ::::+ a
    run -0 jobpool map -o text echo ::: a :::+
    assert_equal "$output" ''
    run -0 jobpool map -o text echo :::: <<< unread
    assert_equal "$output" ''
    run -0 jobpool map -o text echo ::: a ::::
    assert_equal "$output" ''
    run -0 jobpool map -o text echo ::::  ::: a
    assert_equal "$output" ''
}

@test "a long value does not push the reason out of a message" {
    local long
    long=$(printf 'x%.0s' {1..3000})
    refuses 'never, or soon or now' map --halt "$long" true
    refuses 'File name too long (ENAMETOOLONG)' map -a "$long" true
    refuses 'File name too long (ENAMETOOLONG)' map --stdin "$long" true ::: 1
    refuses 'map --help' map "--$long" true
    refuses 'see jobpool --help' "$long"
    refuses 'see jobpool --help' "-$long"
    refuses 'takes no argument' version "$long"
    run --separate-stderr -125 jobpool map --report "$long" true ::: 1
    [[ $stderr == *'(ENAMETOOLONG)' ]]
    run --separate-stderr -123 jobpool run -o none <<< "{\"command\":[\"true\"],\"$long\":1}"
    [[ $stderr == *'is not known' ]]
}

@test "a message is one line of text, whatever the value is" {
    refuses "'a?b?" map -j $'a\nb\x01' true
    run --separate-stderr -2 jobpool map -j $'\xff\xfe' true
    printf '%s' "$stderr" | iconv -f UTF-8 -t UTF-8 > /dev/null
    run --separate-stderr -2 jobpool $'a\nb'
    assert_equal "${#stderr_lines[@]}" 1
    run --separate-stderr -2 jobpool map -o "$(printf 'x%.0s' {1..5000})" true
    assert_equal "${#stderr_lines[@]}" 1
    run --separate-stderr -2 jobpool "$(printf 'x%.0s' {1..5000})"
    assert_equal "${#stderr_lines[@]}" 1
}

@test "many options" {
    local words=()
    for ((i = 0; i < 2000; i++)); do words+=(--env "V$i=$i" -j 1); done
    run -0 jobpool apply "${words[@]}" -o text sh -c 'echo $V0 $V1999'
    assert_equal "$output" '0 1999'
}

# ---- a dry run ----

@test "run --dry-run: a bad line is told with its number, the others are printed" {
    printf '%s\n' '{"command":["echo","a"]}' bad '{"command":[]}' '{"command":["x"],"nosuch":1}' '{"command":["echo","b"]}' > specs
    run --separate-stderr -123 jobpool run --dry-run specs
    assert_equal "$output" $'echo a\necho b'
    assert_equal "$stderr" 'jobpool: line 2: no JSON
jobpool: line 3: key "command": must have at least one word
jobpool: line 4: key "nosuch": is not known'
}

@test "run --dry-run: the items of a map are tasks, and what run refuses is refused" {
    cat > specs << 'EOF'
{"op":"map","id":"m","command":["echo","{}","z"],"over":["a",["b","c"],3],"chunksize":2,"req":4,"timeout":5}
{"id":"m.2","command":["x"]}
{"id":"m","command":["x"]}
{"op":"nosuch"}
{"op":3}
{"command":["x"],"over":[1]}
[1]
{"op":"map","command":["x"],"over":3}
{"op":"map","command":["x"],"over":[null]}
{"op":"status"}
{"op":"close"}
{"command":["x"]}
EOF
    run --separate-stderr -123 jobpool run --dry-run specs
    assert_equal "$output" $'echo a z\necho b c z\necho 3 z'
    assert_equal "$(sed -E 's/^jobpool: line ([0-9]+): .*/\1/' <<< "$stderr" | tr '\n' ' ')" '2 3 4 5 6 7 8 9 12 '
    # As many lines are bad as without --dry-run; a map has a reply.
    assert_equal "$(jobpool run -o none specs 2>&1 | grep -cE '^jobpool: line|"ok":false')" 9
    jobpool run --dry-run -o jsonl specs > again 2> errors || assert_equal $? 123
    assert_equal "$(jq -c '[.id, .timeout, .over, .req]' again | head -1)" '["m.1",5,null,null]'
    run -0 jobpool run -k -o text again
    assert_equal "$output" $'a z\nb c z\n3 z'
}

@test "--dry-run -o json is one document, whatever is bad" {
    local long
    long=$(printf 'x%.0s' {1..140000})
    printf '%s\n' "$long" b > items
    run --separate-stderr -123 jobpool map --dry-run -o json 'echo {}' < items
    assert_equal "$(jq -c . <<< "$output")" "[{\"shell\":\"echo 'b'\"}]"
    run --separate-stderr -123 jobpool map --dry-run -o json 'echo {}' <<< "$long"
    assert_equal "$(jq -c . <<< "$output")" '[]'
    printf '%s\n' "{\"shell\":\"echo $long\"}" '{"command":["b"]}' > specs
    run --separate-stderr -123 jobpool run --dry-run -o json specs
    assert_equal "$(jq -c . <<< "$output")" '[{"command":["b"]}]'
    # What could not be read counts for more than what is bad.
    run --separate-stderr -125 jobpool run --dry-run -o json specs /proc/self/mem
    assert_equal "$(jq -c . <<< "$output")" '[{"command":["b"]}]'
}

@test "run --dry-run: what is pasted has the variables, the folder and the input of the spec" {
    mkdir 'a b' -- -c
    echo text > input
    cat > specs << 'EOF'
{"command":["sh","-c","pwd; echo $A"],"env":{"A":"b c"},"cwd":"a b"}
{"shell":"pwd; printenv A d.e","env":{"A":"it's","d.e":"1"},"cwd":"-c"}
{"shell":"cat; echo \"$PPID$A\"","stdin_file":"input","env":{"PPID":"1","A":"="}}
{"command":["cat"],"stdin_file":"input","cwd":"/"}
EOF
    # A shell sets PPID itself, and dash passes no variable with a dot on.
    jobpool run -j1 -k -o text specs | grep -v '^[0-9]*=$' > wanted || true
    jobpool run --dry-run specs > pasted
    CDPATH=/ sh pasted | grep -v '^[0-9]*=$' > is
    diff wanted is
    [ "$(wc -l < is)" -eq 6 ]
}

# ---- the bar ----

@test "--progress on a terminal: what tasks write begins on a line of its own, and so does -v" {
    # Each task waits until the bar was drawn with one task more done.
    cat > bar.py << 'EOF'
import os, pty, re, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
shown = b""
told = 0
while True:
    try:
        shown += os.read(fd, 65536)
    except OSError:
        break
    while b" %d/3 " % told in shown and told < 3:
        told += 1
        os.close(os.open("go%d" % told, os.O_WRONLY))
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
for line in re.split(rb"\r\n", shown):
    # What was drawn and cleared is not there any more.
    sys.stdout.buffer.write(line.split(b"\r\x1b[K")[-1] + b"\n")
EOF
    mkfifo go1 go2 go3
    for form in text jsonl; do
        timeout 60 python3 bar.py "$JOBPOOL" map -j1 --progress -v -o "$form" 'read x < go{}; echo {}' ::: 1 2 3 > shown
        assert_equal "$(head -1 shown)" 0
        cat shown
        assert_equal "$(grep -c '^read x < go' shown)" 3
        if [ "$form" = text ]; then
            assert_equal "$(grep -c '^[123]$' shown)" 3
        else
            assert_equal "$(grep '^{' shown | jq -c .stdout | tr -d '\n')" '"1\n""2\n""3\n"'
        fi
    done
}

# ---- what is installed ----

@test "cmake --install: each completion where its shell looks for it" {
    need cmake
    local build=${JOBPOOL%/*} folder=site-functions
    [ -e "$build/cmake_install.cmake" ] || skip "the program is not in its build folder"
    run -0 cmake --install "$build" --prefix "$PWD/usr/local"
    [ -s usr/local/share/zsh/site-functions/_jobpool ]
    [ -s usr/local/share/bash-completion/completions/jobpool ]
    [ -s usr/local/share/fish/vendor_completions.d/jobpool.fish ]
    [ ! -e /etc/debian_version ] || folder=vendor-completions
    run -0 env DESTDIR="$PWD/package" cmake --install "$build" --prefix /usr
    [ -s "package/usr/share/zsh/$folder/_jobpool" ]
    run -0 package/usr/bin/jobpool version
}

@test "run --dry-run -o jsonl: a spec keeps what it says besides the command" {
    echo '{"command":["echo","{}"],"args":["a"],"timeout":"5s","env":{"A":"b"},"id":"q","stdin":"x"}' >specs
    run -0 jobpool run --dry-run -o jsonl specs
    [[ $(jq -cS . <<<"$output") == '{"command":["echo","a"],"env":{"A":"b"},"id":"q","stdin":"x","timeout":"5s"}' ]]
}
