# shellcheck shell=bash
# Completion of jobpool's command line in bash. Made by: jobpool help --completion bash

# The options of a command, each as OPTION or OPTION=KIND, where KIND says what its value is.
_jobpool_options()
{
    case $1 in
    apply) echo ' -j=text --jobs=text --queue=fifo|lifo|priority --max-queue=text --total-jobs=text --timeout=text --kill-after=text --term-seq=text --termseq=text --deadline=text --halt=text --nice=text --max-output=text --callback=command --error-callback=command --callback-timeout=text --env=variable --cwd=dir --wd=dir --stdin=file --load=text --memfree=text --memsuspend=text --noswap --pressure=text --limit=command --delay=text --rate=text --retries=text --retry-delay=text --in=text --at=text --every=text --times=text --until=text --timezone=text --shell --no-shell --shell-path=file -o=jsonl|json|text|none --output=jsonl|json|text|none -k --keep-order --tag --tagstring=text --color --color-failed --line-buffer -u --ungroup --report=file --append --summary --events --progress --bar --eta -v --verbose --dry-run --exit=count --results=dir --files -h --help' ;;
    map) echo ' -j=text --jobs=text --queue=fifo|lifo|priority --max-queue=text --total-jobs=text --timeout=text --kill-after=text --term-seq=text --termseq=text --deadline=text --halt=text --nice=text --max-output=text --callback=command --error-callback=command --callback-timeout=text --env=variable --cwd=dir --wd=dir --stdin=file --load=text --memfree=text --memsuspend=text --noswap --pressure=text --limit=command --delay=text --rate=text -a=file --arg-file=file --range=text --link --xapply -0 --null -d=text --delimiter=text -n=text --max-args=text -N=text --max-replace-args=text -L=text --max-lines=text --shuf --chunksize=text -m --spread -X --context-replace --xargs -s=text --max-chars=text -C=text --colsep=text --csv --header=text --json -E=text --eof=text --trim=n|l|r|lr|rl -r --no-run-if-empty --pipe --pipepart --pipe-part --block=text --block-size=text --recend=text --recstart=text --regexp --rrs --remove-rec-sep --cat --fifo --round-robin --round --tee -I=text --replace=text --extensionreplace=text --er=text --basenamereplace=text --bnr=text --dirnamereplace=text --dnr=text --basenameextensionreplace=text --bner=text --seqreplace=text --slotreplace=text --plus --no-plus --shell --no-shell --shell-path=file --retries=text --retry-delay=text --journal=file --joblog=file --resume --resume-failed --retry-failed --in=text --at=text --every=text --times=text --until=text --timezone=text -o=jsonl|json|text|none --output=jsonl|json|text|none -k --keep-order --tag --tagstring=text --color --color-failed --line-buffer -u --ungroup --report=file --append --summary --events --progress --bar --eta -v --verbose --dry-run --exit=count --results=dir --files -h --help' ;;
    run) echo ' -j=text --jobs=text --queue=fifo|lifo|priority --max-queue=text --total-jobs=text --timeout=text --kill-after=text --term-seq=text --termseq=text --deadline=text --halt=text --nice=text --max-output=text --callback=command --error-callback=command --callback-timeout=text --env=variable --cwd=dir --wd=dir --stdin=file --load=text --memfree=text --memsuspend=text --noswap --pressure=text --limit=command --delay=text --rate=text --retries=text --retry-delay=text --shell-path=file -o=jsonl|json|text|none --output=jsonl|json|text|none -k --keep-order --tag --tagstring=text --color --color-failed --line-buffer -u --ungroup --report=file --append --summary --events --progress --bar --eta -v --verbose --dry-run --exit=count --results=dir --files -h --help' ;;
    parallel) echo ' -q --quote -v --print-commands --no-keep-order --process-slot-var=text --shell-quote -J=text --profile=text --plain --citation --semaphore --semaphore-name=text --semaphore-timeout=text --fg --bg --wait -j=text --jobs=text --queue=fifo|lifo|priority --max-queue=text --total-jobs=text --timeout=text --kill-after=text --term-seq=text --termseq=text --deadline=text --halt=text --nice=text --max-output=text --callback=command --error-callback=command --callback-timeout=text --env=variable --cwd=dir --wd=dir --stdin=file --load=text --memfree=text --memsuspend=text --noswap --pressure=text --limit=command --delay=text --rate=text -a=file --arg-file=file --range=text --link --xapply -0 --null -d=text --delimiter=text -n=text --max-args=text -N=text --max-replace-args=text -L=text --max-lines=text --shuf --chunksize=text -m --spread -X --context-replace --xargs -s=text --max-chars=text -C=text --colsep=text --csv --header=text --json -E=text --eof=text --trim=n|l|r|lr|rl -r --no-run-if-empty --pipe --pipepart --pipe-part --block=text --block-size=text --recend=text --recstart=text --regexp --rrs --remove-rec-sep --cat --fifo --round-robin --round --tee -I=text --replace=text --extensionreplace=text --er=text --basenamereplace=text --bnr=text --dirnamereplace=text --dnr=text --basenameextensionreplace=text --bner=text --seqreplace=text --slotreplace=text --plus --no-plus --shell --no-shell --shell-path=file --retries=text --retry-delay=text --journal=file --joblog=file --resume --resume-failed --retry-failed --in=text --at=text --every=text --times=text --until=text --timezone=text -o=jsonl|json|text|none --output=jsonl|json|text|none -k --keep-order --tag --tagstring=text --color --color-failed --line-buffer -u --ungroup --report=file --append --summary --events --progress --bar --eta -v --verbose --dry-run --exit=count --results=dir --files -V --version --min-version=text --number-of-cpus --number-of-cores --number-of-sockets --number-of-threads --max-line-length-allowed --show-limits -h --help' ;;
    sem) echo ' -q --quote -v --print-commands --no-keep-order --process-slot-var=text --shell-quote -J=text --profile=text --plain --citation --semaphore --semaphore-name=text --semaphore-timeout=text --fg --bg --wait -j=text --jobs=text --queue=fifo|lifo|priority --max-queue=text --total-jobs=text --timeout=text --kill-after=text --term-seq=text --termseq=text --deadline=text --halt=text --nice=text --max-output=text --callback=command --error-callback=command --callback-timeout=text --env=variable --cwd=dir --wd=dir --stdin=file --load=text --memfree=text --memsuspend=text --noswap --pressure=text --limit=command --delay=text --rate=text -a=file --arg-file=file --range=text --link --xapply -0 --null -d=text --delimiter=text -n=text --max-args=text -N=text --max-replace-args=text -L=text --max-lines=text --shuf --chunksize=text -m --spread -X --context-replace --xargs -s=text --max-chars=text -C=text --colsep=text --csv --header=text --json -E=text --eof=text --trim=n|l|r|lr|rl -r --no-run-if-empty --pipe --pipepart --pipe-part --block=text --block-size=text --recend=text --recstart=text --regexp --rrs --remove-rec-sep --cat --fifo --round-robin --round --tee -I=text --replace=text --extensionreplace=text --er=text --basenamereplace=text --bnr=text --dirnamereplace=text --dnr=text --basenameextensionreplace=text --bner=text --seqreplace=text --slotreplace=text --plus --no-plus --shell --no-shell --shell-path=file --retries=text --retry-delay=text --journal=file --joblog=file --resume --resume-failed --retry-failed --in=text --at=text --every=text --times=text --until=text --timezone=text -o=jsonl|json|text|none --output=jsonl|json|text|none -k --keep-order --tag --tagstring=text --color --color-failed --line-buffer -u --ungroup --report=file --append --summary --events --progress --bar --eta -v --verbose --dry-run --exit=count --results=dir --files -V --version --min-version=text --number-of-cpus --number-of-cores --number-of-sockets --number-of-threads --max-line-length-allowed --show-limits -h --help' ;;
    help) echo ' --completion=bash|zsh|fish -h --help' ;;
    version) echo ' -h --help' ;;
    esac
}

