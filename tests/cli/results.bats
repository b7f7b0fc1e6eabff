#!/usr/bin/env bats
# --results, --files, --tagstring, --color: compared with GNU parallel where times do not matter.

# shellcheck disable=SC2016 # the shells of tasks expand
bats_require_minimum_version 1.5.0
load common
load limits

# Everything below a folder: names and contents.
snapshot() { # FOLDER
    (cd "$1" && find . -type f -print0 | sort -z | xargs -0r tail -v -n +1)
}

need_gnu() {
    parallel --version 2> /dev/null | grep -q '^GNU parallel' || skip 'GNU parallel is not installed'
    export PARALLEL_HOME=$PWD/home LC_ALL=C.UTF-8
    mkdir -p home
    touch home/will-cite
}

# The same options, command and items for both: the same files.
same_files() { # ARGUMENTS…
    rm -rf gnu ours
    mkdir gnu ours
    (cd gnu && parallel "$@" > /dev/null 2>&1) || true
    (cd ours && jobpool map -o none "$@" > /dev/null 2>&1) || true
    [ "$(find gnu -type f | wc -l)" -ge 3 ]
    assert_equal "$(snapshot ours)" "$(snapshot gnu)"
    assert_equal "$(find ours | LC_ALL=C sort)" "$(find gnu | sed 's/^gnu/ours/' | LC_ALL=C sort)"
}

@test "--results: the same files as GNU parallel's" {
    need_gnu
    local long slashes
    long=$(printf 'a%.0s' {1..300})
    slashes=$(printf 'a/%.0s' {1..200})
    same_files --results d 'echo out {1} {2}; echo err {2} >&2' ::: a b/c x_y - ' ' ü $'\xff' '' ::: 1 2
    same_files --results d/ printf '%s' ::: 'x\_y' "$long" "$slashes" ../x ... "it's"
    same_files -0 --results d echo ::: $'n\nl'
    same_files --results deep/er/d 'echo {}; exit 3' ::: a b
    same_files -n2 --results d echo ::: a b c
    same_files -n2 --results d echo ::: a b ::: 1 2
    same_files --header : --results d echo '{x}' ::: x a b/c ::: y 1 2
    same_files --header : --results '{x}_{y}' echo '{x}' ::: x a ::: y 1
    same_files --colsep , --results d echo ::: a,b 1,2,3
    same_files --link --results d echo ::: a b ::: 1 2
    same_files --results 'my_{}' 'echo {}; echo err >&2' ::: a b/c
    same_files --results 'my_{}/' 'echo {}; echo err >&2' ::: a b/c
    same_files --results 'd/{#}_{1}-{2/.}/x' echo ::: a ::: b/c.d e.f
    same_files --results '{.}.log' echo ::: a.c b/c.d
}

# A table without its times.
timeless() {
    sed -E 's/[0-9]{10}\.[0-9]{3}(, "JobRuntime": |,|\t)[0-9]+\.[0-9]{3}/T\1R/' "$1"
}

@test "--results FILE.csv, .tsv, .json: the same rows as GNU parallel's" {
    need_gnu
    local form
    same_rows() { # ARGUMENTS…
        for form in csv tsv json CSV; do
            rm -f gnu.* ours.*
            parallel -k --results "gnu.$form" "$@" > /dev/null 2>&1 || true
            jobpool map -k -o none --results "ours.$form" "$@" > /dev/null 2>&1 || true
            assert_equal "$(timeless "ours.$form")" "$(timeless "gnu.$form")"
        done
    }
    # Both run these words as they are, so that the column Command is the same as well.
    same_rows true ::: a b c
    same_rows -n2 true ::: a b c
    same_rows --header : true ::: x a b ::: 'y z' 1
    printf '#!/bin/sh\nprintf "%%s \\"quoted\\", \\\\ \\033 \\177\\n" "$1"; echo "err\tü" >&2; exit 3\n' > say
    printf '#!/bin/sh\nkill -9 $$\n' > die
    chmod +x say die
    same_rows ./say ::: 1 2
    same_rows ./die ::: 1
    # Values are quoted for a shell in another way, and as fields in the same.
    local values=('x y' 'c,d' $'t\tb' '"' "it's" ü $'\r' $'\x01' 'a\b' '')
    parallel -k --results gnu.csv true ::: "${values[@]}"
    jobpool map -k -o none --results ours.csv true ::: "${values[@]}"
    columns() { # FILE
        python3 -c 'import csv, sys
for row in csv.reader(open(sys.argv[1], newline="")):
    print(row[:2] + row[4:8] + row[9:])' "$1"
    }
    assert_equal "$(columns ours.csv)" "$(columns gnu.csv)"
}

