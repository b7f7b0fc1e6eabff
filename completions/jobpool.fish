# Completion of jobpool's command line in fish. Made by: jobpool help --completion fish

set -g __jobpool_takes_command apply map parallel sem
set -g __jobpool_with_value -j --jobs --queue --max-queue --timeout --kill-after --deadline --halt --delay --nice --max-output --callback --error-callback --callback-timeout --env --cwd --wd --stdin --retries --retry-delay --in --at --every --times --until --timezone --shell-path -o --output --report --exit -j --jobs --queue --max-queue --timeout --kill-after --deadline --halt --delay --nice --max-output --callback --error-callback --callback-timeout --env --cwd --wd --stdin -a --arg-file -d --delimiter -n --max-args -N --max-replace-args --chunksize --block --block-size --recend --recstart --shell-path --retries --retry-delay --in --at --every --times --until --timezone -o --output --report --exit -j --jobs --queue --max-queue --timeout --kill-after --deadline --halt --delay --nice --max-output --callback --error-callback --callback-timeout --env --cwd --wd --stdin --retries --retry-delay --shell-path -o --output --report --exit --process-slot-var -J --profile --semaphore-name --semaphore-timeout -j --jobs --queue --max-queue --timeout --kill-after --deadline --halt --delay --nice --max-output --callback --error-callback --callback-timeout --env --cwd --wd --stdin -a --arg-file -d --delimiter -n --max-args -N --max-replace-args --chunksize --block --block-size --recend --recstart --shell-path --retries --retry-delay --in --at --every --times --until --timezone -o --output --report --exit --min-version --process-slot-var -J --profile --semaphore-name --semaphore-timeout -j --jobs --queue --max-queue --timeout --kill-after --deadline --halt --delay --nice --max-output --callback --error-callback --callback-timeout --env --cwd --wd --stdin -a --arg-file -d --delimiter -n --max-args -N --max-replace-args --chunksize --block --block-size --recend --recstart --shell-path --retries --retry-delay --in --at --every --times --until --timezone -o --output --report --exit --min-version --completion

# Where the current word stands: "command", "option NAME" (an option or the first word of command NAME), or
# "words NAME N" (after the first word, which is token N).
function __jobpool_place
    set -l tokens (commandline -opc)
    set -l name $tokens[2]
    if not set -q tokens[2]
        echo command
        return
    end
    set -l i 3
    while test $i -le (count $tokens)
        set -l token $tokens[$i]
        if test "$token" = --
            set i (math $i + 1)
            if test $i -le (count $tokens); or contains -- $name $__jobpool_takes_command
                echo words $name $i
                return
            end
            break
        else if not string match -q -- '-?*' "$token"
            echo words $name $i
            return
        else if string match -q -- '--*' "$token"
            contains -- "$token" $__jobpool_with_value; and set i (math $i + 1)
        else
            # In a cluster of letters the first one with a value takes the rest, or the next word.
            set -l letters (string split '' -- (string sub -s 2 -- "$token"))
            for j in (seq (count $letters))
                if contains -- -$letters[$j] $__jobpool_with_value
                    test $j -eq (count $letters); and set i (math $i + 1)
                    break
                end
            end
        end
        set i (math $i + 1)
    end
    echo option $name
end

# Is the current word an option of one of these commands? Options of a command with words of its own may follow them.
function __jobpool_option
    set -l place (string split ' ' (__jobpool_place))
    contains -- "$place[2]" $argv; or return 1
    test "$place[1]" = option; and return 0
    not contains -- "$place[2]" $__jobpool_takes_command
end

# Does the current word belong to the command of the user?
function __jobpool_user_command
    set -l place (string split ' ' (__jobpool_place))
    contains -- "$place[2]" $__jobpool_takes_command
end

function __jobpool_complete_user_command
    set -l place (string split ' ' (__jobpool_place))
    set -l tokens (commandline -opc)
    set -l words
    if test "$place[1]" = words; and test $place[3] -le (count $tokens)
        set words (string escape -- $tokens[$place[3]..-1])
    end
    if set -q words[1]; or not string match -q -- '-*' (commandline -ct)
        set -l line (string join ' ' -- $words (commandline -ct))
        complete -C "$line"
    end
end

complete -c jobpool -f
complete -c jobpool -n 'test (__jobpool_place) = command' -s h -l help -d 'show help'
complete -c jobpool -n 'test (__jobpool_place) = command' -s V -l version -d 'show the version'
complete -c jobpool -n __jobpool_user_command -a '(__jobpool_complete_user_command)'

