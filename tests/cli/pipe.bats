#!/usr/bin/env bats
# --pipe and --pipepart: a stream cut into blocks, which tasks read.

# shellcheck disable=SC2016 # the shells of tasks expand
bats_require_minimum_version 1.5.0
load common

@test "--pipe: every byte goes to one task, and blocks are whole lines" {
    seq 300000 > in
    # shellcheck disable=SC2094 # it is only read
    jobpool map --pipe --block 100k -j2 -k -o text cat < in | cmp - in
    jobpool map --pipe -a in --block 100k -j2 --report r.jsonl -o none 'tail -n 1 | grep -c .'
    assert_equal "$(jq -s 'length' r.jsonl)" 20
    assert_equal "$(jq -r .stdout r.jsonl | sort -u | tr -d '\n')" 1
    assert_equal "$(jq -c '[.args,.state]' r.jsonl | sort -u)" '[[],"succeeded"]'
    run jobpool map --pipe -o text cat < /dev/null
    assert_status 0
    assert_equal "$output" ''
    printf 'no end' | jobpool map --pipe -o text cat > out
    assert_equal "$(< out)" 'no end'
}

@test "--pipepart: the same, of a file" {
    seq 300000 > in
    jobpool map --pipepart -a in --block 100k -j2 -k -o text cat | cmp - in
    jobpool map --pipepart -a in --block -3 -j2 -k -o text 'wc -l' > counts
    assert_equal "$(wc -l < counts)" 6
    assert_equal "$(paste -sd + counts | bc)" 300000
    seq 50 > small
    jobpool map --pipe-part -a small --block 1 --recend '' -j2 -k -o text cat | cmp - small
    run jobpool map --pipepart cat < in
    assert_status 0
    mkfifo pipe
    cat in > pipe 3>&- &
    run jobpool map --pipepart -a pipe cat
    assert_status 2
    assert_equal "$output" 'jobpool: cannot read parts of pipe: it is no regular file; use --pipe'
}

@test "--pipe: tasks need not read, may fail, and are tried again with the same block" {
    seq 1000000 | jobpool map --pipe --block 500k -j2 -o none true
    seq 1000000 > in
    for form in --pipe --pipepart; do
        run jobpool map $form -a in --block 2M -j2 -k -o text --retries 1 \
            'if [ $JOBPOOL_ATTEMPT = 1 ]; then head -c 10 > /dev/null; exit 1; fi; md5sum'
        assert_status 0
        assert_equal "${#lines[@]}" 4
        jobpool map $form -a in --block 2M -j2 -k -o text md5sum > wanted
        assert_equal "$output" "$(< wanted)"
    done
}

@test "--pipe: input is cut as it comes, and held by no more than a few blocks" {
    mkfifo in
    "$JOBPOOL" map --pipe -N 2 -o text 'tr "\n" ,; echo' < in > out &
    local pid=$!
    exec 8> in
    echo 1 >&8
    echo 2 >&8
    wait_file out
    assert_equal "$(< out)" '1,2,'
    echo 3 >&8
    exec 8>&-
    wait "$pid"
    assert_equal "$(< out)" $'1,2,\n3,'
    # Tasks that do not read hold up who writes.
    yes > in 2> /dev/null 3>&- &
    "$JOBPOOL" map --pipe -j2 -o none --deadline 1 'sleep 1234.81' < in || true
    assert_gone 'sleep 1234.81'
}

@test "--pipe: a block may have a name, as a file or as a pipe" {
    seq 100000 > in
    for form in --pipe --pipepart; do
        jobpool map $form -a in --block 100k -j2 -k -o text --cat 'cat {}; cat > /dev/null' | cmp - in
        jobpool map $form -a in --block 100k -j2 -k -o text --cat cat | cmp - in # it is appended
        jobpool map $form -a in --block 100k -j2 -k -o text --fifo 'cat < {}' | cmp - in
    done
    jobpool map --pipe -a in --block 1M -o text --cat 'wc -c {} {} | tail -n 1' > out # it can be read twice
    assert_match "$(< out)" "^ *$((2 * $(wc -c < in))) total$"
    seq 1000000 | jobpool map --pipe --block 1M -o none --fifo 'true {}' # it need not be opened
    assert_equal "$(find . -newer in | sort | tr '\n' ' ')" '. ./out '
}

@test "--pipe: a file that becomes shorter, and one that cannot be read" {
    seq 1000000 > in
    run jobpool map --pipepart -a in --block 2M -j1 -k -o text '[ $JOBPOOL_SEQ -gt 1 ] || { : > in; }; cat > /dev/null'
    assert_status 123
    assert_match "$output" 'jobpool: task [1-4]: the file that it reads a part of has become shorter'
    run jobpool map --pipe -a /nonexistent cat
    assert_status 2
    run jobpool map --pipe cat < .
    assert_status 125
}

