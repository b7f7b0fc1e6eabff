#!/usr/bin/env bats
# shellcheck disable=SC2016 # what stands in single quotes is for others to expand
# Faults 62, 64 and 65: values that would be code, traps in temporary directories, secrets.

load common
load faults

# What a shell, a template or an option parser could take for something else. If one becomes code, there is a file P.
# shellcheck disable=SC1003 # these are no mistakes
VALUES=(
    '$(touch P)' '`touch P`' ';touch P' '; touch P;' '|touch P' '&touch P&' '&& touch P' $'\ntouch P\n' '>P' '>>P' '<P' '#P' 'P=1'
    "a'b" "'" "''" "';touch P;'" '"' '""' '";touch P;"' '$(touch P)"`touch P`' "'\$(touch P)'" '"$(touch P)"'
    '\' '\\' '\$(touch P)' "\\'" '\"' '${HOME}' '$HOME' '$((1+1))' '${x:=$(touch P)}' '$1' '$$' '!!' '!touch'
    '{}' 'x{}y' '{.}' '{/}' '{//}' '{/.}' '{1}' '{2}' '{#}' '{%}' '{n}' '{}$(touch P){}' '{a,b}' '{1..3}'
    '-rf' '-' '--' '-n' '-e' '--help' '-c' '-o none'
    '' ' ' '  a  b ' $'\t' $'\n' $'a\nb' $'\n\n' $'a\r\n' '*' '?' '[a-z]*' '~' '~root' '/etc/*' '.' '..'
    ':::' 'true' 'if' '%s' '%n' '%d%d%d' '\0' '\n' $'\e[31m' $'\x7f' 'é' '😀' '{"a":"$(touch P)"}' '<(touch P)' '$(<P)'
)

make_show() {
    # Prints each of its arguments in brackets, with a NUL behind.
    printf '%s\n' '#!/bin/sh' 'for word; do printf "<%s>\0" "$word"; done' > show
    chmod +x show
}

# The same as a function of a script.
SHOW_FUNCTION=$'show() { for word in "$@"; do printf "<%s>\\0" "$word"; done; }\n'