# What the words of a command are.
_jobpool_takes()
{
    case $1 in
    apply) echo command ;;
    map) echo command ;;
    run) echo file ;;
    parallel) echo command ;;
    sem) echo command ;;
    help) echo own ;;
    version) echo none ;;
    esac
}

# Joins again what bash has cut at = and : into words; starts[N] is the place of words[N] in COMP_WORDS.
_jobpool_words()
{
    local line=$COMP_LINE rest word before='' i
    words=() starts=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        rest=${line#"${line%%[![:space:]]*}"}
        if [[ i -gt 0 && $rest == "$line" && ($word == [=:]* || $before == *[=:]) ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
            starts+=("$i")
        fi
        line=${rest#"$word"}
        before=$word
    done
}

# Prints the kind of value of option $2 of command $1; nothing if it has none.
_jobpool_kind()
{
    local option
    for option in $(_jobpool_options "$1"); do
        if [[ $option == "$2="* ]]; then
            echo "${option#*=}"
            return
        fi
    done
}

# Completes $2, a value of kind $1; $3 is what stands before it in the same word.
_jobpool_value()
{
    local arguments=()
    case $1 in
    file) return ;;
    dir) compopt -o dirnames 2>/dev/null ;;
    command) arguments=(-c) ;;
    variable) arguments=(-e) ;;
    text | none) ;;
    *) arguments=(-W "${1//|/ }") ;;
    esac
    compopt +o default +o bashdefault 2>/dev/null
    ((${#arguments[@]})) && mapfile -t COMPREPLY < <(compgen "${arguments[@]}" -P "$3" -- "$2")
}

# Completes the user's command, which begins at word $1.
_jobpool_user_command()
{
    if declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "${starts[$1]}"
    elif declare -F _command_offset >/dev/null; then
        _command_offset "${starts[$1]}"
    elif (($1 == ${#words[@]} - 1)); then
        mapfile -t COMPREPLY < <(compgen -c -- "${words[$1]}")
    fi
}

# Completes word number $3 of command $1, whose own words are of kind $2.
_jobpool_command()
{
    local command=$1 takes=$2 last=$3 current=${words[$3]} i kind plain='' at=0 value=''
    for ((i = 2; i < last; i++)); do
        kind=
        if [[ $plain || ${words[i]} != -?* ]]; then
            at=${at/#0/$i}
            [[ $takes == command ]] && break
        elif [[ ${words[i]} == -- ]]; then
            plain=yes
        elif [[ ${words[i]} == --* ]]; then
            kind=$(_jobpool_kind "$command" "${words[i]}")
        else
            # In a cluster of letters only the last one can have its value in the next word.
            kind=$(_jobpool_kind "$command" "-${words[i]: -1}")
            [[ $(_jobpool_kind "$command" "${words[i]:0:2}") && ${#words[i]} -gt 2 ]] && kind=
        fi
        [[ $kind ]] && ((++i == last)) && value=$kind
    done
    if ((at > 0)) && [[ $takes == command ]]; then
        _jobpool_user_command "$at"
    elif [[ $value ]]; then
        _jobpool_value "$value" "$current" ''
    elif [[ ! $plain && $current == --*=* ]]; then
        kind=$(_jobpool_kind "$command" "${current%%=*}")
        _jobpool_value "${kind:-none}" "${current#*=}" "${current%%=*}="
    elif [[ ! $plain && $current == -* ]]; then
        compopt +o default +o bashdefault 2>/dev/null
        local options
        options=$(_jobpool_options "$command")
        # shellcheck disable=SC2086
        mapfile -t COMPREPLY < <(compgen -W "$(printf '%s ' $options | sed 's/=[^ ]*//g')" -- "$current")
    elif [[ $takes == command ]]; then
        _jobpool_user_command "$last"
    elif [[ $takes == own ]]; then
        _jobpool_value "$_jobpool_commands" "$current" ''
    else
        _jobpool_value "$takes" "$current" ''
    fi
}

_jobpool()
{
    local words starts last cut candidate i takes
    COMPREPLY=()
    _jobpool_words
    last=$((${#words[@]} - 1))
    if ((last == 1)); then
        _jobpool_value "$_jobpool_commands|--help|--version" "${words[1]}" ''
        return
    fi
    takes=$(_jobpool_takes "${words[1]}")
    [[ $takes ]] || return
    _jobpool_command "${words[1]}" "$takes" "$last"
    # readline replaces only what follows the last = or : of the word.
    cut=${COMP_WORDS[COMP_CWORD]}
    [[ $cut == [=:] ]] && cut=
    cut=${words[last]%"$cut"}
    for i in "${!COMPREPLY[@]}"; do
        candidate=${COMPREPLY[i]}
        COMPREPLY[i]=${candidate#"$cut"}
    done
}

complete -o bashdefault -o default -F _jobpool jobpool
_jobpool_commands='apply|map|run|parallel|sem|help|version'
