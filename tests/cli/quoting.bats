#!/usr/bin/env bats
# Values are never code: places where a shell reads a script in a way of its own.
# Scripts in single quotes are for another shell.
# shellcheck disable=SC2016
load common
bats_require_minimum_version 1.5.0

# Values that run something wherever quoting fails.
hostile=('$(: > pwned)' '`: > pwned`' ';: > pwned;' $'\n: > pwned\n' "';: > pwned;'" '";: > pwned;"' '"$(: > pwned)"'
    $'#\n: > pwned\n' $')\n: > pwned\n(')

# Each script is refused, or every value is harmless in it.
harmless() { # SHELL SCRIPT…
    local shell=$1 script
    need "$shell"
    for script in "${@:2}"; do
        timeout 20 "$JOBPOOL" map --shell-path "$shell" "$script" ::: "${hostile[@]}" > /dev/null 2>&1 || true
        [ ! -e pwned ] || { echo "in $shell a value is code: $script"; return 1; }
    done
}

@test "bash expands the word behind >& twice" {
    harmless bash 'echo >&{}' 'echo >& "{}"' 'echo >&x{}' 'echo 1>&{}' 'echo >&"$(echo {})"'
    run -2 jobpool map 'echo >&{}' ::: a
    [[ $output == *'use >FILE 2>&1 instead'* ]]
    run -0 jobpool map -o text 'echo {} 2>&1 >&2 2>&-' ::: a
}

@test "bash goes on behind a wrong NAME=(...)" {
    harmless bash 'a=(|) {}' 'a=(x > y) {}' 'a+=(x&) {}' 'a=(x(y)) {}' 'a=((1)) {}' 'x=$(a=(|{}))' $'function f a=(\nfor i in {}' \
        'a=( |&a ) {}' 'export a={a,b}$(a=( \" ${x}"'\''{}'\''{}'\''" "'\''a'\''$((1*(2))) " )) x'
    run -0 jobpool map --shell-path bash -o text 'a=({} "x{}"); echo "${a[@]}"' ::: v
    assert_equal "$output" 'v xv'
}

@test "a # in a pattern is no comment to mksh" {
    harmless mksh $'x+(y & : {}{} \'{}\' # it\'s\nexport a=x y\'{}\' # $(\necho \'{}\' "{}"`: #` "$x"a'
}
