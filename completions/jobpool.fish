# Completion of jobpool's command line in fish. Made by: jobpool help --completion fish

set -g __jobpool_takes_command apply map
set -g __jobpool_with_value -j --jobs --queue --max-queue --timeout --kill-after --deadline --halt --delay --nice --max-output --callback --error-callback --callback-timeout --env --cwd --wd --stdin --retries --retry-delay --in --at --every --times --until --timezone --shell-path -o --output --report --exit -j --jobs --queue --max-queue --timeout --kill-after --deadline --halt --delay --nice --max-output --callback --error-callback --callback-timeout --env --cwd --wd --stdin -a --arg-file --range -d --delimiter -n --max-args -N --max-replace-args -L --max-lines --chunksize -s --max-chars -C --colsep --header -E --eof --trim --block --block-size --recend --recstart -I --replace --extensionreplace --er --basenamereplace --bnr --dirnamereplace --dnr --basenameextensionreplace --bner --seqreplace --slotreplace --shell-path --retries --retry-delay --in --at --every --times --until --timezone -o --output --report --exit -j --jobs --queue --max-queue --timeout --kill-after --deadline --halt --delay --nice --max-output --callback --error-callback --callback-timeout --env --cwd --wd --stdin --retries --retry-delay --shell-path -o --output --report --exit --completion

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
complete -c jobpool -n '__jobpool_option map' -l range -x -d 'numbers as items, such as 1..100 or 0..100..5'
complete -c jobpool -n '__jobpool_option map' -l link -d 'several sources side by side, not every combination'
complete -c jobpool -n '__jobpool_option map' -l xapply -d 'the same as --link'
complete -c jobpool -n '__jobpool_option map' -s 0 -l null -d 'items end with a NUL byte, not with a newline'
complete -c jobpool -n '__jobpool_option map' -s d -l delimiter -x -d 'items end with this byte'
complete -c jobpool -n '__jobpool_option map' -s n -l max-args -x -d 'give N items to each task, with -m, -X or -s at most N'
complete -c jobpool -n '__jobpool_option map' -s N -l max-replace-args -x -d 'the same, and a word with {} in it is there once for each, as with -X'
complete -c jobpool -n '__jobpool_option map' -s L -l max-lines -x -d 'the same as -N for lines that are not blank'
complete -c jobpool -n '__jobpool_option map' -l shuf -d 'run tasks in random order'
complete -c jobpool -n '__jobpool_option map' -l chunksize -x -d 'a slot takes N tasks at a time'
complete -c jobpool -n '__jobpool_option map' -s m -l spread -d 'as many items as a command line holds'
complete -c jobpool -n '__jobpool_option map' -s X -l context-replace -d 'the same, and a word with {} in it is there once for each'
complete -c jobpool -n '__jobpool_option map' -l xargs -d 'as -m, but the last ones stay together'
complete -c jobpool -n '__jobpool_option map' -s s -l max-chars -x -d 'bytes of a command line at most'
complete -c jobpool -n '__jobpool_option map' -s C -l colsep -x -d 'cut items into columns, {1}, {2} …, where this regular expression matches'
complete -c jobpool -n '__jobpool_option map' -l csv -d 'items are records of CSV'
complete -c jobpool -n '__jobpool_option map' -l header -x -d 'with'
complete -c jobpool -n '__jobpool_option map' -l json -d 'items are JSON objects, and {NAME} is a field'
complete -c jobpool -n '__jobpool_option map' -s E -l eof -x -d 'an item that is this text ends its source'
complete -c jobpool -n '__jobpool_option map' -l trim -x -a 'n l r lr rl' -d 'take white space off the left, the right, both ends, or nothing'
complete -c jobpool -n '__jobpool_option map' -s r -l no-run-if-empty -d 'leave out items that have only white space'
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
complete -c jobpool -n '__jobpool_option map' -l round-robin -d 'start one task for each slot, and give each block to the one that takes it first'
complete -c jobpool -n '__jobpool_option map' -l round -d 'the same as --round-robin'
complete -c jobpool -n '__jobpool_option map' -s I -l replace -x -d 'replace STRING by the item, instead of {}'
complete -c jobpool -n '__jobpool_option map' -l extensionreplace -x -d 'STRING in place of {.}'
complete -c jobpool -n '__jobpool_option map' -l er -x -d 'the same as --extensionreplace'
complete -c jobpool -n '__jobpool_option map' -l basenamereplace -x -d 'STRING in place of {/}'
complete -c jobpool -n '__jobpool_option map' -l bnr -x -d 'the same as --basenamereplace'
complete -c jobpool -n '__jobpool_option map' -l dirnamereplace -x -d 'STRING in place of {//}'
complete -c jobpool -n '__jobpool_option map' -l dnr -x -d 'the same as --dirnamereplace'
complete -c jobpool -n '__jobpool_option map' -l basenameextensionreplace -x -d 'STRING in place of {/.}'
complete -c jobpool -n '__jobpool_option map' -l bner -x -d 'the same as --basenameextensionreplace'
complete -c jobpool -n '__jobpool_option map' -l seqreplace -x -d 'STRING in place of {#}'
complete -c jobpool -n '__jobpool_option map' -l slotreplace -x -d 'STRING in place of {%}'
complete -c jobpool -n '__jobpool_option map' -l plus -d 'know all strings that GNU parallel knows with --plus, such as {..} and {##}'
complete -c jobpool -n '__jobpool_option map' -l no-plus -d 'leave strings that only --plus brings as they are'
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

complete -c jobpool -n 'test (__jobpool_place) = command' -a help -d 'show help on a command, or print completions for a shell'
complete -c jobpool -n '__jobpool_option help' -a 'apply map run help version'
complete -c jobpool -n '__jobpool_option help' -l completion -x -a 'bash zsh fish' -d 'print the script that completes jobpool'\''s command line in that shell'
complete -c jobpool -n '__jobpool_option help' -s h -l help -d 'show this help'

complete -c jobpool -n 'test (__jobpool_place) = command' -a version -d 'print the version'
complete -c jobpool -n '__jobpool_option version' -s h -l help -d 'show this help'