complete -c jobpool -n 'test (__jobpool_place) = command' -a apply -d 'run one task, wait for it, and exit as it did'
complete -c jobpool -n '__jobpool_option apply' -s j -l jobs -x -d 'run N tasks at once'
complete -c jobpool -n '__jobpool_option apply' -l queue -x -a 'fifo lifo priority' -d 'order in which waiting tasks start'
complete -c jobpool -n '__jobpool_option apply' -l max-queue -x -d 'read no more input while N tasks wait'
complete -c jobpool -n '__jobpool_option apply' -l timeout -x -d 'end a task that runs for longer'
complete -c jobpool -n '__jobpool_option apply' -l kill-after -x -d 'send KILL to what has not ended so long after TERM'
complete -c jobpool -n '__jobpool_option apply' -l deadline -x -d 'end everything after this time'
complete -c jobpool -n '__jobpool_option apply' -l halt -x -d 'stop early, such as soon,fail=1'
complete -c jobpool -n '__jobpool_option apply' -l delay -x -d 'let at least this time pass between two starts'
complete -c jobpool -n '__jobpool_option apply' -l nice -x -d 'add N, from -20 to 19, to the niceness of tasks'
complete -c jobpool -n '__jobpool_option apply' -l max-output -x -d 'how much of each output stream a result holds'
complete -c jobpool -n '__jobpool_option apply' -l callback -x -a '(__fish_complete_command)' -d 'run this shell script for each task that succeeded'
complete -c jobpool -n '__jobpool_option apply' -l error-callback -x -a '(__fish_complete_command)' -d 'the same for each task that did not succeed'
complete -c jobpool -n '__jobpool_option apply' -l callback-timeout -x -d 'end a callback that runs for longer'
complete -c jobpool -n '__jobpool_option apply' -l env -x -a '(set -x --names)' -d 'set a variable for the tasks, or pass on jobpool'\''s own'
complete -c jobpool -n '__jobpool_option apply' -l cwd -x -a '(__fish_complete_directories)' -d 'run tasks in this directory'
complete -c jobpool -n '__jobpool_option apply' -l wd -x -a '(__fish_complete_directories)' -d 'the same as --cwd'
complete -c jobpool -n '__jobpool_option apply' -l stdin -r -F -d 'what tasks read on stdin, - for jobpool'\''s own'
complete -c jobpool -n '__jobpool_option apply' -l retries -x -d 'try a task that failed up to N more times'
complete -c jobpool -n '__jobpool_option apply' -l retry-delay -x -d 'wait that long before each new attempt'
complete -c jobpool -n '__jobpool_option apply' -l in -x -d 'start after this time'
complete -c jobpool -n '__jobpool_option apply' -l at -x -d 'start at this time of the clock'
complete -c jobpool -n '__jobpool_option apply' -l every -x -d 'start again each time this much time has passed'
complete -c jobpool -n '__jobpool_option apply' -l times -x -d 'let --every start N times'
complete -c jobpool -n '__jobpool_option apply' -l until -x -d 'let --every start nothing that is due after this time of the clock'
complete -c jobpool -n '__jobpool_option apply' -l timezone -x -d 'the zone of --at and --until, such as Europe/Berlin'
complete -c jobpool -n '__jobpool_option apply' -l shell -d 'the command is a shell script, its words joined by spaces'
complete -c jobpool -n '__jobpool_option apply' -l no-shell -d 'the command is no shell script, also if it is a single word'
complete -c jobpool -n '__jobpool_option apply' -l shell-path -r -F -d 'the shell to run it with'
complete -c jobpool -n '__jobpool_option apply' -s o -l output -x -a 'jsonl json text none' -d 'form of the output'
complete -c jobpool -n '__jobpool_option apply' -s k -l keep-order -d 'write results in the order of the input'
complete -c jobpool -n '__jobpool_option apply' -l tag -d 'begin each line with the task'\''s values and a tab'
complete -c jobpool -n '__jobpool_option apply' -l line-buffer -d 'write each line as soon as it is there, lines of several tasks mixed'
complete -c jobpool -n '__jobpool_option apply' -s u -l ungroup -d 'let tasks write to stdout and stderr themselves, parts of lines mixed'
complete -c jobpool -n '__jobpool_option apply' -l report -r -F -d 'write results as JSON Lines into FILE too'
complete -c jobpool -n '__jobpool_option apply' -l append -d 'append to the report, which several jobpools may share'
complete -c jobpool -n '__jobpool_option apply' -l summary -d 'write a summary at the end'
complete -c jobpool -n '__jobpool_option apply' -l events -d 'write each change of a task'\''s state as a JSON line'
complete -c jobpool -n '__jobpool_option apply' -l progress -d 'show on stderr how far it is'
complete -c jobpool -n '__jobpool_option apply' -s v -l verbose -d 'say on stderr what starts'
complete -c jobpool -n '__jobpool_option apply' -l dry-run -d 'print each command for a shell and run nothing'
complete -c jobpool -n '__jobpool_option apply' -l exit -x -a 'count' -d 'exit with the number of failed tasks, 101 for more than 100'
complete -c jobpool -n '__jobpool_option apply' -s h -l help -d 'show this help'