# What `show` is to print for all values: each WORD, in which @ stands for the value and # for its number.
expect_words() { # WORD…
    local value word number=0
    for value in "${VALUES[@]}"; do
        number=$((number + 1))
        for word; do
            word=${word//'#'/$number}
            printf '<%s>\0' "${word//@/"$value"}"
        done
    done > expected
}

nothing_was_run() {
    [ ! -e P ] || { echo 'a value was run'; return 1; }
}

same() { # WHAT
    cmp got expected || { echo "$1"; tr '\0' '\n' < got | diff -a - <(tr '\0' '\n' < expected) | head; return 1; }
    nothing_was_run || { echo "$1"; return 1; }
}

# Runs a template on all values in every way there is. WORDS are what comes out, as expect_words takes them.
check() { # WORDS… -- COMMAND…
    local words=() object
    while [ "$1" != -- ]; do
        words+=("$1")
        shift
    done
    shift
    expect_words "${words[@]}"
    printf '%s\0' "${VALUES[@]}" > items

    jobpool map -j4 -k -o text -0 -a items "${SHELL_OPTION[@]}" "$@" > got
    same "map -0: $*"
    [ -z "${ONE_WAY:-}" ] || return 0
    # As arguments, but for those that separate them.
    jobpool map -j4 -k -o text -0 "${SHELL_OPTION[@]}" "$@" < items > got
    same "map < items: $*"
    # What --dry-run prints is for a shell, and with -o jsonl for run.
    jobpool map --dry-run -0 -a items "${SHELL_OPTION[@]}" "$@" > pasted
    sh ./pasted > got
    same "map --dry-run: $*"
    jobpool map --dry-run -o jsonl -0 -a items "${SHELL_OPTION[@]}" "$@" > specs
    jobpool run -k -o text "${SHELL_OPTION[@]}" specs > got
    same "map --dry-run -o jsonl: $*"
    # The spec of a task, and the op map.
    if [ $# -gt 1 ] || [ "$1" = ./show ]; then
        object=$(jq -nc '{command: $ARGS.positional}' --args -- "$@")
    else
        object=$(jq -nc '{shell: $ARGS.positional[0]}' --args -- "$@")
    fi
    jq -nc --argjson o "$object" '$ARGS.positional[] | $o + {args: [.]}' --args -- "${VALUES[@]}" > specs
    jobpool run -k -o text "${SHELL_OPTION[@]}" specs > got
    same "run, args: $*"
    jq -nc --argjson o "$object" '$o + {op: "map", over: $ARGS.positional}' --args -- "${VALUES[@]}" > specs
    jobpool run "${SHELL_OPTION[@]}" specs > results
    jq -sj 'map(select(.type == "result")) | sort_by(.seq)[].stdout' results > got
    same "run, over: $*"
}

@test "fault 62: values as arguments" {
    make_show
    SHELL_OPTION=()
    check @ -- ./show
    check @ -- ./show {}
    check @@ 'a@b' '-@' '--x=@' @ -- ./show '{}{}' 'a{}b' '-{}' '--x={}' '{1}'
    check '@' '#' 'x#y' -- ./show {} '{#}' 'x{#}y'
    check '$(touch P)' '@' '`touch P`' ';' '"@"' "'@'" -- ./show '$(touch P)' {} '`touch P`' ';' '"{}"' "'{}'"
}

@test "fault 62: values in scripts" {
    make_show
    SHELL_OPTION=()
    check_scripts
    # One that is plain enough to be executed without a shell, and with one all the same.
    check @ 'a@b' '@,@' -- './show {} a{}b {},{}'
    SHELL_OPTION=(--shell-path /bin/sh)
    check @ 'a@b' '@,@' -- './show {} a{}b {},{}'
}

# Every place in a script where a value may stand: all of them are the lines of one script.
check_scripts() {
    local line words=() more script=$SHOW_FUNCTION
    while IFS= read -r line; do
        read -ra more <<< "${line##* => }"
        words+=("${more[@]}")
        script+=${line% => *}$'\n'
    done << 'TEMPLATES'
show {}; : => @
show "{}" => @
show '{}' => @
show a{}b 'a{}b' "a{}b" "a"{}'b' => a@b a@b a@b a@b
show {}{} "{}{}" -{} --x={} => @@ @@ -@ --x=@
v={}; show "$v" "$v{}" => @ @@
v="x{}" w='{}'; show "$v" "$w" => x@ @
x=$(show {}. | tr '\0' .); show "$x" => <@.>.
x="$(show "{}." | tr '\0' .)"; show "$x" => <@.>.
show "$(printf %s. "{}" '{}' {})" => @.@.@.
(show {}); { show "{}"; } => @ @
if [ x{} = x"{}" ]; then show {}; fi => @
case {} in '{}') show {};; *) show no;; esac => @
for i in {} "{}" '{}'; do show "$i"; done => @ @ @
f() { show "$1" {}; }; f {} => @ @
set -- {} "{}"; show "$@" => @ @
show {} | cat => @
show {} > file.{#}; cat file.{#}; : {} => @
while :; do show {}; break; done => @
show {} # it's {#} => @
TEMPLATES
    check "${words[@]}" -- "$script"
}

@test "fault 62: values in scripts of other shells" {
    make_show
    local shell script='./show {} "{}" '"'{}'"' a{}b; v={}; ./show "$v" "$(printf %s. "{}" {})"'
    ONE_WAY=yes
    for shell in bash dash zsh ksh mksh yash busybox; do
        shell=$(command -v "$shell") || continue
        [ "${shell##*/}" != busybox ] || continue
        echo "# $shell" >&3
        SHELL_OPTION=(--shell-path "$shell")
        check @ @ @ 'a@b' @ '@.@.' -- "$script"
    done
}

@test "fault 62: parts of values" {
    make_show
    # The value, {.}, {/}, {//}, {/.}
    while IFS='|' read -r -d ';' value words; do
        value=${value#$'\n'}
        [ -n "$value" ] || continue
        IFS=' ' read -ra words <<< "$words"
        printf '<%s>\0' "$value" "${words[@]}" > expected
        jobpool map -o text -0 ./show '{}' '{.}' '{/}' '{//}' '{/.}' < <(printf '%s\0' "$value") > got
        same "$value"
        jobpool map -o text -0 './show {} {.} "{/}" '"'{//}'"' {/.}; :' < <(printf '%s\0' "$value") > got
        same "$value, in a script"
    done << 'PARTS'
a$(touch${IFS}P)/b`touch${IFS}P`.c|a$(touch${IFS}P)/b`touch${IFS}P` b`touch${IFS}P`.c a$(touch${IFS}P) b`touch${IFS}P`;
-rf/-n.-e|-rf/-n -n.-e -rf -n;
a'b/c"d.e'f|a'b/c"d c"d.e'f a'b c"d;
{.}/{n}.{#}|{.}/{n} {n}.{#} {.} {n};
PARTS
}

@test "fault 62: where no quoting would help, nothing is run" {
    local template
    for template in 'cat <<E'$'\n''{}'$'\n''E' 'echo `echo {}`' 'echo $((1+{}))' 'echo ${x:-{}}' 'echo a # {}' 'echo \{}' 'echo ${}' \
        "echo \$'{}'"; do
        status=0
        jobpool map "touch ran; $template" ::: "${VALUES[@]}" > out 2> complaints || status=$?
        assert_status 2
        assert_equal "$(wc -l < complaints)" 1
        [ ! -s out ]
        [ ! -e ran ]
        status=0
        jq -nc --arg s "touch ran; $template" '{op: "map", shell: $s, over: ["$(touch P)"]}' | jobpool run > out || status=$?
        assert_status 123
        assert_equal "$(jq -r .type out)" reply
        [ ! -e ran ]
    done
    nothing_was_run
}

@test "fault 62: values beside the command" {
    # Tags, callbacks, progress, messages: what shows a value, or gives it to somebody.
    printf '%s\0' "${VALUES[@]}" > items
    status=0
    jobpool map -j4 -0 -a items -v --progress --tag --report report --callback 'cat >> called; : "$JOBPOOL_ID"' \
        --error-callback 'cat >> called' 'exit $(({#} % 2)); : {}' > out 2> complaints || status=$?
    assert_status 123
    nothing_was_run
    assert_equal "$(jq -s length called)" "${#VALUES[@]}"
    # In results the values are what they were.
    jq -nc '$ARGS.positional' --args -- "${VALUES[@]}" > wanted
    jq -sc 'sort_by(.seq) | map(.args[0])' report | cmp - wanted
    jq -sc 'sort_by(.seq) | map(.args[0])' called | cmp - wanted
    # Ids and names too.
    for value in "${VALUES[@]}"; do
        [ -z "$value" ] || jq -nc --arg v "$value" '{id: "x\($v)", name: $v, command: ["sh", "-c", "test \"$JOBPOOL_ID\" = \"x$0\"", $v]}'
    done > specs
    jobpool run -v --callback 'test "$JOBPOOL_ID" = "x$JOBPOOL_NAME"' specs > out 2> complaints
    nothing_was_run
}

@test "fault 64: traps in the temporary directory" {
    local name
    chmod 1777 "$TMPDIR"
    echo precious > victim
    for name in jobpool jobpool.0 jobpool-0 jobpool-root "jobpool-$UID" jobpool.lock jobpool.sock jobpool.XXXXXX; do
        ln -sf "$PWD/victim" "$TMPDIR/$name"
    done
    mkdir "$TMPDIR/jobpool.d"
    ln -s "$PWD" "$TMPDIR/jobpool.d/work"
    # State and run-time directories are symlinks to the victim's.
    mkdir victims
    ln -s "$PWD/victims" state
    ln -s "$PWD/victims" run
    export XDG_STATE_HOME=$PWD/state XDG_RUNTIME_DIR=$PWD/run XDG_CACHE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/run
    stat -c '%n %F %Y %N' "$TMPDIR"/* > before

    seq 8 | jobpool map -j4 --summary --callback 'cat > /dev/null' 'head -c 300000 /dev/zero; : {}' > out
    seq 8 | jobpool map -j4 -k -o text 'head -c 300000 /dev/zero; : {}' > out
    jobpool run --stdin /dev/null <<< '{"shell":"cat","stdin":"x"}' > out

    stat -c '%n %F %Y %N' "$TMPDIR"/* | cmp - before
    assert_equal "$(cat victim)$(ls -A victims)" precious
    rm -r "${TMPDIR:?}"/*
}

@test "fault 64: a file system without unnamed files" {
    need strace
    local trace first place
    chmod 1777 "$TMPDIR"
    # strace and the leak checker cannot both be there.
    export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
    trace=(strace -f -qq -o calls -e signal=none -e 'trace=openat,unlink')
    # O_TMPFILE is refused wherever the directory is named.
    "${trace[@]}" -P "$TMPDIR" -e inject=openat:error=EOPNOTSUPP "$JOBPOOL" map 'head -c {} /dev/zero' ::: 300000 > out
    assert_equal "$(jq .stdout_bytes out)" 300000
    assert_equal "$(grep -c 'O_TMPFILE.*EOPNOTSUPP' calls)" 2
    assert_equal "$(ls -A "$TMPDIR")" ''
    # And once with all that follows: the file has a name for a moment, but it is new, and nobody else's.
    "${trace[@]}" "$JOBPOOL" map echo ::: a > out
    read -r first _ < calls
    place=$(grep "^$first  *openat" calls | grep -n O_TMPFILE | head -1 | cut -d : -f 1)
    "${trace[@]}" -e "inject=openat:error=EOPNOTSUPP:when=$place" "$JOBPOOL" map echo ::: a > out
    grep -q 'O_TMPFILE.*EOPNOTSUPP' calls
    grep "openat.*\"$TMPDIR/jobpool\.[A-Za-z0-9]*\", O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC, 0600) = [0-9]" calls > made
    assert_equal "$(wc -l < made)" 1
    grep -q "unlink(\"$(grep -o "$TMPDIR/jobpool[^\"]*" made)\") *= 0" calls
    assert_equal "$(ls -A "$TMPDIR")" ''
}

@test "fault 65: secrets stay where they are" {
    local secret=s3cr3t-$BATS_TEST_NUMBER-$RANDOM$RANDOM own=0wn-$RANDOM$RANDOM form how line
    export SECRET=$secret
    ulimit -c 0
    # Tasks that use it, crash with it, are killed with it, and cannot be started.
    jq -nc --arg own "$own" '{env: {OWN: $own}} + ({id: "uses", shell: "test -n \"$SECRET$OWN\""},
        {id: "crashes", shell: "kill -SEGV $$"}, {id: "aborts", shell: "kill -ABRT $$", retries: 1},
        {id: "nowhere", command: ["nosuch"]}, {id: "late", command: ["sleep", "1065.1"], timeout: 0.1},
        {id: "told", shell: "exit 1", error_callback: "cat > /dev/null; exit 3"})' > specs
    for form in jsonl json text; do
        status=0
        jobpool run -j4 --env SECRET -v --progress --summary --report "report.$form" -o $form specs > "out.$form" 2> "err.$form" \
            || status=$?
        assert_status 125 # by the callback
    done
    jobpool run --env SECRET --events --summary specs > out.events 2> err.events || true
    jobpool map --env SECRET --dry-run -o jsonl 'echo {}' ::: a > out.dry 2> err.dry
    # Bad lines and bad options say what is wrong, not what is in the environment.
    jobpool run --env SECRET <<< '{"shell":"x","env":{"A=B":"c"}}' > out.bad 2> err.bad || true
    jobpool map --env SECRET --env NOSUCH --timeout x true ::: a > out.usage 2> err.usage || true
    rm specs

    # No process shows it while it runs, not even jobpool's own; and none leaves it behind when jobpool crashes.
    jq -nc --arg own "$own" '{shell: "echo > running; exec sleep 1065.2", env: {OWN: $own}}' > to_it
    for how in USR1 ABRT KILL; do
        rm -f running
        mkfifo to
        "$JOBPOOL" run --env SECRET -v --report "report.$how" --events < to > "out.$how" 2> "err.$how" 3>&- &
        PID=$!
        exec 8> to
        cat to_it >&8
        wait_file running
        for line in $(marked); do
            tr '\0' ' ' < "/proc/$line/cmdline" >> shown || true
            cat "/proc/$line/comm" >> shown || true
        done
        kill -s "$how" "$PID"
        if [ "$how" = USR1 ]; then
            wait_file "err.$how"
            kill -TERM "$PID"
        fi
        wait "$PID" || true
        exec 8>&-
        assert_gone 'sleep 1065.2'
        wait_until none_marked # the guardian goes last
        rm to
    done
    rm to_it
    grep -q 'sleep 1065.2' shown
    grep -q 'jobpool run --env SECRET' shown
    ! grep -raFe "$secret" -e "$own" . "$TMPDIR" || return 1
}
