#!/usr/bin/env bats
# jobpool map: sources, replacement strings, the three ways in which a command is executed, and what comes out.
# Scripts in single quotes are for another shell.
# shellcheck disable=SC2016,SC1083,SC1003,SC2088
load common
load functional

# ---- sources ----

@test "map: a task for each word behind :::" {
    run -0 jobpool map -k -o text printf '<%s>\n' ::: a 'b c' '' $'d\ne'
    assert_equal "$output" $'<a>\n<b c>\n<>\n<d\ne>'
}

@test "map: lines of stdin, of files behind ::::, of files of -a" {
    printf 'a b\nc\n' > one
    printf '1\n2' > two
    local wanted=$'a b\nc'
    run -0 jobpool map -k -o text echo < one
    assert_equal "$output" "$wanted"
    run -0 jobpool map -k -o text echo :::: one
    assert_equal "$output" "$wanted"
    run -0 jobpool map -k -o text -a one echo
    assert_equal "$output" "$wanted"
    run -0 jobpool map -k -o text -a - echo < one
    assert_equal "$output" "$wanted"
    run -0 jobpool map -k -o text echo :::: - < one
    assert_equal "$output" "$wanted"
    run -0 jobpool map -k -o text --arg-file=two echo
    assert_equal "$output" $'1\n2'
}

@test "map: several sources give the product, the last varies fastest" {
    printf 'x\ny\n' > one
    printf '1\n2\n' > two
    local wanted=$'x 1\nx 2\ny 1\ny 2'
    run -0 jobpool map -k -o text echo ::: x y ::: 1 2
    assert_equal "$output" "$wanted"
    run -0 jobpool map -k -o text echo :::: one two
    assert_equal "$output" "$wanted"
    run -0 jobpool map -k -o text echo :::: one :::: two
    assert_equal "$output" "$wanted"
    run -0 jobpool map -k -o text -a one -a two echo
    assert_equal "$output" "$wanted"
    run -0 jobpool map -k -o text -a one echo ::: 1 2
    assert_equal "$output" "$wanted"
    run -0 jobpool map -k -o text echo ::: x y :::: - < two
    assert_equal "$output" "$wanted"
    run -0 jobpool map -k -o text echo '{2}{1}{3}' ::: x y ::: 1 ::: p q
    assert_equal "$output" $'1xp\n1xq\n1yp\n1yq'
    run -0 jobpool map -k -o text echo ::: x y ::: :::: two
    assert_equal "$output" ''
}

@test "map: the first source is read as it comes, and tasks start at once" {
    converse -- map -j1 echo '{1}{2}' ::: a b :::: - <<'END'
end()
assert rest() == []
END
    # The first line runs while stdin is still open.
    converse -- map -j1 echo <<'END'
say("first")
assert hear(type="result")["stdout"] == "first\n"
say("second")
assert hear(type="result")["stdout"] == "second\n"
END
}

@test "map: -0 and -d end items; empty ones count" {
    run -0 jobpool map -0 -k -o text printf '<%s>' < <(printf 'a\nb\0\0c d\0')
    assert_equal "$output" $'<a\nb><><c d>'
    run -0 jobpool map -d ';' -k -o text printf '<%s>' < <(printf 'a;b\n;c')
    assert_equal "$output" $'<a><b\n><c>'
    printf 'x\0y\0' > file
    run -0 jobpool map -0 -k -o text printf '<%s>' :::: file
    assert_equal "$output" '<x><y>'
    run -0 jobpool map -0 -k -o text -a file printf '<%s-%s>' ::: 1 2
    assert_equal "$output" '<x-1><x-2><y-1><y-2>'
}