@test "--results: beside any output, in every form; every byte, whatever objects show" {
    local form
    { seq 20000; seq 20001 40000; } > wanted
    for form in '-o jsonl' '-o json' '-o text' '-o none' '-k' '-k -o text' '--line-buffer' '--tag' \
        '--line-buffer --report r' '-k -o text --report r' '--color' '--callback true'; do
        rm -rf d t.csv
        # shellcheck disable=SC2086 # form is options
        jobpool map $form -j2 --max-output 100 --results d 'seq 20000; echo err {} >&2; sleep 0.03; seq 20001 40000' \
            ::: a b > out 2> err
        for task in a b; do
            cmp wanted "d/1/$task/stdout"
            assert_equal "$(< "d/1/$task/stderr")" "err $task"
        done
        assert_equal "$(cat d/1/a/seq d/1/b/seq)" 12
        case $form in
        '-o jsonl' | '-k' | '--callback true')
            assert_equal "$(jq -c '[.stdout_bytes,.truncated,(.stdout|length)]' out | sort -u)" \
                "[$(wc -c < wanted),true,100]"
            ;;
        *text | --line-buffer*) assert_equal "$(wc -l < out)" 80000 ;;
        esac
        # shellcheck disable=SC2086
        jobpool map $form -j2 --max-output 100 --results t.json 'seq 20000; sleep 0.03; seq 20001 40000; : {}' \
            ::: a b > out 2> err
        assert_equal "$(jq -r .Stdout t.json | grep -c .)" 80000
        jq -j 'select(.Seq == 1).Stdout' t.json | cmp - wanted
    done
}

@test "--results: values never lead out of the directory" {
    local values=(../x ../../../x /etc/x a/../../../b .. . '' ./.. '\..' $'n\n/../x' ../)
    mkdir -p inside/here
    cd inside/here
    jobpool map -o none --results d true ::: "${values[@]}"
    jobpool map -o none --results 'e/{}/' true ::: "${values[@]}"
    jobpool map -o none --results 'f/{#}/.{}' true ::: . ./../../../../x
    jobpool map -o none --results 'g_{}' true ::: /../../x /../../../y
    cd ../..
    assert_equal "$(find inside -maxdepth 2 -printf '%P ' | tr ' ' '\n' | LC_ALL=C sort | tr '\n' ' ')" \
        ' here here/d here/e here/f here/g_ '
    [ -e 'inside/here/d/1/\../stdout' ]
    [ -e 'inside/here/d/1/..\_x/stdout' ]
    [ -e 'inside/here/e/\../x/stdout' ]
    assert_equal "$(find inside -path '*/d/*' -name stdout -printf x | wc -c)" "${#values[@]}"
    [ ! -e /etc/x ]
    # A link in place of a file is replaced, not followed.
    echo mine > precious
    rm inside/here/d/1/..\\_x/stdout
    ln -s "$PWD/precious" inside/here/d/1/..\\_x/stdout
    (cd inside/here && jobpool map -o none --results d echo ::: ../x)
    assert_equal "$(< precious)" mine
    assert_equal "$(< inside/here/d/1/..\\_x/stdout)" ../x
}