complete -c jobpool -n 'test (__jobpool_place) = command' -a map -d 'run one task per input item'
complete -c jobpool -n '__jobpool_option map' -s j -l jobs -x -d 'run N tasks at once'
complete -c jobpool -n '__jobpool_option map' -l queue -x -a 'fifo lifo priority' -d 'order in which waiting tasks start'
complete -c jobpool -n '__jobpool_option map' -l max-queue -x -d 'read no more input while N tasks wait'
complete -c jobpool -n '__jobpool_option map' -l timeout -x -d 'end a task that runs for longer'
complete -c jobpool -n '__jobpool_option map' -l kill-after -x -d 'send KILL to what has not ended so long after TERM'
complete -c jobpool -n '__jobpool_option map' -l deadline -x -d 'end everything after this time'
complete -c jobpool -n '__jobpool_option map' -l halt -x -d 'stop early, such as soon,fail=1'
complete -c jobpool -n '__jobpool_option map' -l delay -x -d 'let at least this time pass between two starts'
complete -c jobpool -n '__jobpool_option map' -l nice -x -d 'add N, from -20 to 19, to the niceness of tasks'
complete -c jobpool -n '__jobpool_option map' -l max-output -x -d 'how much of each output stream a result holds'
complete -c jobpool -n '__jobpool_option map' -l callback -x -a '(__fish_complete_command)' -d 'run this shell script for each task that succeeded'
complete -c jobpool -n '__jobpool_option map' -l error-callback -x -a '(__fish_complete_command)' -d 'the same for each task that did not succeed'
complete -c jobpool -n '__jobpool_option map' -l callback-timeout -x -d 'end a callback that runs for longer'
complete -c jobpool -n '__jobpool_option map' -l env -x -a '(set -x --names)' -d 'set a variable for the tasks, or pass on jobpool'\''s own'
complete -c jobpool -n '__jobpool_option map' -l cwd -x -a '(__fish_complete_directories)' -d 'run tasks in this directory'
complete -c jobpool -n '__jobpool_option map' -l wd -x -a '(__fish_complete_directories)' -d 'the same as --cwd'
complete -c jobpool -n '__jobpool_option map' -l stdin -r -F -d 'what tasks read on stdin, - for jobpool'\''s own'
complete -c jobpool -n '__jobpool_option map' -s a -l arg-file -r -F -d 'read items from FILE, - for standard input'
complete -c jobpool -n '__jobpool_option map' -s 0 -l null -d 'items end with a NUL byte, not with a newline'
complete -c jobpool -n '__jobpool_option map' -s d -l delimiter -x -d 'items end with this byte'
complete -c jobpool -n '__jobpool_option map' -s n -l max-args -x -d 'give N items to each task'
complete -c jobpool -n '__jobpool_option map' -s N -l max-replace-args -x -d 'the same as -n'
complete -c jobpool -n '__jobpool_option map' -l chunksize -x -d 'a slot takes N tasks at a time'
complete -c jobpool -n '__jobpool_option map' -l pipe -d 'cut standard input, or the file of -a, into blocks of whole records'
complete -c jobpool -n '__jobpool_option map' -l pipepart -d 'the same for a regular file, of which tasks are given parts without its being read before'
complete -c jobpool -n '__jobpool_option map' -l pipe-part -d 'the same as --pipepart'
complete -c jobpool -n '__jobpool_option map' -l block -x -d 'size of a block'
complete -c jobpool -n '__jobpool_option map' -l block-size -x -d 'the same as --block'
complete -c jobpool -n '__jobpool_option map' -l recend -x -d 'a record ends behind this text'
complete -c jobpool -n '__jobpool_option map' -l recstart -x -d 'a record begins with this text'
complete -c jobpool -n '__jobpool_option map' -l regexp -d '--recstart and --recend are regular expressions'
complete -c jobpool -n '__jobpool_option map' -l rrs -d 'leave out what --recend and --recstart have found'
complete -c jobpool -n '__jobpool_option map' -l remove-rec-sep -d 'the same as --rrs'
complete -c jobpool -n '__jobpool_option map' -l cat -d '{} is the name of a file that holds the block, instead of stdin'
complete -c jobpool -n '__jobpool_option map' -l fifo -d '{} is the name of a pipe that gives the block, instead of stdin'
complete -c jobpool -n '__jobpool_option map' -l shell -d 'the command is a shell script, its words joined by spaces'
complete -c jobpool -n '__jobpool_option map' -l no-shell -d 'the command is no shell script, also if it is a single word'
complete -c jobpool -n '__jobpool_option map' -l shell-path -r -F -d 'the shell to run it with'
complete -c jobpool -n '__jobpool_option map' -l retries -x -d 'try a task that failed up to N more times'
complete -c jobpool -n '__jobpool_option map' -l retry-delay -x -d 'wait that long before each new attempt'
complete -c jobpool -n '__jobpool_option map' -l in -x -d 'start after this time'
complete -c jobpool -n '__jobpool_option map' -l at -x -d 'start at this time of the clock'
complete -c jobpool -n '__jobpool_option map' -l every -x -d 'start again each time this much time has passed'
complete -c jobpool -n '__jobpool_option map' -l times -x -d 'let --every start N times'
complete -c jobpool -n '__jobpool_option map' -l until -x -d 'let --every start nothing that is due after this time of the clock'
complete -c jobpool -n '__jobpool_option map' -l timezone -x -d 'the zone of --at and --until, such as Europe/Berlin'
complete -c jobpool -n '__jobpool_option map' -s o -l output -x -a 'jsonl json text none' -d 'form of the output'
complete -c jobpool -n '__jobpool_option map' -s k -l keep-order -d 'write results in the order of the input'
complete -c jobpool -n '__jobpool_option map' -l tag -d 'begin each line with the task'\''s values and a tab'
complete -c jobpool -n '__jobpool_option map' -l line-buffer -d 'write each line as soon as it is there, lines of several tasks mixed'
complete -c jobpool -n '__jobpool_option map' -s u -l ungroup -d 'let tasks write to stdout and stderr themselves, parts of lines mixed'
complete -c jobpool -n '__jobpool_option map' -l report -r -F -d 'write results as JSON Lines into FILE too'
complete -c jobpool -n '__jobpool_option map' -l append -d 'append to the report, which several jobpools may share'
complete -c jobpool -n '__jobpool_option map' -l summary -d 'write a summary at the end'
complete -c jobpool -n '__jobpool_option map' -l events -d 'write each change of a task'\''s state as a JSON line'
complete -c jobpool -n '__jobpool_option map' -l progress -d 'show on stderr how far it is'
complete -c jobpool -n '__jobpool_option map' -s v -l verbose -d 'say on stderr what starts'
complete -c jobpool -n '__jobpool_option map' -l dry-run -d 'print each command for a shell and run nothing'
complete -c jobpool -n '__jobpool_option map' -l exit -x -a 'count' -d 'exit with the number of failed tasks, 101 for more than 100'
complete -c jobpool -n '__jobpool_option map' -s h -l help -d 'show this help'

