/* The script for fish. */
#include "cli/completion.h"

#include <stdio.h>

static const char functions[] =
    "\n"
    "# Where the current word stands: \"command\", \"option NAME\" (an option or the first word of command "
    "NAME), or\n"
    "# \"words NAME N\" (after the first word, which is token N).\n"
    "function __jobpool_place\n"
    "    set -l tokens (commandline -opc)\n"
    "    set -l name $tokens[2]\n"
    "    if not set -q tokens[2]\n"
    "        echo command\n"
    "        return\n"
    "    end\n"
    "    set -l i 3\n"
    "    while test $i -le (count $tokens)\n"
    "        set -l token $tokens[$i]\n"
    "        if test \"$token\" = --\n"
    "            set i (math $i + 1)\n"
    "            if test $i -le (count $tokens); or contains -- $name $__jobpool_takes_command\n"
    "                echo words $name $i\n"
    "                return\n"
    "            end\n"
    "            break\n"
    "        else if not string match -q -- '-?*' \"$token\"\n"
    "            echo words $name $i\n"
    "            return\n"
    "        else if string match -q -- '--*' \"$token\"\n"
    "            contains -- \"$token\" $__jobpool_with_value; and set i (math $i + 1)\n"
    "        else\n"
    "            # In a cluster of letters the first one with a value takes the rest, or the next word.\n"
    "            set -l letters (string split '' -- (string sub -s 2 -- \"$token\"))\n"
    "            for j in (seq (count $letters))\n"
    "                if contains -- -$letters[$j] $__jobpool_with_value\n"
    "                    test $j -eq (count $letters); and set i (math $i + 1)\n"
    "                    break\n"
    "                end\n"
    "            end\n"
    "        end\n"
    "        set i (math $i + 1)\n"
    "    end\n"
    "    echo option $name\n"
    "end\n"
    "\n"
    "# Is the current word an option of one of these commands? Options of a command with words of its own "
    "may follow them.\n"
    "function __jobpool_option\n"
    "    set -l place (string split ' ' (__jobpool_place))\n"
    "    contains -- \"$place[2]\" $argv; or return 1\n"
    "    test \"$place[1]\" = option; and return 0\n"
    "    not contains -- \"$place[2]\" $__jobpool_takes_command\n"
    "end\n"
    "\n"
    "# Does the current word belong to the command of the user?\n"
    "function __jobpool_user_command\n"
    "    set -l place (string split ' ' (__jobpool_place))\n"
    "    contains -- \"$place[2]\" $__jobpool_takes_command\n"
    "end\n"
    "\n"
    "function __jobpool_complete_user_command\n"
    "    set -l place (string split ' ' (__jobpool_place))\n"
    "    set -l tokens (commandline -opc)\n"
    "    set -l words\n"
    "    if test \"$place[1]\" = words; and test $place[3] -le (count $tokens)\n"
    "        set words (string escape -- $tokens[$place[3]..-1])\n"
    "    end\n"
    "    if set -q words[1]; or not string match -q -- '-*' (commandline -ct)\n"
    "        set -l line (string join ' ' -- $words (commandline -ct))\n"
    "        complete -C \"$line\"\n"
    "    end\n"
    "end\n"
    "\n"
    "complete -c jobpool -f\n"
    "complete -c jobpool -n 'test (__jobpool_place) = command' -s h -l help -d 'show help'\n"
    "complete -c jobpool -n 'test (__jobpool_place) = command' -s V -l version -d 'show the version'\n"
    "complete -c jobpool -n __jobpool_user_command -a '(__jobpool_complete_user_command)'\n";

static void put_with_value(struct buffer *out, const struct command *c, const struct poptOption *o)
{
    (void)c;
    if (completion_value(o) == COMPLETE_NONE)
        return;
    if (o->shortName)
        buffer_printf(out, " -%c", o->shortName);
    buffer_printf(out, " --%s", o->longName);
}

static void put_option(struct buffer *out, const struct command *c, const struct poptOption *o)
{
    buffer_printf(out, "complete -c jobpool -n '__jobpool_option %s'", c->name);
    if (o->shortName)
        buffer_printf(out, " -s %c", o->shortName);
    buffer_printf(out, " -l %s", o->longName);
    switch (completion_value(o)) {
    case COMPLETE_NONE:
        break;
    case COMPLETE_FILE:
        buffer_puts(out, " -r -F");
        break;
    case COMPLETE_DIR:
        buffer_puts(out, " -x -a '(__fish_complete_directories)'");
        break;
    case COMPLETE_COMMAND:
        buffer_puts(out, " -x -a '(__fish_complete_command)'");
        break;
    case COMPLETE_VARIABLE:
        buffer_puts(out, " -x -a '(set -x --names)'");
        break;
    case COMPLETE_CHOICE:
        buffer_puts(out, " -x -a '");
        completion_choices(out, o);
        buffer_putc(out, '\'');
        break;
    default:
        buffer_puts(out, " -x");
        break;
    }
    buffer_puts(out, " -d '");
    completion_describe(out, o->descrip, "\\");
    buffer_puts(out, "'\n");
}

void completion_fish(struct buffer *out)
{
    buffer_puts(out,
                "# Completion of jobpool's command line in fish. Made by: jobpool help --completion fish\n\n"
                "set -g __jobpool_takes_command");
    for (size_t i = 0; commands[i]; i++) {
        if (completion_words(commands[i]) == COMPLETE_COMMAND)
            buffer_printf(out, " %s", commands[i]->name);
    }
    buffer_puts(out, "\nset -g __jobpool_with_value");
    for (size_t i = 0; commands[i]; i++)
        completion_each(out, commands[i], put_with_value);
    buffer_putc(out, '\n');
    buffer_puts(out, functions);
    for (size_t i = 0; commands[i]; i++) {
        buffer_printf(out, "\ncomplete -c jobpool -n 'test (__jobpool_place) = command' -a %s -d '",
                      commands[i]->name);
        completion_describe(out, commands[i]->summary, "\\");
        buffer_puts(out, "'\n");
        if (completion_words(commands[i]) == COMPLETE_FILE)
            buffer_printf(out, "complete -c jobpool -n '__jobpool_option %s' -F\n", commands[i]->name);
        if (completion_words(commands[i]) == COMPLETE_OWN) {
            buffer_printf(out, "complete -c jobpool -n '__jobpool_option %s' -a '", commands[i]->name);
            for (size_t k = 0; commands[k]; k++)
                buffer_printf(out, "%s%s", k == 0 ? "" : " ", commands[k]->name);
            buffer_puts(out, "'\n");
        }
        completion_each(out, commands[i], put_option);
    }
}