@test "--results: older files are replaced; tasks that did not start have none; the last attempt counts" {
    jobpool map -o none --results d 'seq 1000; : {}' ::: a
    jobpool map -o none --results d echo ::: a
    assert_equal "$(< d/1/a/stdout)" a
    run jobpool map -o none -j1 --halt now,fail=1 --results h 'echo {}; exit 1' ::: a b c
    assert_equal "$(ls h/1)" a
    run jobpool map -o none -j1 -k --halt now,fail=1 --results h.csv 'echo {}; exit 1' ::: a b c
    assert_equal "$(grep -c . h.csv)" 3 # the names, and a row with a newline in it
    run jobpool map -o none --retries 2 --results r 'echo $JOBPOOL_ATTEMPT {}; exit 1' ::: a
    assert_equal "$(< r/1/a/stdout)" '3 a'
    run -127 jobpool map -o none --results n no-such-program-here ::: a
    assert_equal "$(cat n/1/a/*)" 1
    run -127 jobpool map -o none --results n.csv no-such-program-here ::: a
    assert_equal "$(tail -n 1 n.csv | cut -d , -f 6-8)" '0,127,0'
    run jobpool map -o none -j1 --timeout 0.2 --results t 'echo begun; sleep 1234.71; : {}' ::: a
    assert_equal "$(< t/1/a/stdout)" begun
}

@test "--results: tasks without values, of apply, run and --pipe" {
    jobpool apply --results d -o none echo hi
    assert_equal "$(cat d/seq d/stdout)" '1hi'
    printf '%s\n' '{"id":"x/y","command":["echo","hi"]}' '{"command":["echo"],"args":["v"]}' | jobpool run --results r -o none
    assert_equal "$(cd r && find . -name stdout | sort | tr '\n' ' ')" './1/v/stdout ./id/x\_y/stdout '
    seq 3 | jobpool map --pipe -N1 --results p -o none cat
    assert_equal "$(cat p/id/1/stdout p/id/2/stdout p/id/3/stdout)" $'1\n2\n3'
    jobpool apply -o none --every 0.01 --times 2 --results e echo hi
    assert_equal "$(ls e/id)" $'1@1\n1@2'
}

@test "--results -.csv: the rows are what is on standard output" {
    run --separate-stderr jobpool map -k --results -.tsv 'echo {}; echo err >&2' ::: a b
    assert_status 0
    assert_equal "$(cut -f 1,6,7,8 <<< "$output" | grep '	')" $'Seq\tReceive\tExitval\tSignal\n1\t2\t0\t0\n2\t2\t0\t0'
    run jobpool map --results -.json printf '\377' ::: $'\xfe'
    assert_equal "$(jq -c '[.V,.V_base64,.Stdout,.Stdout_base64]' <<< "$output")" '[null,["/g=="],null,"/w=="]'
    status=0
    jobpool map --results -.csv echo ::: a > /dev/full 2> complaints || status=$?
    assert_status 125
    assert_equal "$(< complaints)" 'jobpool: stdout: write: No space left on device (ENOSPC)'
}

@test "--files: names of files with what tasks wrote" {
    mkdir T
    export TMPDIR=$PWD/T
    status=0
    jobpool map -k --files 'echo {}; echo err {} >&2; exit 3' ::: a b > out 2> err || status=$?
    assert_status 123
    assert_equal "$(< err)" $'err a\nerr b'
    mapfile -t names < out
    assert_equal "$(cat "${names[@]}")" $'a\nb'
    assert_match "${names[0]}" "^$TMPDIR/par[A-Za-z0-9]{5}\.par$"
    assert_equal "$(stat -c %a "${names[0]}")" 600
    assert_equal "$(find T -type f | wc -l)" 2
    run jobpool map --files --tag --line-buffer echo ::: a
    assert_match "$output" "^a	$TMPDIR/par"
    # With --results it is those.
    run jobpool map -k --files --results d echo ::: a b
    assert_equal "$output" $'d/1/a/stdout\nd/1/b/stdout'
    run jobpool map -k --files --results d.csv echo ::: a
    assert_equal "$(tail -n 1 d.csv | cut -d , -f 11)" "$output"
    assert_equal "$(< "$output")" a
}

