#!/usr/bin/env bats
# The completions in completions/ are those that the program prints, and work in interactive shells.
load common

root=$BATS_TEST_DIRNAME/../..

setup() {
    begin_test "$BATS_TEST_TMPDIR"
    mkdir folder
    touch file 'fi le'
}

# What SHELL offers at the end of LINE; descriptions (fish) are cut off.
offered() { # SHELL LINE
    local -A scripts=([bash]=jobpool.bash [zsh]=_jobpool [fish]=jobpool.fish)
    need "$1"
    python3 "$root/tests/lib/complete.py" "$1" "$root/completions/${scripts[$1]}" "$2" >answer
    cut -f1 answer
}

# All shells offer each of the words at the end of LINE, and not the words behind NOT.
offers() { # LINE WORD… [NOT WORD…]
    local line=$1 wanted=yes word
    shift
    offered "$shell" "$line" >found
    for word; do
        if [[ $word == NOT ]]; then
            wanted=no
        elif [[ $wanted == yes ]]; then
            grep -qxF -- "$word" found || { echo "$shell: '$line' does not offer '$word':"; cat found; return 1; }
        elif grep -qxF -- "$word" found; then
            echo "$shell: '$line' offers '$word':"
            cat found
            return 1
        fi
    done
}

@test "bash: the script is up to date" {
    diff "$root/completions/jobpool.bash" <("$JOBPOOL" help --completion bash)
}

@test "zsh: the script is up to date" {
    diff "$root/completions/_jobpool" <("$JOBPOOL" help --completion zsh)
}

@test "fish: the script is up to date" {
    diff "$root/completions/jobpool.fish" <("$JOBPOOL" help --completion fish)
}

commands() {
    offers 'jobpool ' apply map run help version
    offers 'jobpool m' map NOT apply
    offers 'jobpool --ver' --version NOT --help
    offers 'jobpool help a' apply NOT run
}

options() {
    offers 'jobpool map --ma' --max-args --max-output --max-queue NOT --queue
    offers 'jobpool apply --tim' --timeout --times --timezone
    offers 'jobpool apply --nul' NOT --null
    offers 'jobpool run --jobs 3 --rep' --report
    offers 'jobpool run file --summ' --summary
    offers 'jobpool map --at 12:30 --eve' --every --events
    offers 'jobpool map -kj 4 --que' --queue
    offers 'jobpool map --hel' --help
}

values() {
    offers 'jobpool map --queue ' fifo lifo priority
    offers 'jobpool map -j4 -o t' text NOT json
    offers 'jobpool help --completion ' bash zsh fish
    export PROBE_VARIABLE=1
    offers 'jobpool map --env PROBE_VAR' PROBE_VARIABLE
    offers 'jobpool map --jobs ' NOT file
}

files() {
    offers 'jobpool map -a fi' file
    offers 'jobpool run fi' file
    offers 'jobpool run -- fi' file
    offers 'jobpool map --report f' file
    offers 'jobpool map -j2 gzip ::: fi' file
}

user_command() {
    offers 'jobpool map gzi' gzip NOT --queue
    offers 'jobpool map -j 4 -k -- gzi' gzip
    offers 'jobpool apply --callback gzi' gzip
    offers 'jobpool map gzip --que' NOT --queue
}

@test "bash: commands" { shell=bash; commands; }
@test "bash: options" { shell=bash; options; }
@test "bash: values" { shell=bash; values; }
@test "bash: files" { shell=bash; files; offers 'jobpool map --cwd f' folder NOT file; }
@test "bash: the user's command" { shell=bash; user_command; }

@test "bash: a value in the same word as its option" {
    shell=bash
    offers 'jobpool map --queue=' --queue=fifo lifo priority
    offers 'jobpool map --queue=l' --queue=lifo
    offers 'jobpool map --at=12:30 --eve' --every --events
    offers 'jobpool run --report=fi' '--report=fi le' file
}

@test "zsh: commands" { shell=zsh; commands; }
@test "zsh: options" { shell=zsh; options; }
@test "zsh: values" { shell=zsh; values; offers 'jobpool map --queue=l' lifo; }
@test "zsh: files" { shell=zsh; files; offers 'jobpool map --cwd f' folder NOT file; }
@test "zsh: the user's command" { shell=zsh; user_command; }

@test "fish: commands" { shell=fish; commands; }
@test "fish: options" { shell=fish; options; }
@test "fish: values" { shell=fish; values; offers 'jobpool map --queue=l' --queue=lifo; }
@test "fish: files" { shell=fish; files; offers 'jobpool map --cwd f' folder/ NOT file; }
@test "fish: the user's command" { shell=fish; user_command; }