complete -c jobpool -n 'test (__jobpool_place) = command' -a run -d 'run task specs and ops that are read as JSON'
complete -c jobpool -n '__jobpool_option run' -F
complete -c jobpool -n '__jobpool_option run' -s j -l jobs -x -d 'run N tasks at once'
complete -c jobpool -n '__jobpool_option run' -l queue -x -a 'fifo lifo priority' -d 'order in which waiting tasks start'
complete -c jobpool -n '__jobpool_option run' -l max-queue -x -d 'read no more input while N tasks wait'
complete -c jobpool -n '__jobpool_option run' -l timeout -x -d 'end a task that runs for longer'
complete -c jobpool -n '__jobpool_option run' -l kill-after -x -d 'send KILL to what has not ended so long after TERM'
complete -c jobpool -n '__jobpool_option run' -l deadline -x -d 'end everything after this time'
complete -c jobpool -n '__jobpool_option run' -l halt -x -d 'stop early, such as soon,fail=1'
complete -c jobpool -n '__jobpool_option run' -l delay -x -d 'let at least this time pass between two starts'
complete -c jobpool -n '__jobpool_option run' -l nice -x -d 'add N, from -20 to 19, to the niceness of tasks'
complete -c jobpool -n '__jobpool_option run' -l max-output -x -d 'how much of each output stream a result holds'
complete -c jobpool -n '__jobpool_option run' -l callback -x -a '(__fish_complete_command)' -d 'run this shell script for each task that succeeded'
complete -c jobpool -n '__jobpool_option run' -l error-callback -x -a '(__fish_complete_command)' -d 'the same for each task that did not succeed'
complete -c jobpool -n '__jobpool_option run' -l callback-timeout -x -d 'end a callback that runs for longer'
complete -c jobpool -n '__jobpool_option run' -l env -x -a '(set -x --names)' -d 'set a variable for the tasks, or pass on jobpool'\''s own'
complete -c jobpool -n '__jobpool_option run' -l cwd -x -a '(__fish_complete_directories)' -d 'run tasks in this directory'
complete -c jobpool -n '__jobpool_option run' -l wd -x -a '(__fish_complete_directories)' -d 'the same as --cwd'
complete -c jobpool -n '__jobpool_option run' -l stdin -r -F -d 'what tasks read on stdin, - for jobpool'\''s own'
complete -c jobpool -n '__jobpool_option run' -l retries -x -d 'try a task that failed up to N more times'
complete -c jobpool -n '__jobpool_option run' -l retry-delay -x -d 'wait that long before each new attempt'
complete -c jobpool -n '__jobpool_option run' -l shell-path -r -F -d 'the shell that runs scripts'
complete -c jobpool -n '__jobpool_option run' -s o -l output -x -a 'jsonl json text none' -d 'form of the output'
complete -c jobpool -n '__jobpool_option run' -s k -l keep-order -d 'write results in the order of the input'
complete -c jobpool -n '__jobpool_option run' -l tag -d 'begin each line with the task'\''s values and a tab'
complete -c jobpool -n '__jobpool_option run' -l line-buffer -d 'write each line as soon as it is there, lines of several tasks mixed'
complete -c jobpool -n '__jobpool_option run' -s u -l ungroup -d 'let tasks write to stdout and stderr themselves, parts of lines mixed'
complete -c jobpool -n '__jobpool_option run' -l report -r -F -d 'write results as JSON Lines into FILE too'
complete -c jobpool -n '__jobpool_option run' -l append -d 'append to the report, which several jobpools may share'
complete -c jobpool -n '__jobpool_option run' -l summary -d 'write a summary at the end'
complete -c jobpool -n '__jobpool_option run' -l events -d 'write each change of a task'\''s state as a JSON line'
complete -c jobpool -n '__jobpool_option run' -l progress -d 'show on stderr how far it is'
complete -c jobpool -n '__jobpool_option run' -s v -l verbose -d 'say on stderr what starts'
complete -c jobpool -n '__jobpool_option run' -l dry-run -d 'print each command for a shell and run nothing'
complete -c jobpool -n '__jobpool_option run' -l exit -x -a 'count' -d 'exit with the number of failed tasks, 101 for more than 100'
complete -c jobpool -n '__jobpool_option run' -s h -l help -d 'show this help'