@test "--files: the same names and contents as GNU parallel's" {
    need_gnu
    mkdir gnu ours
    parallel -k --tag --tmpdir gnu --files echo ::: a 'b c' > gnu.out
    TMPDIR=ours jobpool map -k --tag --files echo ::: a 'b c' > ours.out
    assert_equal "$(sed -E 's/par.{5}\.par$/NAME/' ours.out)" "$(sed -E 's/gnu/ours/; s/par.{5}\.par$/NAME/' gnu.out)"
    assert_equal "$(cut -f 2 ours.out | xargs cat)" "$(cut -f 2 gnu.out | xargs cat)"
}

@test "--tagstring: a text in front of each line" {
    run --separate-stderr jobpool map -k --tagstring '[{#}:{1}\t{2/.}]' 'printf "x\ny"; echo err >&2; : {1}' ::: a 'b c' ::: d/e.f
    assert_equal "$output" $'[1:a\te]\tx\n[1:a\te]\ty[2:b c\te]\tx\n[2:b c\te]\ty'
    # shellcheck disable=SC2154 # run sets it
    assert_equal "$stderr" $'[1:a\te]\terr\n[2:b c\te]\terr'
    run jobpool map -k --tagstring '' echo ::: a
    assert_equal "$output" a
    run jobpool map --tagstring '$(id) {}' echo ::: '$(id)'
    assert_equal "$output" '$(id) $(id)	$(id)'
    run jobpool map --line-buffer --tagstring '{#}' 'echo x; sleep 0.02; echo y; : {}' ::: a
    assert_equal "$output" $'1\tx\n1\ty'
}

@test "texts: values with names" {
    run jobpool map --header : --tagstring '{x}+{y}' echo ::: x a ::: y 1
    assert_equal "$output" 'a+1	a 1'
    # An object is one value, whatever fields the command names.
    echo '{"n":"v"}' | jobpool map --json -o none --results d echo '{n}'
    assert_equal "$(< 'd/1/{"n":"v"}/stdout')" v
}

@test "--tagstring: as GNU parallel" {
    need_gnu
    local text
    for text in '{}' plain '{#}-{1}' 'a\tb' ''; do
        assert_equal "$(jobpool map -k --tagstring "$text" 'printf "b\n\nx\n"; : {}' ::: a 'b c' '*')" \
            "$(parallel -k --tagstring "$text" 'printf "b\n\nx\n"; : {}' ::: a 'b c' '*')"
    done
}

# Takes the colours away.
plain() {
    sed -E $'s/\x1b\\[[0-9;]*[mK]//g'
}

@test "--color: each task's lines in a colour of its own, on no terminal too" {
    local form
    for form in '' --tag --line-buffer '--tag --line-buffer' '-o text'; do
        # shellcheck disable=SC2086 # form is options
        jobpool map -k $form 'seq 3; : {}' ::: a b > wanted
        # shellcheck disable=SC2086
        jobpool map -k --color $form 'seq 3; : {}' ::: a b > out
        [ -n "$form" ] || jobpool map -k -o text 'seq 3; : {}' ::: a b > wanted
        assert_equal "$(plain < out)" "$(< wanted)"
        assert_equal "$(grep -oE $'^\x1b\\[[0-9;]*m' out | uniq -c | awk '{print $1}' | tr '\n' ' ')" '3 3 '
        assert_equal "$(grep -c $'\x1b\\[m$' out)" 6
    done
    jobpool map -k --color-failed 'echo {}; exit {}' ::: 0 1 > out || true
    assert_equal "$(cat -A out)" $'0$\n^[[48;5;196;38;5;231m^[[K1^[[m$'
}

results_on_full() { # NAME ARGUMENTS…
    mount -t tmpfs -o size=64k none full || return 99
    "$TEST_PROGRAM" map -j1 --report report --results "full/$1" "${@:2}"
    local status=$?
    cp -r full kept
    return "$status"
}