@test "map: -n gives several items to a task, the last may get fewer" {
    run -0 jobpool map -n2 -k -o text printf '<%s>' {} end < <(printf '%s\n' a b c)
    assert_equal "$output" '<a><b><end><c><end>'
    run -0 jobpool map --max-args=2 -k -o text echo '{2}-{1} {#}' ::: a b c
    assert_equal "$output" $'b-a 1\n-c 2'
    run -0 jobpool map -n3 -k 'echo {}' ::: a 'b c' "d'e" f
    assert_equal "$(fields '.args|join("|")')" $'a|b c|d\'e\nf'
    assert_equal "$(fields .stdout)" $'a b c d\'e\n\nf'
    run -0 jobpool map -n100 -o text echo ::: 1 2 3
    assert_equal "$output" '1 2 3'
}

@test "map: without a command each line is a script" {
    run -123 jobpool map -k <<'END'
echo one  two | tr ' ' -
exit 3

echo "a  {}"; echo err >&2
true
END
    assert_equal "$(fields '[.shell,.stdout,.stderr,.exit_code]|@json' | tr '\n' ' ')" \
        '["echo one  two | tr '"' '"' -","one-two\n","",0] ["exit 3","","",3] ["echo \"a  {}\"; echo err >&2","a  {}\n","err\n",0] ["true","","",0] '
    run -0 jobpool map -k -o text ::: 'echo a' 'echo b'
    assert_equal "$output" $'a\nb'
}

@test "map: a million items are not needed to see that input is read on demand" {
    # An endless input: the first failure ends it.
    run -123 jobpool map -j2 --halt now,fail=1 -o none 'test {} -lt 50' < <(seq 1000000000)
}

# ---- replacement strings ----