complete -c jobpool -n 'test (__jobpool_place) = command' -a parallel -d 'do what GNU parallel does, with its options and defaults'
complete -c jobpool -n '__jobpool_option parallel' -s q -l quote -d 'the words of the command mean nothing to the shell'
complete -c jobpool -n '__jobpool_option parallel' -s v -l print-commands -d 'print each command in front of its output'
complete -c jobpool -n '__jobpool_option parallel' -l no-keep-order -d 'take back a --keep-order that a profile or $PARALLEL gives'
complete -c jobpool -n '__jobpool_option parallel' -l process-slot-var -x -d 'set this variable to the number of the slot, from 0'
complete -c jobpool -n '__jobpool_option parallel' -l shell-quote -d 'print the commands quoted for a shell, run nothing'
complete -c jobpool -n '__jobpool_option parallel' -s J -l profile -x -d 'read options from ~/.parallel/NAME, not from ~/.parallel/config'
complete -c jobpool -n '__jobpool_option parallel' -l plain -d 'read neither $PARALLEL nor profiles'
complete -c jobpool -n '__jobpool_option parallel' -l citation -d 'accepted, nothing follows from it'
complete -c jobpool -n '__jobpool_option parallel' -l semaphore -d 'wait for a slot of a semaphore, then run the command'
complete -c jobpool -n '__jobpool_option parallel' -l semaphore-name -x -d 'the semaphore, also --id'
complete -c jobpool -n '__jobpool_option parallel' -l semaphore-timeout -x -d 'run without a slot if none is free after this time, also --st'
complete -c jobpool -n '__jobpool_option parallel' -l fg -d 'wait for the end of the command, and exit as it did'
complete -c jobpool -n '__jobpool_option parallel' -l bg -d 'leave the command in the background'
complete -c jobpool -n '__jobpool_option parallel' -l wait -d 'wait until nobody has a slot'
complete -c jobpool -n '__jobpool_option parallel' -s j -l jobs -x -d 'run N tasks at once'
complete -c jobpool -n '__jobpool_option parallel' -l queue -x -a 'fifo lifo priority' -d 'order in which waiting tasks start'
complete -c jobpool -n '__jobpool_option parallel' -l max-queue -x -d 'read no more input while N tasks wait'
complete -c jobpool -n '__jobpool_option parallel' -l timeout -x -d 'end a task that runs for longer'
complete -c jobpool -n '__jobpool_option parallel' -l kill-after -x -d 'send KILL to what has not ended so long after TERM'
complete -c jobpool -n '__jobpool_option parallel' -l deadline -x -d 'end everything after this time'
complete -c jobpool -n '__jobpool_option parallel' -l halt -x -d 'stop early, such as soon,fail=1'
complete -c jobpool -n '__jobpool_option parallel' -l delay -x -d 'let at least this time pass between two starts'
complete -c jobpool -n '__jobpool_option parallel' -l nice -x -d 'add N, from -20 to 19, to the niceness of tasks'
complete -c jobpool -n '__jobpool_option parallel' -l max-output -x -d 'how much of each output stream a result holds'
complete -c jobpool -n '__jobpool_option parallel' -l callback -x -a '(__fish_complete_command)' -d 'run this shell script for each task that succeeded'
complete -c jobpool -n '__jobpool_option parallel' -l error-callback -x -a '(__fish_complete_command)' -d 'the same for each task that did not succeed'
complete -c jobpool -n '__jobpool_option parallel' -l callback-timeout -x -d 'end a callback that runs for longer'
complete -c jobpool -n '__jobpool_option parallel' -l env -x -a '(set -x --names)' -d 'set a variable for the tasks, or pass on jobpool'\''s own'
complete -c jobpool -n '__jobpool_option parallel' -l cwd -x -a '(__fish_complete_directories)' -d 'run tasks in this directory'
complete -c jobpool -n '__jobpool_option parallel' -l wd -x -a '(__fish_complete_directories)' -d 'the same as --cwd'
complete -c jobpool -n '__jobpool_option parallel' -l stdin -r -F -d 'what tasks read on stdin, - for jobpool'\''s own'
complete -c jobpool -n '__jobpool_option parallel' -s a -l arg-file -r -F -d 'read items from FILE, - for standard input'
complete -c jobpool -n '__jobpool_option parallel' -s 0 -l null -d 'items end with a NUL byte, not with a newline'
complete -c jobpool -n '__jobpool_option parallel' -s d -l delimiter -x -d 'items end with this byte'
complete -c jobpool -n '__jobpool_option parallel' -s n -l max-args -x -d 'give N items to each task'
complete -c jobpool -n '__jobpool_option parallel' -s N -l max-replace-args -x -d 'the same as -n'
complete -c jobpool -n '__jobpool_option parallel' -l chunksize -x -d 'a slot takes N tasks at a time'
complete -c jobpool -n '__jobpool_option parallel' -l pipe -d 'cut standard input, or the file of -a, into blocks of whole records'
complete -c jobpool -n '__jobpool_option parallel' -l pipepart -d 'the same for a regular file, of which tasks are given parts without its being read before'
complete -c jobpool -n '__jobpool_option parallel' -l pipe-part -d 'the same as --pipepart'
complete -c jobpool -n '__jobpool_option parallel' -l block -x -d 'size of a block'
complete -c jobpool -n '__jobpool_option parallel' -l block-size -x -d 'the same as --block'
complete -c jobpool -n '__jobpool_option parallel' -l recend -x -d 'a record ends behind this text'
complete -c jobpool -n '__jobpool_option parallel' -l recstart -x -d 'a record begins with this text'
complete -c jobpool -n '__jobpool_option parallel' -l regexp -d '--recstart and --recend are regular expressions'
complete -c jobpool -n '__jobpool_option parallel' -l rrs -d 'leave out what --recend and --recstart have found'
complete -c jobpool -n '__jobpool_option parallel' -l remove-rec-sep -d 'the same as --rrs'
complete -c jobpool -n '__jobpool_option parallel' -l cat -d '{} is the name of a file that holds the block, instead of stdin'
complete -c jobpool -n '__jobpool_option parallel' -l fifo -d '{} is the name of a pipe that gives the block, instead of stdin'
complete -c jobpool -n '__jobpool_option parallel' -l shell -d 'the command is a shell script, its words joined by spaces'
complete -c jobpool -n '__jobpool_option parallel' -l no-shell -d 'the command is no shell script, also if it is a single word'
complete -c jobpool -n '__jobpool_option parallel' -l shell-path -r -F -d 'the shell to run it with'
complete -c jobpool -n '__jobpool_option parallel' -l retries -x -d 'try a task that failed up to N more times'
complete -c jobpool -n '__jobpool_option parallel' -l retry-delay -x -d 'wait that long before each new attempt'
complete -c jobpool -n '__jobpool_option parallel' -l in -x -d 'start after this time'
complete -c jobpool -n '__jobpool_option parallel' -l at -x -d 'start at this time of the clock'
complete -c jobpool -n '__jobpool_option parallel' -l every -x -d 'start again each time this much time has passed'
complete -c jobpool -n '__jobpool_option parallel' -l times -x -d 'let --every start N times'
complete -c jobpool -n '__jobpool_option parallel' -l until -x -d 'let --every start nothing that is due after this time of the clock'
complete -c jobpool -n '__jobpool_option parallel' -l timezone -x -d 'the zone of --at and --until, such as Europe/Berlin'
complete -c jobpool -n '__jobpool_option parallel' -s o -l output -x -a 'jsonl json text none' -d 'form of the output'
complete -c jobpool -n '__jobpool_option parallel' -s k -l keep-order -d 'write results in the order of the input'
complete -c jobpool -n '__jobpool_option parallel' -l tag -d 'begin each line with the task'\''s values and a tab'
complete -c jobpool -n '__jobpool_option parallel' -l line-buffer -d 'write each line as soon as it is there, lines of several tasks mixed'
complete -c jobpool -n '__jobpool_option parallel' -s u -l ungroup -d 'let tasks write to stdout and stderr themselves, parts of lines mixed'
complete -c jobpool -n '__jobpool_option parallel' -l report -r -F -d 'write results as JSON Lines into FILE too'
complete -c jobpool -n '__jobpool_option parallel' -l append -d 'append to the report, which several jobpools may share'
complete -c jobpool -n '__jobpool_option parallel' -l summary -d 'write a summary at the end'
complete -c jobpool -n '__jobpool_option parallel' -l events -d 'write each change of a task'\''s state as a JSON line'
complete -c jobpool -n '__jobpool_option parallel' -l progress -d 'show on stderr how far it is'
complete -c jobpool -n '__jobpool_option parallel' -s v -l verbose -d 'say on stderr what starts'
complete -c jobpool -n '__jobpool_option parallel' -l dry-run -d 'print each command for a shell and run nothing'
complete -c jobpool -n '__jobpool_option parallel' -l exit -x -a 'count' -d 'exit with the number of failed tasks, 101 for more than 100'
complete -c jobpool -n '__jobpool_option parallel' -s V -l version -d 'print the version'
complete -c jobpool -n '__jobpool_option parallel' -l min-version -x -d 'print the version of GNU parallel that this follows'
complete -c jobpool -n '__jobpool_option parallel' -l number-of-cpus -d 'print the number of cores'
complete -c jobpool -n '__jobpool_option parallel' -l number-of-cores -d 'print the number of cores'
complete -c jobpool -n '__jobpool_option parallel' -l number-of-sockets -d 'print the number of sockets'
complete -c jobpool -n '__jobpool_option parallel' -l number-of-threads -d 'print how many jobs -j 100% are'
complete -c jobpool -n '__jobpool_option parallel' -l max-line-length-allowed -d 'print how long a command may be'
complete -c jobpool -n '__jobpool_option parallel' -l show-limits -d 'print how long a command may be, and go on'
complete -c jobpool -n '__jobpool_option parallel' -s h -l help -d 'show this help'