@test "fault 30: a full file system of result files is told, and the other outputs are complete" {
    need_mounts
    local form
    for form in '-o jsonl' '-o text' '--line-buffer'; do
        status=0
        # shellcheck disable=SC2086 # form is options
        with_mounts results_on_full d $form 'head -c {} /dev/zero | tr "\0" x || true; echo' ::: 10 200000 20 || status=$?
        assert_status 125
        assert_match "$(< complaints)" '^jobpool: results: full/d/1/200000/stdout: write: No space left on device'
        assert_equal "$(jq -s -c 'map(.stdout_bytes)' report)" '[11,200001,21]'
        assert_equal "$(jq -s -c 'map(.stdout | length)' report)" '[11,200001,21]'
        # A file is whole, or not there.
        assert_equal "$(wc -c < kept/d/1/10/stdout),$(wc -c < kept/d/1/20/stdout)" 11,21
        [ ! -e kept/d/1/200000/stdout ]
        rm -r kept
    done
    for form in csv json; do
        status=0
        with_mounts results_on_full "t.$form" 'head -c {} /dev/zero | tr "\0" x' ::: 100 2000 200000 200 || status=$?
        assert_status 125
        assert_equal "$(< complaints)" "jobpool: results full/t.$form: write: No space left on device (ENOSPC)"
        assert_equal "$(jq -s -c 'map(.stdout | length)' out)" '[100,2000,200000,200]'
        assert_equal "$(grep -c xxx "kept/t.$form")" 2
        [ "$form" = csv ] || assert_equal "$(jq -c '.Stdout | length' kept/t.json)" $'100\n2000'
        rm -r kept
    done
}

files_on_full() {
    mount -t tmpfs -o size=64k none full || return 99
    TMPDIR=$PWD/full "$TEST_PROGRAM" map -j1 --files 'head -c {} /dev/zero' ::: 10 60000 20000
}

@test "fault 30: --files in a full directory for temporary files" {
    need_mounts
    status=0
    with_mounts files_on_full || status=$?
    assert_status 125
    assert_match "$(< complaints)" 'jobpool: results: .*/full/par.....\.par: write: No space left on device'
    assert_equal "$(wc -l < out)" 2
}

@test "--results: much output in bounded memory" {
    local form
    for form in '-o none' '--line-buffer' '-k -o text'; do
        # shellcheck disable=SC2086 # form is options
        peak "$JOBPOOL" map $form --results d 'yes {} | head -c 100000000' ::: abcdefg > /dev/null
        assert_equal "$(wc -c < d/1/abcdefg/stdout)" 100000000
        memory_at_most 64
    done
    peak "$JOBPOOL" map -o none --results d.csv 'yes {} | head -c 100000000' ::: abcdefg
    [ "$(wc -c < d.csv)" -gt 100000000 ]
    memory_at_most 64
}

@test "result files: what cannot be had is refused before anything runs" {
    local options
    for options in '-u --results d' '-u --files' '-u --color' '-u --tagstring x' '--results=' '--results -.csv -o jsonl' \
        '--results -.csv --summary' '--results -.json --files' '-o json --files' '-o jsonl --color' \
        '-o none --tagstring {}' '--color-failed --line-buffer'; do
        # shellcheck disable=SC2086
        run jobpool map $options touch ::: ran
        assert_status 2
        assert_match "$output" '^jobpool: --'
    done
    touch file
    for options in file/d file/d.csv 'no/such/../../file/x.tsv'; do
        run jobpool map --results "$options" touch ::: ran
        assert_status 125
        assert_match "$output" '^jobpool: results'
    done
    mkfifo fifo.csv
    run jobpool map --results fifo.csv touch ::: ran
    assert_status 125
    echo ran > items.csv
    run jobpool map --results items.csv -a items.csv touch
    assert_status 2
    assert_equal "$(< items.csv)" ran
    # shellcheck disable=SC2094 # that is what is refused
    run jobpool map --results items.csv touch < items.csv
    assert_status 2
    [ ! -e ran ]
    # Nothing is written where nothing runs.
    run jobpool map --dry-run --results dry echo ::: a
    assert_equal "$output" 'echo a'
    [ ! -e dry ]
}