@test "map: replacement strings" {
    run -0 jobpool map -o text printf '%s\n' {} {.} {/} {//} {/.} {#} {%} {1} {1.} {1/} {1//} {1/.} x{}y {x} ::: dir/a.b.c
    assert_equal "$output" $'dir/a.b.c\ndir/a.b\na.b.c\ndir\na.b\n1\n1\ndir/a.b.c\ndir/a.b\na.b.c\ndir\na.b\nxdir/a.b.cy\n{x}'
    run -0 jobpool map -o text echo {2/} {1.} ::: p/q.r ::: s/t.u
    assert_equal "$output" 't.u p/q'
    # Without one the item is appended; with one it is not.
    run -0 jobpool map -o text echo a ::: b
    assert_equal "$output" 'a b'
    run -0 jobpool map -o text echo {#} ::: b
    assert_equal "$output" 1
}

@test "map: a value is never expanded again" {
    run -0 jobpool map -k -o text echo {} {/} ::: '{}' '{#}' '{//}' '$HOME' '$(touch pwned)' '`touch pwned`' '*' '~'
    assert_equal "$output" $'{} {}\n{#} {#}\n{//} }\n$HOME $HOME\n$(touch pwned) $(touch pwned)\n`touch pwned` `touch pwned`\n* *\n~ ~'
    run -0 jobpool map -k -o text 'echo {} "{}"' ::: '{}' '{#}' '$HOME' '$(touch pwned)' '`touch pwned`' '*' '~' "a'b" 'a"b' 'a\'
    assert_equal "$output" $'{} {}\n{#} {#}\n$HOME $HOME\n$(touch pwned) $(touch pwned)\n`touch pwned` `touch pwned`\n* *\n~ ~\na\'b a\'b\na"b a"b\na\\ a\\'
    [ ! -e pwned ]
}

@test "map: {%} is the slot: two that run at the same time differ, and all are within -j" {
    run -0 jobpool map -j3 -o text echo '{%}' < <(seq 60)
    assert_equal "$(sort -u <<< "$output" | tr -d '\n' | sed 's/[123]//g')" ''
    make_gates a b
    jobpool map -j2 -k -o text 'cat {}; echo {%} $JOBPOOL_SLOT' ::: a b > slots &
    open_gate b
    open_gate a
    wait $!
    assert_equal "$(sort slots | tr '\n' ,)" '1 1,2 2,'
}

# Items and templates for which GNU parallel and jobpool must say the same.
same_as_parallel() { # OPTIONS… -- COMMAND…; items on stdin
    local options=()
    cat > items
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    shift
    # GNU parallel's -n has no {1}, its -N has.
    parallel --plain -k "${options[@]/#-n/-N}" "$@" < items > theirs || true
    jobpool map --shell -k -o text "${options[@]}" "$@" < items > ours || true
    diff theirs ours || { echo "${options[*]} -- $*"; return 1; }
}

@test "map: replacement strings are those of GNU parallel" {
    need parallel
    parallel --version | grep -q '^GNU parallel' || skip 'parallel is another program'
    mkdir -p "$HOME/.parallel" && touch "$HOME/.parallel/will-cite"
    local names
    names=$(printf '%s\n' a a.b a.b.c dir/a.b dir/a dir.d/a dir.d/a.b /x /x.y / // dir/ .hidden dir/.hidden .hidden.x a. a.. \
        'a b.c' "it's.x" '$(x)/y.z' 'ü.ö' -n.x '*.?' 'a"b.c"' './a.b' '../a.b' '~/a.b' 'a;b.c' 'a&b' 'a\b.c' 'a//b.c' '...')
    same_as_parallel -j1 -- printf '"<%s>"' {} {.} {/} {//} {/.} {#} {%} x{}y <<< "$names"
    same_as_parallel -- printf '"<%s>"' {1} {1.} {1/} {1//} {1/.} a <<< "$names"
    same_as_parallel -- 'printf "<%s>" a' <<< "$names"
    same_as_parallel -n3 -- echo x{3} {1} x{2}y {#} < <(seq 7)
    same_as_parallel -n2 -- echo < <(seq 5)
    printf '%s\n' x.1 y.2 > one
    same_as_parallel -a one -a - -- echo {2} {1.} {} {2/} < <(printf '%s\n' p/q r)
    same_as_parallel -d , -- printf '"<%s>"' < <(printf 'a,b,,c')
    same_as_parallel -0 -- printf '"<%s>"' < <(printf 'a\nb\0c\0')
    same_as_parallel -- < <(printf '%s\n' 'echo a; echo b' 'echo {}' 'exit 1' 'echo "c  d"')
}

# ---- argv, script, direct ----

@test "map: several words are an argv: no shell, no splitting" {
    run -123 jobpool map -k ls '$HOME' '; echo' ::: 'a b'
    assert_equal "$(fields '.command|@json')" '["ls","$HOME","; echo","a b"]'
    assert_equal "$(fields .shell)" null
}

@test "map: one word with white space or shell characters is a script, another one is not" {
    run -0 jobpool map 'cat < {}' ::: /dev/null
    assert_equal "$(fields '[.shell,.command]|@json')" "[\"cat < '/dev/null'\",null]"
    run -0 jobpool map 'echo a' ::: b
    assert_equal "$(fields .shell)" "echo a 'b'"
    run -0 jobpool map echo ::: b
    assert_equal "$(fields '[.shell,.command]|@json')" '[null,["echo","b"]]'
    run -0 jobpool map --shell echo 'a  b' ::: '$c'
    assert_equal "$(fields .shell)" "echo a  b '\$c'"
    printf '#!/bin/sh\necho ran "$1"\n' > 'a program'
    chmod +x 'a program'
    run -0 jobpool map --no-shell -o text './a program' ::: b
    assert_equal "$output" 'ran b'
}

@test "map: a file without #! is run by /bin/sh, in an argv too" {
    printf 'echo "$0" "$@"\n' > plain
    chmod +x plain
    run -0 jobpool map -o text ./plain a ::: 'b c'
    assert_equal "$output" './plain a b c'
    run -0 jobpool map -o text './plain a' ::: 'b c'
    assert_equal "$output" './plain a b c'
}

@test "map: --shell-path runs scripts" {
    run -0 jobpool map --shell-path /bin/bash -o text 'x=({} b); echo "${#x[@]} $0"' ::: 'a a'
    assert_equal "$output" '2 /bin/bash'
    mkdir shells
    printf '#!/bin/sh\necho "$1,$2,$3"\n' > shells/sh
    chmod +x shells/sh
    run -0 jobpool map --shell-path shells/sh -o text echo ::: a
    assert_equal "$output" "-c,--,echo 'a'"
}

@test "map: values at places where no quoting is safe are refused before anything starts" {
    for script in 'touch ran # {}' 'echo `touch ran {}`' $'touch ran; cat <<E\n{}\nE' 'touch ran; echo $(( {} ))' 'touch ran \{}'; do
        run --separate-stderr -2 jobpool map "$script" ::: a
        [ -n "$stderr" ]
        [ ! -e ran ]
    done
}

# What one list of specs gives when its scripts are executed directly and when /bin/sh gets them all, but for what no
# two runs have in common. A shell that is named, even this one, is always used.
both_ways() { # specs on stdin
    cat > specs
    local one_run='del(.pid, .submitted, .started, .finished, .queued_s, .wall_s, .user_s, .sys_s, .max_rss_kib)'
    local direct=0 shell=0
    jobpool run -j1 -k specs > direct.jsonl || direct=$?
    jobpool run -j1 -k --shell-path /bin/sh specs > shell.jsonl || shell=$?
    jq -c "$one_run" direct.jsonl > direct
    jq -c "$one_run" shell.jsonl > shell
    diff shell direct
    assert_equal "$direct" "$shell"
    assert_equal "$(wc -l < direct)" "$(wc -l < specs)"
}

make_programs() {
    mkdir -p bin/folder other
    printf '#!/bin/sh\nprintf "<%%s>" "$0" "$@"\n' > bin/show
    printf 'printf "[%%s]" "$0" "$@"\n' > bin/plain
    printf '#!/no/such/interpreter\n' > bin/orphan
    printf '#!/bin/sh\n' > bin/denied
    printf 'not executable' > other/show
    printf '\177ELF and no more' > bin/broken
    : > bin/empty
    chmod +x bin/show bin/plain bin/orphan bin/broken bin/empty
    cp bin/show bin/é+x,y:@z
    ln -s nowhere bin/dangling
    ln -s loop bin/loop
    export PATH=$PWD/bin:$PATH
}

@test "map: direct execution of scripts cannot be observed" {
    make_programs
    {
        jq -Rc '{shell: .}' <<'END'
show
show a b
  show  a   b  
show	tab	separated
show --x=y a=b %1 @ : + , -- - .. / é
show {} {.} a{#}
show -rf ~a a~ 1=2 x=~
bin/show a
./bin/show a
é+x,y:@z a
plain a
./bin/plain
orphan a
denied
./bin/denied a
broken
empty
empty a b
dangling
loop
folder
bin/folder
bin
./bin/show/a
./nosuch a
/no/such a
no-such-program a b
123
12 a
-x
--
@
+a
,
:
.
..
/
./
a,b
é
A=b
A=b show
a+=b
%1
=a
echo a
echo -n a
true
false
exit 3
return 2
test -e bin
pwd
umask
ulimit -n
kill -0
type show
command show a
exec show a
eval show a
sleep 0
time
if
do
then a
for
done
esac
in
function x
select
coproc
shift
trap
wait
hash
alias
unset a
readonly
local a
getopts a b
jobs
cd bin
chdir bin
. bin/plain
source bin/plain
let a
read a
printf a
times x
exec
break
continue
command
builtin a
declare a
typeset
cat bin/plain
cat nosuch
head -c 3 bin/show
ls -d bin
printenv HOME
printenv PWD
printenv JOBPOOL_ID
env -i /bin/echo a
sort -u bin/show
dash -c pwd
show a
END
        jq -nc '{shell: ("show " + ("a" * 3000)), command: null} | del(.command),
            {shell: ("show " + ([range(5000) | tostring] | join(" ")))},
            {shell: ("x" * 300)}, {shell: ("/" + "x" * 300)}, {shell: (("y" * 100 + "/") * 50)},
            {shell: ""}, {shell: " "}, {shell: "\t"},
            {shell: "show {} x{}y", args: ["a b"]}, {shell: "show {}", args: [""]}, {shell: "show {} {2} {3}", args: ["", "a"]},
            {shell: "show {}", args: ["$(echo a)"]}, {shell: "show", args: ["-", "*", "~", "a\nb", "\u0001", "it'"'"'s"]},
            {shell: "show {/} {//} {.} {/.}", args: ["a b/c d.e"]}, {shell: "{} a", args: ["show"]}, {shell: "sh{} a", args: ["ow"]},
            {shell: "cat", stdin: "text"}, {shell: "head -n 1", stdin: "a\nb\n"}, {shell: "show a", name: "n", nice: 3},
            {shell: "show a", env: {PATH: "bin"}}, {shell: "show a", env: {PATH: ":/bin"}}, {shell: "plain a", env: {PATH: "bin:/bin"}},
            {shell: "show a", env: {PATH: ""}}, {shell: "show a", env: {PATH: "/nowhere:other:bin"}}, {shell: "show a", env: {PATH: "other"}},
            {shell: "show a", env: {PATH: "folder:/usr/bin/env:bin:/bin"}},
            {shell: "show a", env: {PATH: "bin:"}, cwd: "bin"}, {shell: "show a", env: {PATH: ""}, cwd: "bin"}, {shell: "./show a", cwd: "bin"},
            {shell: "show a", env: {"BASH_FUNC_show%%": "() { echo function; }"}}, {shell: "show a", env: {SHELLOPTS: "xtrace"}},
            {shell: "show a", env: {ENV: "bin/plain", BASH_ENV: "bin/plain", IFS: "h", CDPATH: "bin", PS4: "x", HOME: ""}},
            {shell: "printenv PWD", cwd: "bin"}, {shell: "printenv PWD", env: {PWD: "/nowhere"}}, {shell: "printenv PWD", env: {PWD: "bin"}, cwd: "bin"},
            {shell: "printenv A", env: {A: "x y"}}, {shell: "show a", cwd: "nosuch"}, {shell: "nice", nice: 5},
            {shell: "show a", limits: {nofile: 50}}, {shell: "show a", stdin_file: "bin/show"}'
    } > all
    [ "$(wc -l < all)" -gt 140 ]
    both_ways < all
    # The list is no list of failures only.
    [ "$(grep -c '"succeeded"' direct)" -gt 50 ] && [ "$(grep -c '"failed"' direct)" -gt 50 ]
}

@test "map: direct execution cannot be observed without PWD, nor behind a symlink" {
    make_programs
    mkdir real && ln -s real link && cd link
    for pwd in "$PWD" "$BATS_TEST_TMPDIR" . ''; do
        jq -Rc '{shell: .}' <<< $'printenv PWD\nshow a' | PWD=$pwd both_ways
    done
    unset PWD
    jq -Rc '{shell: .}' <<< 'printenv PWD' | both_ways
    jq -Rc '{shell: ., cwd: ".."}' <<< 'printenv PWD' | both_ways
}

@test "map: direct execution cannot be observed with variables that a shell does not pass on, or reads" {
    local variable
    for variable in a.b=1 IFS=x OPTIND=7 PPID=1 SHELLOPTS=xtrace 'BASH_FUNC_show%%=() { echo function; }'; do
        run jobpool apply -o text --env "$variable" "printenv ${variable%%=*}"
        local direct=$output
        run jobpool apply -o text --env "$variable" --shell-path /bin/sh "printenv ${variable%%=*}"
        assert_equal "${direct//[0-9]/}" "${output//[0-9]/}"
        assert_equal "$(jobpool run -o text --env "$variable" <<< "{\"shell\":\"printenv ${variable%%=*}\"}" 2> /dev/null | tr -d 0-9)" "${direct//[0-9]/}"
    done
    run -1 env a.b=1 "$JOBPOOL" apply -o text 'printenv a.b'
    run jobpool apply -o text --env PPID=1 'printenv PPID'
    [ "$output" != 1 ]
}

@test "map: plain scripts are executed without a shell, others with one" {
    need strace
    [ -z "${JOBPOOL_SANITIZE:-}" ] || skip 'a sanitizer cannot be traced'
    strace -f -qq -e trace=execve -o trace true || skip 'strace may not trace'
    shells() { # OPTION… SCRIPT: how many shells it takes
        strace -f -qq -e trace=execve -o trace "$JOBPOOL" map -j1 -o none "$@" ::: a
        grep -c 'execve("/bin/sh".*) = 0' trace || true
    }
    assert_equal "$(shells 'basename x')" 0
    assert_equal "$(shells '  basename x/{}/y  z ')" 0
    assert_equal "$(shells 'basename x "{}"')" 1
    assert_equal "$(shells 'echo x')" 1
    assert_equal "$(shells 'true; basename {}')" 1
    # Variables that make a shell do more than its script says.
    assert_equal "$(shells --env 'BASH_FUNC_basename%%=() { :; }' 'basename {}')" 1
}

# ---- order and forms of output ----

@test "map: results come as tasks end; with -k in the order of the input" {
    make_gates a b c
    jobpool map -j3 'cat < {}; echo {}' ::: a b c > ended &
    open_gate c
    open_gate a
    open_gate b
    wait $!
    jobpool map -k -j3 'cat < {}; echo {}' ::: a b c > kept &
    open_gate c
    open_gate b
    open_gate a
    wait $!
    assert_equal "$(fields_of kept '.args[0]' | tr -d '\n')" abc
    assert_equal "$(fields_of ended '.args[0]' | sort | tr -d '\n')" abc
    # -j1 leaves no choice.
    run -0 jobpool map -j1 -o text echo ::: c a b
    assert_equal "$output" $'c\na\nb'
}

@test "map: -k shows each result as soon as those before it are there" {
    converse -- map -k -j2 cat <<'END'
gate("a"), gate("b")
say("a")
say("b")
open_gate("a")
assert hear(type="result")["args"] == ["a"]
open_gate("b")
assert hear(type="result")["args"] == ["b"]
END
}

@test "map: -o text keeps the bytes and the streams, task by task" {
    run --separate-stderr -0 jobpool map -k -j4 -o text 'printf "out {}\n"; printf "err {}\n" >&2; printf "no newline {}"' ::: 1 2
    assert_equal "$output" $'out 1\nno newline 1out 2\nno newline 2'
    assert_equal "$stderr" $'err 1\nerr 2'
    head -c 100000 /dev/urandom > random
    jobpool map -o text cat ::: random > copy
    cmp random copy
    # What two tasks write at the same time is not mixed.
    run -0 jobpool map -j4 -o text 'for i in 1 2 3 4 5; do echo {}; echo {}; done' ::: a b c d
    assert_equal "$(uniq -c <<< "$output" | awk '{print $1 $2}' | sort | tr '\n' ' ')" '10a 10b 10c 10d '
}

@test "map: -o json is one document" {
    run -123 jobpool map -k -o json 'exit {}' ::: 0 1
    assert_equal "$(jq -c '[(.results | length), .results[1].exit_code, .summary.total, .summary.failed]' <<< "$output")" '[2,1,2,1]'
}

@test "map: -o none writes nothing" {
    run -123 jobpool map -o none 'echo {}; exit 1' ::: a
    assert_equal "$output" ''
}

@test "map: --tag begins each line with the values" {
    run --separate-stderr -0 jobpool map -k --tag 'printf "1\n2"; echo e {} >&2' ::: a 'b c'
    assert_equal "$output" $'a\t1\na\t2b c\t1\nb c\t2'
    assert_equal "$stderr" $'a\te a\nb c\te b c'
    run -0 jobpool map -k --tag echo ::: a ::: 1 2
    assert_equal "$output" $'a 1\ta 1\na 2\ta 2'
}

@test "map: --dry-run runs nothing, and what it prints can be pasted" {
    run -0 jobpool map -k --dry-run touch ::: ran "it's" 'a b'
    assert_equal "$output" $'touch ran\ntouch \'it\'\\\'\'s\'\ntouch \'a b\''
    [ ! -e ran ]
    sh -c "$output"
    [ -e ran ] && [ -e "it's" ] && [ -e 'a b' ]
    # Whatever the value is, what is pasted into a shell does the same as the task.
    printf '%s\0' 'a b' "it's" '$HOME' '*' '`x`' 'a"b' 'a\b' '' '~' '#' '!' '{}' $'new\nline' $'tab\t' -n 'é' '|' '&' '<x' 'if' 'a=b' > items
    for command in 'printf "<%s>\n" {} x{}' 'echo "{}" | cat'; do
        jobpool map -0 -k -o text "$command" < items > wanted
        jobpool map -0 -k --dry-run "$command" < items > pasted
        sh pasted > is
        diff wanted is
    done
    jobpool map -0 -k -o text printf '<%s>\n' {} x{} < items > wanted
    jobpool map -0 -k --dry-run printf '<%s>\n' {} x{} < items > pasted
    sh pasted > is
    diff wanted is
    run -0 jobpool map --dry-run --shell-path /bin/bash 'echo {}' ::: 'a b'
    assert_equal "$(sh -c "$output")" 'a b'
}

@test "map: --dry-run -o jsonl and -o json print specs that run accepts" {
    local items=(a 'b c' "d'e" '{}' '{#}' $'\xff' '$x') form
    for form in jsonl json; do
        jobpool map --dry-run -o $form printf '<%s>' {} {#} ::: "${items[@]}" > argv
        jobpool map --dry-run -o $form 'printf "<%s>" {} {#}' ::: "${items[@]}" > scripts
        jobpool map -k -o text printf '<%s>' {} {#} ::: "${items[@]}" > wanted
        jobpool map -k -o text 'printf "<%s>" {} {#}' ::: "${items[@]}" >> wanted
        jobpool run -k -o text argv scripts > is
        cmp wanted is
    done
    jobpool map --dry-run -o jsonl --timeout 5s --retries 2 --env A=b --cwd / echo ::: a > specs
    run -0 jobpool run specs
    assert_equal "$(fields .state)" succeeded
}

@test "map: --summary" {
    run -123 jobpool map --summary -j1 'exit {}' ::: 0 1 0
    assert_equal "$(jq -c 'select(.type == "summary") | [.total, .succeeded, .failed, .input_complete, .halted]' <<< "${lines[-1]}")" '[3,2,1,true,false]'
    run --separate-stderr -123 jobpool map --summary -o text 'exit {}' ::: 0 1 0
    assert_equal "$output" ''
    assert_match "$stderr" '2 succeeded.*1 failed'
    run --separate-stderr -0 jobpool map --summary -o none true ::: 1
    assert_equal "$(jq -r .total <<< "$output")" 1
    run -0 jobpool map --summary -o json true ::: 1
    assert_equal "$(jq -r .summary.total <<< "$output")" 1
}

@test "map: --report has every result, whatever -o is" {
    local form
    for form in jsonl json text none; do
        echo old > report
        run -123 jobpool map -o $form --report report 'echo {}; exit {}' ::: 0 1
        assert_equal "$(jq -rs 'sort_by(.seq)[] | "\(.args[0]) \(.exit_code)"' report)" $'0 0\n1 1'
    done
    jobpool map -j1 -o none --report report echo ::: a b
    assert_equal "$(fields_of report .stdout | tr '\n' ,)" a,,b,,
    jobpool map -j1 -o jsonl --report report echo ::: a b > out
    cmp report out
}

@test "map: --append adds to the report; several may" {
    jobpool map -o none --report report echo ::: a
    jobpool map -j1 -o none --report report --append echo ::: b c
    assert_equal "$(fields_of report .stdout | tr -d '\n' | tr -s ' ')" abc
    local i pids=()
    for i in 1 2 3 4; do
        jobpool map -j4 -o none --report shared --append 'head -c 20000 /dev/zero | tr "\0" {}; true' ::: $i $i $i $i $i &
        pids+=($!)
    done
    wait "${pids[@]}"
    assert_equal "$(jq -r '[.stdout_bytes, (.stdout | .[0:1] * 20000 == .)] | @json' shared | sort | uniq -c | tr -s ' ')" ' 20 [20000,true]'
}

@test "map: --events tells each change of each task, in order" {
    run -123 jobpool map -j2 --events --summary --retries 1 'exit {}' ::: 0 1 0
    local of='[.[] | select(.seq == $n)] | map(if .type == "event" then .event else .type end) | join(" ")'
    assert_equal "$(jq -rs --argjson n 1 "$of" <<< "$output")" 'submitted started succeeded result'
    assert_equal "$(jq -rs --argjson n 2 "$of" <<< "$output")" 'submitted started retry started failed result'
    assert_equal "$(jq -rs --argjson n 3 "$of" <<< "$output")" 'submitted started succeeded result'
    assert_equal "$(jq -r .type <<< "${lines[-1]}")" summary
    # A retry tells why.
    assert_equal "$(jq -r 'select(.event == "retry") | .error' <<< "$output")" ExitStatus
    # Every event has its time, and none goes back for one task.
    assert_equal "$(jq -rs '[.[] | select(.type == "event")] | group_by(.seq) | map(map(.time) | . == sort) | all' <<< "$output")" true
}

@test "map: events of many tasks are complete" {
    jobpool map -j4 --events true < <(seq 300) > lines
    assert_equal "$(jq -rs '[.[] | select(.type == "event")] | group_by(.event) | map("\(.[0].event) \(length)") | join(",")' lines)" \
        'started 300,submitted 300,succeeded 300'
    assert_equal "$(jq -rs 'group_by(.seq) | map(map(.event // .type) == ["submitted","started","succeeded","result"]) | [length, all] | @json' lines)" \
        '[300,true]'
}

@test "map: -v writes each command to stderr when it starts" {
    run --separate-stderr -0 jobpool map -v -j1 -o none echo ::: a 'b c'
    assert_equal "$stderr" $'echo a\necho \'b c\''
    run --separate-stderr -0 jobpool map -v -j1 -o none 'echo {} | cat' ::: 'b c'
    assert_equal "$stderr" "echo 'b c' | cat"
    run --separate-stderr -123 jobpool map -v -j1 -o none --retries 2 false ::: a
    assert_equal "${#stderr_lines[@]}" 3
}

@test "map: --progress without a terminal: plain lines" {
    run --separate-stderr -123 jobpool map --progress -o none 'exit {}' ::: 0 1
    [[ $stderr != *$'\033'* && $stderr != *$'\r'* ]]
    assert_match "${stderr_lines[-1]}" '^jobpool: 2/2 100%, 1 failed, 0 running'
    assert_equal "$output" ''
}

@test "map: --progress on a terminal: a bar with rate and ETA" {
    make_gates a b
    NO_COLOR=1 python3 "$ROOT/tests/lib/terminal.py" "$JOBPOOL" map -j1 -o none --progress cat ::: a b > shown <<'END'
expect 0/2 0%
do : > a
expect \[#+\.+\] 1/2 50%.*1 running.*/s.*ETA \d+s
do : > b
expect jobpool: 2/2 100%, 0 failed
END
    grep -q $'\r' shown
}

# ---- chunksize ----

@test "map: --chunksize changes neither what runs nor how many results there are" {
    local n
    for n in 1 3 10 100; do
        run -123 jobpool map -k -j3 --chunksize $n 'echo {}; test {} != 4' < <(seq 10)
        assert_equal "$(fields '"\(.args[0])\(.state[0:1])"' | tr '\n' ' ')" '1s 2s 3s 4f 5s 6s 7s 8s 9s 10s '
    done
}

@test "map: no items: no tasks, status 0" {
    run -0 jobpool map --summary false < /dev/null
    assert_equal "$(jq -r .total <<< "$output")" 0
}