@test "--pipe: what cannot be is refused" {
    while IFS='|' read -r options message; do
        # shellcheck disable=SC2086 # options are words
        run jobpool map $options cat < /dev/null
        assert_status 2
        [[ $output == "jobpool: $message"* ]] || { echo "$options: $output"; return 1; }
    done <<'END'
--block 1k|--block needs --pipe or --pipepart
--recend x|--recend needs --pipe or --pipepart
--cat|--cat needs --pipe or --pipepart
--pipe --block 0|--block: 0 is no size
--pipe --block x|--block
--pipe --block -1|--block -1: so many blocks per slot can only be had with --pipepart
--pipepart --rrs -a in|--rrs: --pipepart gives
--pipepart -N 3 -a in|-n: --pipepart counts no records
--pipe --cat --fifo|--cat and --fifo
--pipe --regexp --recend (|--recend: regular expression '('
--pipe -a x -a y|-a: with --pipe there is one input
END
    run jobpool map --pipe cat ::: a
    assert_status 2
    assert_match "$output" '^jobpool: :::: with --pipe tasks have blocks'
    run jobpool map --pipe
    assert_status 2
    assert_equal "$output" 'jobpool: --pipe: there is no command to give the blocks to'
}

@test "--pipe: blocks are those of GNU parallel" {
    need parallel
    printf '>a\n1\n>b\n2\n2\n>c\n3' > records
    seq 50 > lines
    printf 'a, b, c, d' > list
    local file options
    while IFS='|' read -r file options; do
        # shellcheck disable=SC2086
        eval "parallel --will-cite -k --pipe $options 'cat; echo EOR' < $file" > wanted 2> /dev/null
        # shellcheck disable=SC2086
        eval "jobpool map -k -o text --pipe $options 'cat; echo EOR' < $file" > got
        cmp wanted got || { echo "$file $options"; diff wanted got; return 1; }
    done <<'END'
records|--recstart '>' -N1
records|--recstart '>' -N2
records|--recstart '>' --recend '\n' -N1
records|--regexp --recstart '>[bc]' -N1
records|--regexp --recend '\n' --recstart '>' -N1
records|--recstart '>' --block 5
records|--recend '' --block 4
records|--recstart '>' -N1 --rrs
lines|-N7
lines|--block 20
lines|--block 30
lines|--recend '3\n' --block 10
list|--recend ', ' -N1
list|--recend ', ' -N1 --rrs
list|--recend ', ' -N2 --rrs
END
}

@test "--round-robin: each block is read by one of as many tasks as there are slots" {
    seq 300000 > in
    local form
    for form in '--pipe' '--pipepart'; do
        jobpool map $form -a in --round-robin --block 10k -j3 -k --report r.jsonl -o text cat > out
        assert_equal "$(sort -n out | md5sum)" "$(md5sum < in)"
        assert_equal "$(jq -c '[.seq,.state]' r.jsonl | sort | tr -d '\n')" \
            '[1,"succeeded"][2,"succeeded"][3,"succeeded"]'
    done
    # One that does not read holds up nobody; none of what it took is given to others.
    mkfifo go
    jobpool map --pipe -a in --round --block 10k -j2 -k -o text \
        'if [ $JOBPOOL_SEQ = 1 ]; then read -r x < go; cat; else cat; echo > go; fi' > out
    assert_equal "$(sort -n out | grep -c .)" 300000
}

@test "--round-robin: when nobody reads any more nothing is read" {
    run timeout 20 bash -c 'yes | "$TEST_PROGRAM" map --pipe --round-robin -j2 -o text "head -n 1"'
    assert_status 123 # input was left
    assert_equal "$output" $'y\ny'
    run -127 timeout 20 bash -c 'yes | "$TEST_PROGRAM" map --pipe --round-robin -j2 -o none nosuchprogram'
    assert_status 127
    run jobpool map --pipe --round-robin -j2 -o text cat < /dev/null
    assert_status 0
    assert_equal "$output" ''
    run jobpool map --pipe --round-robin --retries 1 cat < /dev/null
    assert_status 2
    assert_match "$output" '^jobpool: --round-robin: blocks that a task has read are gone'
    run jobpool map --pipe --round-robin --cat cat < /dev/null
    assert_status 2
    status=0
    (yes | timeout 20 "$JOBPOOL" map --pipe --round-robin -j2 -o none --deadline 0.5 'cat > /dev/null; sleep 1234.82') ||
        status=$?
    assert_status 123
    assert_gone 'sleep 1234.82'
}

@test "--tee: a task for each item reads all of the input" {
    seq 200000 > in
    local form
    for form in '--pipe' '--pipepart'; do
        run jobpool map $form -a in --tee --block 100k -k --tag wc {} ::: -w -l -c
        assert_status 0
        assert_equal "$output" $'-w\t200000\n-l\t200000\n-c\t1288895'
    done
    # Who reads no more holds up nobody, and who cannot start neither.
    run jobpool map --pipe -a in --tee -k -o text '{} | cksum' ::: cat 'head -n 1' true nosuchprogram
    assert_equal "${lines[0]}" "$(cksum < in)"
    run timeout 20 bash -c 'yes | "$TEST_PROGRAM" map --pipe --tee -o text head -n {} ::: 1 2'
    assert_status 123 # input was left
    run jobpool map --pipe --tee cat < in
    assert_status 2
    assert_equal "$output" 'jobpool: --tee: there are no items to start tasks for; give them with ::: or ::::'
    run jobpool map --pipe --tee -j2 -o none cat ::: a b c < in
    assert_status 125
    assert_match "$output" '^jobpool: --tee: all tasks must run at once, and no more than 2 can'
}

@test "--pipe: a header stands in front of each block; -L makes records of lines" {
    seq 10 > in
    run jobpool map --pipe -a in --header : --block 6 -o text -k 'tr "\n" ,; echo'
    assert_equal "$output" $'1,2,3,4,\n1,5,6,7,\n1,8,9,\n1,10,'
    run jobpool map --pipepart -a in --header 2 --block 5 -o text -k 'tr "\n" ,; echo'
    assert_equal "$output" $'1,2,3,4,5,\n1,2,6,7,8,\n1,2,9,10,'
    run jobpool map --pipe -a in -L 4 --block 5 -o text -k 'tr "\n" ,; echo'
    assert_equal "$output" $'1,2,3,4,\n5,6,7,8,\n9,10,'
    run jobpool map --pipepart -a in -L 4 cat
    assert_status 2
}
