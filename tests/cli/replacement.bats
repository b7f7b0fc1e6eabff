#!/usr/bin/env bats
# Replacement strings: what they make of values is what GNU parallel makes of them, and never code.
# Scripts in single quotes are for another shell; braces are for jobpool.
# shellcheck disable=SC1003,SC1083,SC2016
load common
bats_require_minimum_version 1.5.0

strings=({} {.} {/} {//} {/.} {..} {...} {/..} {/...} {+/} {+.} {+..} {+...} {1} {1.} {-1} {-1/} {2} {1..} {-1+.}
    '{:-x}' '{1:-x}' '{:1}' '{:1:2}' '{1:1:1}' '{:99}' '{#a.*b}' '{##a.*b}' '{#a+}' '{##a+}' '{#\.}' '{##.*/}'
    '{%.c}' '{%%.c}' '{%\.[^.]*}' '{%%\..*}' '{%b.*}' '{%%b.*}' '{1%.c}' '{1##.*/}' '{/a/X}' '{//a/X}' '{/[a-z]+/X}'
    '{//[a-z]+/X}' '{/#a/X}' '{/%c/X}' '{/a/}' '{//a/}' '{/a/x/y}' '{1/a/X}' '{/a b/c d}' '{/b/<$0>}' '{/b/\t}'
    '{^a}' '{^^a}' '{^[a-z]}' '{^^[a-z]}' '{,A}' '{,,A}' '{,,[A-Z]}' '{1^^.}'
    '{#}' '{%}' '{##}' '{0#}' '{0%}' '{%%}' '{,,}' '{x}' '{+}' '{:x}' '{1x}' '{a,b}')
values=(a '' file a.b.c a/b.c a.b/c .hid a/.hid x/ / // . .. a. a.. a../ //x a.b/ a.tar.gz aAbB.Cc abxab.c
    'a b' "it's" '$(x)' '`x`' '"' '\' '{.}' '{1}{2}' '*' '-n' '!x' $'tab\t.x' a.b.c.d.e 'a b.c d')

@test "every string makes of every value what parallel --plus makes of it" {
    need parallel
    run parallel --version
    [[ $output == *'GNU parallel'* ]] || skip 'parallel is not GNU parallel'
    local words=() s
    for s in "${strings[@]}"; do words+=(":$s:"); done
    parallel --will-cite -q -k -j1 --plus printf '<%s>\n' "${words[@]}" ::: "${values[@]}" > theirs 2> /dev/null
    jobpool map -k -j1 -o text printf '<%s>\n' "${words[@]}" ::: "${values[@]}" > ours
    [ "$(wc -l < ours)" = $((${#strings[@]} * ${#values[@]})) ]
    diff theirs ours
}

@test "several values: each by itself, by position from both ends, and all together" {
    need parallel
    local words=('{..}' '{1..}' '{-1..}' '{2/}' '{3}' '{^^.}' '{-2:-x}')
    parallel --will-cite -q -k -j1 --plus -N2 printf '<%s>\n' "${words[@]}" ::: a.b.c d/e.f.g > theirs
    jobpool map -k -j1 -o text -n2 printf '<%s>\n' "${words[@]}" ::: a.b.c d/e.f.g > ours
    diff theirs ours
    run -0 jobpool map -k -o text -n2 echo '[{-1}' '{-2}' '{-3}' '{3}' '{-2:-x}]' ::: a b c
    assert_equal "$output" $'[b a   a]\n[c    x]'
}

@test "--dry-run prints lines that make the same words" {
    local words=() s all='printf "<%s>\n"'
    for s in "${strings[@]:0:70}"; do
        words+=("$s")
        all+=" $s \"$s\" '$s' x${s}y"
    done
    jobpool map -k -j1 -o text printf '<%s>\n' "${words[@]}" ::: "${values[@]}" > wanted
    jobpool map --dry-run -j1 printf '<%s>\n' "${words[@]}" ::: "${values[@]}" > lines
    sh < lines > got
    diff wanted got
    jobpool map --shell -k -j1 -o text "$all" ::: "${values[@]}" > wanted
    jobpool map --shell --dry-run -j1 "$all" ::: "${values[@]}" > lines
    sh < lines > got
    diff wanted got
    [ "$(wc -l < got)" -gt $((${#values[@]} * 3 * ${#words[@]})) ]
}

@test "what a string makes of a value is part of one word" {
    local hostile=('$(: > pwned)' '`: > pwned`' ';: > pwned;' $'\n: > pwned\n' "';: > pwned;'" '";: > pwned;"')
    local s script='true'
    for s in '{^^p}' '{,,P}' '{/pwned/pwned}' '{//./x;$(: > pwned)}' "{/x*/';: > pwned;'}" '{:-$(: > pwned)}' '{#x}' '{%x}' \
        '{:0}' '{+.}' "{/#/\$(: > pwned)}"; do
        script+=" $s \"$s\" '$s' a${s}b"
    done
    run -0 jobpool map --shell "$script" ::: "${hostile[@]}" '' x
    [ ! -e pwned ]
}

@test "{##} and {0#} wait for the last item" {
    run -0 jobpool map -k -o text 'echo {##} {0#} {}' ::: a b c d e f g h i j
    assert_equal "${lines[0]}" '10 01 a'
    assert_equal "${lines[9]}" '10 10 j'
    run -0 jobpool map -k -o text 'echo {##}' < <(seq 3)
    assert_equal "$output" $'3\n3\n3'
    run -0 jobpool map --dry-run 'echo {##}' < <(seq 2)
    assert_equal "$output" $'echo 2\necho 2'
    run -0 jobpool map -j12 -o text 'echo {0%}' ::: a
    assert_equal "$output" 01
    run -2 jobpool map -j0 'echo {0%}' ::: a
    assert_equal "$output" 'jobpool: {0%}: how many slots there are is not known here; write {%}'
    run -2 jobpool map --pipe 'echo {##}' < /dev/null
    [[ $output == 'jobpool: {##}: how many tasks there will be is not known here when the first one starts; write {#}'* ]]
}

@test "{##} counts what can be read when the input breaks off or has bad items" {
    printf 'a\0\nb\nc\n' > input
    run -123 --separate-stderr jobpool map -k -o text 'echo {##} {}' :::: input
    assert_equal "$output" $'2 b\n2 c'
}

@test "{uniq} and {choose_k} leave combinations out" {
    run -0 jobpool map -k -o text 'echo {choose_k} {#} {##}' ::: A B C ::: A B C
    assert_equal "$output" $'A B 1 3\nA C 2 3\nB C 3 3'
    run -0 jobpool map -k -o text 'echo {uniq} {#}' ::: A B ::: A B
    assert_equal "$output" $'A B 1\nB A 2'
    run -0 jobpool map --dry-run 'echo {uniq}' ::: A B ::: A B
    assert_equal "$output" $'echo \'A\' \'B\'\necho \'B\' \'A\''
    run -123 jobpool run <<< '{"op":"map","shell":"echo {uniq}","over":["a"]}'
    [[ $output == *'which only the command map can do'* ]]
}

@test "other names for {} {.} {/} {//} {/.} {#} {%}" {
    run -0 jobpool map -o text -I ,, 'echo ,, x,,y {} {1} {.}' ::: a.b
    assert_equal "$output" 'a.b xa.by {} {1} a'
    run -0 jobpool map -o text --replace '{x}' 'echo {x} {} {1x}' ::: a.b
    assert_equal "$output" 'a.b {} a.b'
    run -0 jobpool map -o text --er E --bnr B --dnr D --bner N --seqreplace S --slotreplace L \
        'echo E B D N S L {.}{/}{//}{/.}{#}{%}' ::: d/a.b
    assert_equal "$output" 'd/a a.b d a 1 1 {.}{/}{//}{/.}{#}{%}'
    run -0 jobpool map -o text --extensionreplace E --basenamereplace B --dirnamereplace D \
        --basenameextensionreplace '{n}' 'echo E B D {n} {1n}' ::: d/a.b
    assert_equal "$output" 'd/a a.b d a a'
    run -0 jobpool map -I , 'echo it' ::: a
    run -2 jobpool map -I '' echo ::: a
    assert_equal "$output" 'jobpool: --replace: the string is empty; give one that stands in the command'
    run -2 jobpool map -I X --er X echo ::: a
    assert_equal "$output" "jobpool: --replace and --extensionreplace are both 'X'; give each a string of its own"
}

@test "--plus is always there; --no-plus leaves its strings alone" {
    run -0 jobpool map --plus -o text 'echo {..}' ::: a.b.c
    assert_equal "$output" a
    run -0 jobpool map --no-plus -o text 'echo {..} {##} {^^.} {host} {.} {-1}' ::: a.b.c
    assert_equal "$output" '{..} {##} {^^.} {host} a.b a.b.c'
    run -2 jobpool map --plus --no-plus echo ::: a
    assert_equal "$output" 'jobpool: --plus and --no-plus contradict each other; give one of them'
}

@test "what a shell or another program means by braces stays as it is" {
    need bash
    run -0 jobpool map --shell-path bash -o text 'x={}; echo ${x%.c} ${x##a} ${x/b/_} ${#x} ${x^^} ${x:-y} {1..3} a{1,3}' ::: ab.c
    assert_equal "$output" 'ab b.c a_.c 4 AB.C ab.c 1 2 3 a1 a3'
    run -0 jobpool map -o text sh -c 'echo "${1%.*} ${1##*.} ${1:-x} ${#1}"' sh {} ::: ab.c
    assert_equal "$output" 'ab c ab.c 4'
    run -0 jobpool map -o text awk 'BEGIN { print "{" ARGV[1] "}"; if (1) {print 2} }' {} ::: v
    assert_equal "$output" $'{v}\n2'
    echo 2024-01 > file
    run -0 jobpool map -o text grep -cE '^2024-[0-9]{1,2}$' ::: file
    assert_equal "$output" 1
    run -2 jobpool map --shell-path bash 'echo {}{,.bak}' ::: a
    assert_equal "$output" 'jobpool: {,.bak}: bash may expand this itself; write "{,.bak}" if a value is meant, or give --no-plus'
    run -0 jobpool map --shell-path bash --no-plus -o text 'echo {}{,.bak}' ::: a
    assert_equal "$output" 'a a.bak'
}

@test "a bad expression and a Perl expression are refused before anything starts" {
    run -2 jobpool map 'echo {%+x}' ::: a
    assert_equal "$output" "jobpool: {%+x}: regular expression '+x': a quantifier has nothing in front of it"
    run -2 jobpool map 'echo {##(a|b)\1}' ::: a
    [[ $output == *'alternatives and \1 cannot be in one that stands at the start or end' ]]
    run -2 jobpool map 'echo {= s/a/b/ =}' ::: a
    [[ $output == 'jobpool: {= s/a/b/ =}: there is no Perl in a command; '* ]]
    run -2 jobpool map echo '{=1 $_++=}' ::: a
    [[ $output == 'jobpool: {=1 $_++=}: there is no Perl'* ]]
}