complete -c jobpool -n 'test (__jobpool_place) = command' -a sem -d 'run a command when a semaphore has a slot for it, as GNU sem does'
complete -c jobpool -n '__jobpool_option sem' -s q -l quote -d 'the words of the command mean nothing to the shell'
complete -c jobpool -n '__jobpool_option sem' -s v -l print-commands -d 'print each command in front of its output'
complete -c jobpool -n '__jobpool_option sem' -l no-keep-order -d 'take back a --keep-order that a profile or $PARALLEL gives'
complete -c jobpool -n '__jobpool_option sem' -l process-slot-var -x -d 'set this variable to the number of the slot, from 0'
complete -c jobpool -n '__jobpool_option sem' -l shell-quote -d 'print the commands quoted for a shell, run nothing'
complete -c jobpool -n '__jobpool_option sem' -s J -l profile -x -d 'read options from ~/.parallel/NAME, not from ~/.parallel/config'
complete -c jobpool -n '__jobpool_option sem' -l plain -d 'read neither $PARALLEL nor profiles'
complete -c jobpool -n '__jobpool_option sem' -l citation -d 'accepted, nothing follows from it'
complete -c jobpool -n '__jobpool_option sem' -l semaphore -d 'wait for a slot of a semaphore, then run the command'
complete -c jobpool -n '__jobpool_option sem' -l semaphore-name -x -d 'the semaphore, also --id'
complete -c jobpool -n '__jobpool_option sem' -l semaphore-timeout -x -d 'run without a slot if none is free after this time, also --st'
complete -c jobpool -n '__jobpool_option sem' -l fg -d 'wait for the end of the command, and exit as it did'
complete -c jobpool -n '__jobpool_option sem' -l bg -d 'leave the command in the background'
complete -c jobpool -n '__jobpool_option sem' -l wait -d 'wait until nobody has a slot'
complete -c jobpool -n '__jobpool_option sem' -s j -l jobs -x -d 'run N tasks at once'
complete -c jobpool -n '__jobpool_option sem' -l queue -x -a 'fifo lifo priority' -d 'order in which waiting tasks start'
complete -c jobpool -n '__jobpool_option sem' -l max-queue -x -d 'read no more input while N tasks wait'
complete -c jobpool -n '__jobpool_option sem' -l timeout -x -d 'end a task that runs for longer'
complete -c jobpool -n '__jobpool_option sem' -l kill-after -x -d 'send KILL to what has not ended so long after TERM'
complete -c jobpool -n '__jobpool_option sem' -l deadline -x -d 'end everything after this time'
complete -c jobpool -n '__jobpool_option sem' -l halt -x -d 'stop early, such as soon,fail=1'
complete -c jobpool -n '__jobpool_option sem' -l delay -x -d 'let at least this time pass between two starts'
complete -c jobpool -n '__jobpool_option sem' -l nice -x -d 'add N, from -20 to 19, to the niceness of tasks'
complete -c jobpool -n '__jobpool_option sem' -l max-output -x -d 'how much of each output stream a result holds'
complete -c jobpool -n '__jobpool_option sem' -l callback -x -a '(__fish_complete_command)' -d 'run this shell script for each task that succeeded'
complete -c jobpool -n '__jobpool_option sem' -l error-callback -x -a '(__fish_complete_command)' -d 'the same for each task that did not succeed'
complete -c jobpool -n '__jobpool_option sem' -l callback-timeout -x -d 'end a callback that runs for longer'
complete -c jobpool -n '__jobpool_option sem' -l env -x -a '(set -x --names)' -d 'set a variable for the tasks, or pass on jobpool'\''s own'
complete -c jobpool -n '__jobpool_option sem' -l cwd -x -a '(__fish_complete_directories)' -d 'run tasks in this directory'
complete -c jobpool -n '__jobpool_option sem' -l wd -x -a '(__fish_complete_directories)' -d 'the same as --cwd'
complete -c jobpool -n '__jobpool_option sem' -l stdin -r -F -d 'what tasks read on stdin, - for jobpool'\''s own'
complete -c jobpool -n '__jobpool_option sem' -s a -l arg-file -r -F -d 'read items from FILE, - for standard input'
complete -c jobpool -n '__jobpool_option sem' -s 0 -l null -d 'items end with a NUL byte, not with a newline'
complete -c jobpool -n '__jobpool_option sem' -s d -l delimiter -x -d 'items end with this byte'
complete -c jobpool -n '__jobpool_option sem' -s n -l max-args -x -d 'give N items to each task'
complete -c jobpool -n '__jobpool_option sem' -s N -l max-replace-args -x -d 'the same as -n'
complete -c jobpool -n '__jobpool_option sem' -l chunksize -x -d 'a slot takes N tasks at a time'
complete -c jobpool -n '__jobpool_option sem' -l pipe -d 'cut standard input, or the file of -a, into blocks of whole records'
complete -c jobpool -n '__jobpool_option sem' -l pipepart -d 'the same for a regular file, of which tasks are given parts without its being read before'
complete -c jobpool -n '__jobpool_option sem' -l pipe-part -d 'the same as --pipepart'
complete -c jobpool -n '__jobpool_option sem' -l block -x -d 'size of a block'
complete -c jobpool -n '__jobpool_option sem' -l block-size -x -d 'the same as --block'
complete -c jobpool -n '__jobpool_option sem' -l recend -x -d 'a record ends behind this text'
complete -c jobpool -n '__jobpool_option sem' -l recstart -x -d 'a record begins with this text'
complete -c jobpool -n '__jobpool_option sem' -l regexp -d '--recstart and --recend are regular expressions'
complete -c jobpool -n '__jobpool_option sem' -l rrs -d 'leave out what --recend and --recstart have found'
complete -c jobpool -n '__jobpool_option sem' -l remove-rec-sep -d 'the same as --rrs'
complete -c jobpool -n '__jobpool_option sem' -l cat -d '{} is the name of a file that holds the block, instead of stdin'
complete -c jobpool -n '__jobpool_option sem' -l fifo -d '{} is the name of a pipe that gives the block, instead of stdin'
complete -c jobpool -n '__jobpool_option sem' -l shell -d 'the command is a shell script, its words joined by spaces'
complete -c jobpool -n '__jobpool_option sem' -l no-shell -d 'the command is no shell script, also if it is a single word'
complete -c jobpool -n '__jobpool_option sem' -l shell-path -r -F -d 'the shell to run it with'
complete -c jobpool -n '__jobpool_option sem' -l retries -x -d 'try a task that failed up to N more times'
complete -c jobpool -n '__jobpool_option sem' -l retry-delay -x -d 'wait that long before each new attempt'
complete -c jobpool -n '__jobpool_option sem' -l in -x -d 'start after this time'
complete -c jobpool -n '__jobpool_option sem' -l at -x -d 'start at this time of the clock'
complete -c jobpool -n '__jobpool_option sem' -l every -x -d 'start again each time this much time has passed'
complete -c jobpool -n '__jobpool_option sem' -l times -x -d 'let --every start N times'
complete -c jobpool -n '__jobpool_option sem' -l until -x -d 'let --every start nothing that is due after this time of the clock'
complete -c jobpool -n '__jobpool_option sem' -l timezone -x -d 'the zone of --at and --until, such as Europe/Berlin'
complete -c jobpool -n '__jobpool_option sem' -s o -l output -x -a 'jsonl json text none' -d 'form of the output'
complete -c jobpool -n '__jobpool_option sem' -s k -l keep-order -d 'write results in the order of the input'
complete -c jobpool -n '__jobpool_option sem' -l tag -d 'begin each line with the task'\''s values and a tab'
complete -c jobpool -n '__jobpool_option sem' -l line-buffer -d 'write each line as soon as it is there, lines of several tasks mixed'
complete -c jobpool -n '__jobpool_option sem' -s u -l ungroup -d 'let tasks write to stdout and stderr themselves, parts of lines mixed'
complete -c jobpool -n '__jobpool_option sem' -l report -r -F -d 'write results as JSON Lines into FILE too'
complete -c jobpool -n '__jobpool_option sem' -l append -d 'append to the report, which several jobpools may share'
complete -c jobpool -n '__jobpool_option sem' -l summary -d 'write a summary at the end'
complete -c jobpool -n '__jobpool_option sem' -l events -d 'write each change of a task'\''s state as a JSON line'
complete -c jobpool -n '__jobpool_option sem' -l progress -d 'show on stderr how far it is'
complete -c jobpool -n '__jobpool_option sem' -s v -l verbose -d 'say on stderr what starts'
complete -c jobpool -n '__jobpool_option sem' -l dry-run -d 'print each command for a shell and run nothing'
complete -c jobpool -n '__jobpool_option sem' -l exit -x -a 'count' -d 'exit with the number of failed tasks, 101 for more than 100'
complete -c jobpool -n '__jobpool_option sem' -s V -l version -d 'print the version'
complete -c jobpool -n '__jobpool_option sem' -l min-version -x -d 'print the version of GNU parallel that this follows'
complete -c jobpool -n '__jobpool_option sem' -l number-of-cpus -d 'print the number of cores'
complete -c jobpool -n '__jobpool_option sem' -l number-of-cores -d 'print the number of cores'
complete -c jobpool -n '__jobpool_option sem' -l number-of-sockets -d 'print the number of sockets'
complete -c jobpool -n '__jobpool_option sem' -l number-of-threads -d 'print how many jobs -j 100% are'
complete -c jobpool -n '__jobpool_option sem' -l max-line-length-allowed -d 'print how long a command may be'
complete -c jobpool -n '__jobpool_option sem' -l show-limits -d 'print how long a command may be, and go on'
complete -c jobpool -n '__jobpool_option sem' -s h -l help -d 'show this help'

complete -c jobpool -n 'test (__jobpool_place) = command' -a help -d 'show help on a command, or print completions for a shell'
complete -c jobpool -n '__jobpool_option help' -a 'apply map run parallel sem help version'
complete -c jobpool -n '__jobpool_option help' -l completion -x -a 'bash zsh fish' -d 'print the script that completes jobpool'\''s command line in that shell'
complete -c jobpool -n '__jobpool_option help' -s h -l help -d 'show this help'

complete -c jobpool -n 'test (__jobpool_place) = command' -a version -d 'print the version'
complete -c jobpool -n '__jobpool_option version' -s h -l help -d 'show this help'
