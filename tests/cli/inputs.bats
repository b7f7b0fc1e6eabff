#!/usr/bin/env bats
# Where items come from and what is made of them: linked sources, ranges, columns, CSV, headers, JSON Lines, and the rules
# for lines. Each is read on demand.
# Scripts and templates in single quotes are jobpool's.
# shellcheck disable=SC2016,SC1083
load common
load functional

# map, its output in the order of the input, one task at a time so that messages come in order too.
map() {
    jobpool map -j1 -k -o text "$@"
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

# ---- sources side by side ----

@test "link: the shorter sources begin again until the longest has ended" {
    gives $'1 a\n2 b\n3 a' --link echo ::: 1 2 3 ::: a b
    gives $'1 a\n2 b\n1 c' --xapply echo ::: 1 2 ::: a b c
    printf '%s\n' x y z > file
    gives $'1 x\n2 y\n1 z' --link echo ::: 1 2 :::: file
    gives $'x 1\ny 2\nz 3' --link -a file --range 1..3 echo
    gives '' --link echo ::: 1 2 :::
    gives '' --link echo ::: :::
}

@test "link: :::+ and ::::+ link to the source in front, and end with the shortest" {
    gives $'a 1 X 11\na 1 Y 22\nb 2 X 11\nb 2 Y 22' echo ::: a b c :::+ 1 2 ::: X Y :::+ 11 22
    printf '%s\n' x y > file
    gives $'1 x\n2 y' --range 1..9 echo ::::+ file
    gives $'a x x\nb y y' echo ::: a b ::::+ file file
    gives $'a 1 x\na 2 y' echo ::: a ::: 1 2 3 ::::+ file
    gives $'x a\ny b' -a file echo :::+ a b
    gives $'a 1 x\nb 2 y\na 1 z' --link echo ::: a b c :::+ 1 2 ::: x y z
    gives '' echo ::: a :::+
}

# jobpool with 150 MB of address space.
small() {
    (ulimit -v 150000; exec "$JOBPOOL" "$@")
}

@test "link: of a source that goes on longer than the others nothing is kept" {
    [ -z "${JOBPOOL_SANITIZE:-}" ] || skip 'the sanitizers need memory of their own'
    small map --link --dry-run echo :::: - ::: a b < <(yes "$(printf '%01000d' 0)" | head -n 200000) | tail -n 2 > shown
    assert_equal "$(sed 's/00*/0/' shown)" $'echo 0 a\necho 0 b'
}

# ---- ranges ----

@test "range: a source of numbers, up, down, in steps, with leading zeros" {
    gives $'1\n2\n3' --range 1..3 echo
    gives $'3\n2\n1' --range 3..1 echo
    gives $'0\n5\n10' --range 0..12..5 echo
    gives $'08\n09\n10' --range 08..10 echo
    gives $'1 7\n1 8\n2 7\n2 8' --range 1..2 --range 7..8 echo
    gives $'1 a\n1 b\n2 a\n2 b' --range=1..2 echo ::: a b
    gives $'-1\n0' --range -1..0 echo
    gives '1..3' echo ::: 1..3
    refuses "'1-3' is no range; write FIRST..LAST" --range 1-3 echo
    refuses 'the step of --range' --range 1..3..0 echo
}

@test "range: however far it goes, it needs no memory" {
    [ -z "${JOBPOOL_SANITIZE:-}" ] || skip 'the sanitizers need memory of their own'
    local all=1..9223372036854775807
    run -0 sed 2q < <(small map --dry-run --range "$all" --range "$all" echo)
    assert_equal "$output" $'echo 1 1\necho 1 2'
    run -0 sed 2q < <(small map --dry-run --link --range "$all" --range "$all" echo)
    assert_equal "$output" $'echo 1 1\necho 2 2'
}

# ---- columns ----

@test "colsep: items are cut where the expression matches, and trimmed" {
    printf '%s\n' 'a, b ,c' '' 'd' ',e,' > table
    gives $'[b][a][c]\n[][d][]\n[e][][]' --colsep , echo '[{2}][{1}][{3}]' < table
    gives '[a][ b ][c][d][][e][]' --colsep , --trim n printf '[%s]' < table
    gives $'b-a' -C '\t' echo '{2}-{1}' <<< $'a\tb'
    gives $'b-a' -C '[;:]+' echo '{2}-{1}' <<< 'a;:b'
    gives $'b-a' -C '\s+' echo '{2}-{1}' <<< 'a   b'
    gives $'f e B A\nh g B A\nf e D C\nh g D C' --colsep - echo '{4} {3} {2} {1}' ::: A-B C-D ::: e-f g-h
    gives $'a.b c a' --colsep , echo '{1} {2.} {1.}' <<< 'a.b,c.d'
    gives $'1-2-3-4\n5-6--' -n2 --colsep , echo '{1}-{2}-{3}-{4}' ::: 1,2 3,4 5,6
    refuses 'separates nothing' --colsep '' echo ::: a
    refuses '--colsep: regular expression' --colsep '(' echo ::: a
}

@test "colsep: values are quoted in scripts like any other" {
    gives $'x:it\'s [$(touch pwned)]' --colsep , 'echo x:{1} "[{2}]"' <<< "it's,\$(touch pwned)"
    [ ! -e pwned ]
}

@test "header: the first line of each source names its columns" {
    printf '%s\n' 'name,size' 'x/y.c,10' 'z,20' > table
    gives $'10 x/y.c y x x/y y.c\n20 z z . z z' --header : --colsep , echo '{size} {name} {name/.} {name//} {name.} {name/}' \
        < table
    gives $'10 x/y.c x/y.c 10\n20 z z 20' --header : -C , 'echo {size} {1} {}' :::: table
    gives $'x/y.c 1 10\nx/y.c 2 10\nz 1 20\nz 2 20' --header : -C , echo '{name} {n} {size}' :::: table ::: n 1 2
    gives $'b a' --header : echo '{2nd col} {first}' <<< $'first\t2nd col\na\tb'
    gives $'1a\n2b\n3a' --header : --link echo '{x}{y}' ::: x 1 2 3 ::: y a b
    gives $'1a\n2b' --header : echo '{x}{y}' ::: x 1 2 3 :::+ y a b
    gives $'1-x/y.c\n2-z' --header : --colsep , --range 1..2 echo '{1}-{name}' ::::+ table
    gives $'[ a ][ b]' --header : 'echo "[{x}][{y}]"' <<< $'x\ty\n a \t b'
    gives '{other} 1' --header : echo '{other} {x}' ::: x 1
    gives '' --header : echo '{x}' ::: x
    gives '' --header : echo '{x}' < /dev/null
    refuses "--header: '1' is not possible; write --header :" --header 1 echo ::: a
}

@test "header: short lines are filled up, so that names keep their meaning; long ones are told" {
    printf '%s\n' 'a,b' '1' '1,2' '1,2,3' > table
    run -123 --separate-stderr map --header : -C , echo '[{a}][{b}][{c}]' :::: table ::: c x
    assert_equal "$output" $'[1][][x]\n[1][2][x]'
    assert_match "$stderr" 'item 3 has 3 columns, and the header has names for 2'
    gives $'x 1  \nx 1 2 \nx 1 2 3' --header : -C , echo '{c} {a} {b} {4}' ::: c x :::: table
}

# ---- CSV ----

@test "csv: records of RFC 4180, newlines in quotes included" {
    printf '%s\r\n' '"1 big, 2 small","2""x4"" plank",12.34' '' 'a,"b' 'c",' > table.csv
    gives $'1 big, 2 small of 2"x4" plank at 12.34\na of b\r\nc at ' --csv echo '{1} of {2} at {3}' < table.csv
    gives $'[ a ][b;c]' --csv --colsep ';' printf '[%s]' < <(printf ' a ;"b;c"\n')
    gives $'[a][b]' --csv --colsep '\t' printf '[%s]' < <(printf 'a\tb\n')
    gives $'[a][ b]' --csv --colsep '\|' --trim lr printf '[%s]' < <(printf ' a | " b" \n')
    gives $'[x,1][y]' --csv printf '[%s]' ::: '"x,1",y'
    gives $'2 1\n4 3' --csv --header : echo '{size} {file name}' < <(printf '\xef\xbb\xbffile name,size\n1,2\n3,4\n')
    gives $'2 1\n4 3' --csv --header : echo '{size} {name}' < <(printf '\xef\xbb\xbfname,size\n1,2\n3,4\n')
    gives $'1 2 3 4\n5 6' --csv -n2 echo < <(printf '1,2\n3,4\n5,6\n')
    refuses "'ab' cannot be the delimiter of CSV" --csv --colsep ab echo
    refuses 'cannot be the delimiter' --csv --colsep '"' echo
    refuses 'leave --null and --delimiter out' --csv -0 echo
    refuses 'leave --max-lines' --csv -L2 echo
}

@test "csv: a bad record is told with its line, left out, and makes 123" {
    printf '%s\n' a,b 'c,"d' 'e",f"g' h,i '"open' j > table.csv
    run -123 --separate-stderr map --csv echo :::: table.csv
    assert_equal "$output" $'a b\nh i'
    assert_equal "${#stderr_lines[@]}" 2
    assert_match "${stderr_lines[0]}" '^jobpool: table.csv: line 3: column 3 has a quote but does not begin with one; '
    assert_match "${stderr_lines[1]}" '^jobpool: table.csv: line 5: column 1 has a quote that is not closed$'
    run -2 --separate-stderr map --csv --header : echo '{x}' < <(printf 'a"b\nc\n')
    assert_match "$stderr" '^jobpool: --header: standard input: line 1: column 1 has a quote'
}

# ---- JSON Lines ----

@test "json: fields by name, in all forms; {} is the whole line" {
    printf '%s\n' '{"file": "d/a.c", "n": 1.50, "on":true, "tags": [1, {"x": " y"}], "no": null}' \
        '{"n":12345678901234567890,"file":"","on":false,"tags":{},"no":null}' > items
    gives 'd/a.c d/a a.c d a' --json echo '{file} {file.} {file/} {file//} {file/.}' < <(sed q items)
    run -0 map --json echo '{n}: {file.} {on} {tags} [{no}]' < items
    assert_equal "$output" $'1.50: d/a true [1,{"x":" y"}] []\n12345678901234567890:  false {} []'
    local all
    all=$(cat items)
    gives "$all" --json echo < items
    gives "$all" --json echo '{}' < items
    gives $'1.50 x\n12345678901234567890 x' --json echo '{n}' x < items
    gives '<{"a": 1}> <{"a": 1}> <1>' --json 'printf "<%s> <%s> <%s>" {} {1} {a}' ::: '{"a": 1}'
    gives '1 2' --json echo '{a} {b}' ::: '{"a":1}' ::: '{"b":2,"a":3}'
    gives $'1 x\n2 y' --json echo '{a} {b}' ::: '{"a":1}' '{"a":2}' :::+ '{"b":"x"}' '{"b":"y"}'
    gives '{"a":1} {"a":2}' --json -n2 echo ::: '{"a":1}' '{"a":2}'
    run -0 jobpool map --json -j1 echo '{a}' ::: '{"a":1}'
    assert_equal "$(fields '.args[0]')" '{"a":1}'
}

@test "json: what is no object, or lacks a field, is told and left out" {
    printf '%s\n' '{"a":1}' '3' '' '{"b":1}' '{' '{"a":"x\u0000"}' '{"a":4}' > items
    run -123 --separate-stderr map --json echo '{a}' < items
    assert_equal "$output" $'1\n4'
    assert_equal "${#stderr_lines[@]}" 4
    assert_equal "${stderr_lines[0]}" 'jobpool: item 2 is no JSON object'
    assert_equal "${stderr_lines[1]}" 'jobpool: item 3 has no field "a"'
    assert_match "${stderr_lines[2]}" '^jobpool: item 4 is no JSON object: '
    assert_match "${stderr_lines[3]}" '^jobpool: item 5 has a NUL byte'
    refuses 'leave --colsep out' --json --colsep , echo
    refuses 'leave --csv out' --json --csv echo
    refuses 'leave --header out' --json --header : echo
    refuses '{a} is a field of one item, and a task gets several; leave --max-args out' --json -n2 echo '{a}'
    refuses 'leave --max-lines out' --json -L2 echo '{a}'
    refuses 'an object is no script; give a command' --json
}

@test "json: values are quoted in scripts like any other" {
    gives $'x:it\'s $(touch pwned) [; touch pwned]' --json 'echo x:{a} "[{b}]"' ::: \
        '{"a":"it'"'"'s $(touch pwned)","b":"; touch pwned"}'
    [ ! -e pwned ]
}

# ---- rules for lines ----

@test "lines: -E ends a source, --trim trims, -r leaves blank ones out" {
    printf '%s\n' a ' ' '' ' b ' END c > lines
    gives $'<a>\n< >\n< b >\n<END>\n<c>' echo '<{}>' < lines
    gives $'<a>\n< >\n< b >' -E END echo '<{}>' < lines
    gives $'<a>\n< >\n< b >' --eof=END echo '<{}>' < lines
    gives $'<a>\n< b >\n<END>\n<c>' -r echo '<{}>' < lines
    gives $'<a>\n<b>' -r -E END --trim lr echo '<{}>' < lines
    gives $'<a>\n<>\n<b >' -E END --trim l echo '<{}>' < lines
    gives $'<a>\n<>\n< b>' -E END --trim r echo '<{}>' < lines
    gives $'a 1\na 2' -E END echo ::: a END b ::: 1 2 END 3
    gives $'<a>\n<b>' --no-run-if-empty echo '<{}>' ::: a '' ' ' b
    gives $'<a>\n<>\n<b>' echo '<{}>' ::: a '' b
    gives '' -r echo < <(printf '\n \n\t')
    gives '' echo < /dev/null
    gives '' -r echo < /dev/null
    gives $'a b' -E 'c,d' --colsep , echo ::: a,b c,d e,f
    refuses '--trim' --trim x echo ::: a
}

@test "lines: -L gives lines to a task; one that ends with a blank goes on with the next" {
    printf '%s\n' 'a ' b '' c ' ' d > lines
    gives $'<a b>\n<c>\n<d>' -L1 echo '<{}>' < lines
    gives $'a b|c\nd|' -L 2 echo '{1}|{2}' < lines
    gives $'a b|c' --max-lines=9 echo '{1}|{2}' < <(printf 'a \nb\nc')
    gives $'1 2\n3' -L2 echo ::: 1 2 3
    refuses 'both say how much a task gets' -L2 -n2 echo ::: a
    refuses '--max-lines' -L0 echo ::: a
}

@test "lines: -L continues lines as xargs does" {
    local text
    for text in 'a \n\nb\nc\n' 'a\n\n\nb\nc\n' 'a b \nc\n\nd\n' 'a\nb\nc ' '\n\na\n'; do
        printf '%b' "$text" | xargs -L1 echo > theirs
        # xargs splits lines at blanks as well.
        printf '%b' "$text" | map -L1 echo | tr -s ' ' | sed 's/ $//' > ours
        diff theirs ours || { echo "$text"; return 1; }
    done
}

@test "lines: the last one needs no newline, and a NUL byte makes a bad one, whatever is made of them" {
    local words
    for words in '' '--colsep ,' '--csv' '-r' '-L1' '--trim lr' '-E x'; do
        # shellcheck disable=SC2086
        run -123 --separate-stderr map $words echo '{1}' < <(printf 'a\n\0\nb')
        assert_equal "$output" $'a\nb'
        assert_match "$stderr" '^jobpool: standard input: line 2.*holds a NUL byte'
    done
}

# ---- order ----

@test "shuf: every task once, in another order each time" {
    run -0 map --shuf echo < <(seq 200)
    assert_equal "$(sort -n <<< "$output")" "$(seq 200)"
    [ "$output" != "$(seq 200)" ]
    local first=$output
    run -0 map --shuf echo < <(seq 200)
    [ "$output" != "$first" ]
    run -0 map --shuf echo '{1}-{2}' ::: {1..10} ::: {1..10}
    assert_equal "$(sort <<< "$output")" "$(printf '%s\n' {1..10}-{1..10} | sort)"
    run -0 map --shuf -n2 echo ::: {1..20}
    assert_equal "$(sort -n <<< "$output")" "$(seq 20 | paste -d ' ' - -)"
    run -0 map --shuf --header : echo '{x}' ::: x 1 2 3
    assert_equal "$(sort <<< "$output")" $'1\n2\n3'
}

# ---- GNU parallel ----

# The same words must give the same output.
same() { # WORDS…; items on stdin
    cat > items
    parallel --plain -k -j1 "$@" < items > theirs 2> complaints || { cat complaints; return 1; }
    map --shell "$@" < items > ours
    diff theirs ours || { echo "$*"; return 1; }
}

@test "inputs mean what they mean to GNU parallel" {
    need parallel
    parallel --version | grep -q '^GNU parallel' || skip 'parallel is another program'
    mkdir -p "$HOME/.parallel" && touch "$HOME/.parallel/will-cite"
    printf '%s\n' x y z > three
    printf '%s\n' 1 2 > two
    printf '%s\n' 'n,m' '1,a b' '2,c/d.e' > table
    printf 'n\tm\n1\t2\n' > tabbed
    same --link echo ::: 1 2 3 ::: a b < /dev/null
    same --xapply echo ::: 1 2 ::: a b c d e < /dev/null
    same --link echo :::: three two < /dev/null
    same --link -a three echo ::: 1 2 ::: p q r s < /dev/null
    same echo ::: a b c :::+ 1 2 ::: X Y :::+ 11 22 < /dev/null
    same echo :::: three ::::+ two < /dev/null
    same echo :::: three ::::+ two three < /dev/null
    same echo ::: a b ::: 1 2 :::+ x y < /dev/null
    same -a - -a two echo < three
    same -a two echo :::: - ::: a < three
    same --link echo ::: 1 2 3 ::: a b :::+ x y < /dev/null
    same --colsep - echo '{4} {3} {2} {1}' ::: A-B C-D ::: e-f g-h < /dev/null
    same --colsep , 'printf "[%s]" {2} {1} {}; echo' < <(printf '%s\n' 'a,b' ' c , d ' ',e' 'f,,g' 'i j,k')
    same --colsep , echo '{2}-{1}-{}' < <(printf '%s\n' 'a,b' c)
    same -C , --trim n 'printf "[%s]" {2} {1} {}; echo' < <(printf '%s\n' 'a,b' ' c , d ' ',e' 'f,,g' 'i j,k')
    same -C '\s+' --trim l echo '{2}-{1}' < <(printf '%s\n' 'a b' $'c \t d')
    same --header : --colsep , echo '{m} {n} {m/} {m//} {m/.} {m.} {1}' :::: table < /dev/null
    same --header : echo '{m}-{n}' < tabbed
    same --header : echo '{x} {y} {x/.}' ::: x p/q.r s ::: y 1 2 < /dev/null
    same --header : --link echo '{x}{y}' ::: x 1 2 3 ::: y a b < /dev/null
    same --header : echo '{x}{y}' ::: x 1 2 3 :::+ y a b c < /dev/null
    same -E STOP echo < <(printf '%s\n' a STOP b)
    same -E STOP echo ::: 1 2 ::: a STOP b < /dev/null
    same -E a,b --colsep , echo ::: x a,b c < /dev/null
    same --trim lr -E a 'echo "[{}]"' ::: x ' a ' c < /dev/null
    local trim
    for trim in n l r lr rl; do
        same --trim "$trim" 'echo "["{}"]"' ::: ' a b ' $'\tc\t' d < /dev/null
    done
    same -r 'echo "["{}"]"' < <(printf '%s\n' a '' ' ' b)
    same -r 'echo "["{}"]"' ::: a '' b < /dev/null
    same -L1 echo < <(printf '%s\n' 'a ' b c)
    same -L2 echo < <(printf '%s\n' 'a ' b c d e)
    same -L2 echo '{2}-{1}' < <(printf '%s\n' a b c)
}

# ---- on demand ----

@test "tail -f: each line is a task as soon as it is written" {
    mkfifo pipe results
    : > log
    tail -n +1 -f log > pipe 2> /dev/null 3>&- &
    local tail=$! line
    jobpool map -j1 -o text echo < pipe > results 3>&- &
    local map=$!
    exec 7< results
    for line in one 'two words' three; do
        echo "$line" >> log
        read -r -u 7 heard
        assert_equal "$heard" "$line"
    done
    kill "$tail"
    wait "$map"
    exec 7<&-
}

@test "a line is a task as soon as it is there, whatever is made of it" {
    local words
    for words in '--colsep ,' '--csv' '-r' '--trim lr' '-E x' '-L1' '-L1 --colsep ,' '--link' '-n1'; do
        # shellcheck disable=SC2086
        converse -- map -j1 $words echo <<'END'
for n in "abc":
    say(n)
    assert hear(type="result")["stdout"] == n + "\n"
END
    done
    converse -- map -j1 --json echo '{n}' <<'END'
for n in range(1, 4):
    say({"n": n})
    assert hear(type="result")["stdout"] == "%d\n" % n
END
    printf '%s\n' 1 2 3 > numbers
    for words in ':::: - :::: numbers' ':::: - ::::+ numbers' '::: a b :::+ c d ::::+ -'; do
        # shellcheck disable=SC2086
        converse -- map -j1 echo '{}' $words <<'END'
say("a")
hear(type="result")
END
    done
    # A header is waited for, then it goes on like that; a record ends where its quotes do.
    converse -- map -j1 --header : --csv echo '{b}' <<'END'
say("a,b")
say("1,2")
assert hear(type="result")["stdout"] == "2\n"
write('3,"4')
say("")
say('5"')
assert hear(type="result")["stdout"] == "4\n5\n"
END
}

@test "-E ends the input of a pipe that stays open" {
    converse -- map -j1 -E END echo <<'END'
say("a")
say("END")
assert hear(type="result")["stdout"] == "a\n"
assert end(close=False) == 0
END
}

@test "--pipe has blocks and no items: what is about items is refused" {
    local words
    for words in '--colsep ,' --csv --json '-E x' '--trim l' -r '--range 1..2' --link --shuf; do
        # shellcheck disable=SC2086
        refuses 'with --pipe tasks have blocks and no items; leave it out' --pipe $words cat
    done
}

# ---- dry run, totals ----

@test "--dry-run and the progress know every kind of input" {
    gives $'echo 1 2\necho 3 4' --dry-run --header : -C , echo '{a}' '{b}' < <(printf '%s\n' a,b 1,2 3,4)
    gives "echo 'a b'" --dry-run --json echo '{x}' ::: '{"x":"a b"}'
    gives $'echo 1 a\necho 2 b' --dry-run --link echo ::: 1 2 ::: a b
    gives "echo '1 2'" --dry-run --csv echo '{1}' ::: '1 2,3'
    run -0 jobpool map --dry-run -o jsonl --json echo '{x}' ::: '{"x":"a b"}'
    assert_equal "$(jq -c .command <<< "$output")" '["echo","a b"]'
    local words
    for words in '--range 1..3' '--link ::: 1 2 3 ::: a' '--shuf ::: 1 2 3' '--csv ::: 1,2 3 4' '--header : ::: x 1 2 3'; do
        # shellcheck disable=SC2086
        set -- $words
        local options=()
        while [ $# -gt 0 ] && [ "$1" != ::: ]; do options+=("$1"); shift; done
        run -0 --separate-stderr jobpool map -o none --progress "${options[@]}" true "$@"
        assert_match "${stderr_lines[-1]}" '^jobpool: 3/3 100%'
    done
}
