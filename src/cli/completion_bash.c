/* The script for bash. It works with and without the bash-completion package; with it, the user's command
 * is completed by that command's own rules.
 */
#include "cli/completion.h"

static const char head[] =
    "# shellcheck shell=bash\n"
    "# Completion of jobpool's command line in bash. Made by: jobpool help --completion bash\n"
    "\n"
    "# The options of a command, each as OPTION or OPTION=KIND, where KIND says what its value is.\n"
    "_jobpool_options()\n"
    "{\n"
    "    case $1 in\n";

static const char tail[] =
    "    esac\n"
    "}\n"
    "\n"
    "# Joins again what bash has cut at = and : into words; starts[N] is the place of words[N] in "
    "COMP_WORDS.\n"
    "_jobpool_words()\n"
    "{\n"
    "    local line=$COMP_LINE rest word before='' i\n"
    "    words=() starts=()\n"
    "    for ((i = 0; i <= COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        rest=${line#\"${line%%[![:space:]]*}\"}\n"
    "        if [[ i -gt 0 && $rest == \"$line\" && ($word == [=:]* || $before == *[=:]) ]]; then\n"
    "            words[${#words[@]} - 1]+=$word\n"
    "        else\n"
    "            words+=(\"$word\")\n"
    "            starts+=(\"$i\")\n"
    "        fi\n"
    "        line=${rest#\"$word\"}\n"
    "        before=$word\n"
    "    done\n"
    "}\n"
    "\n"
    "# Prints the kind of value of option $2 of command $1; nothing if it has none.\n"
    "_jobpool_kind()\n"
    "{\n"
    "    local option\n"
    "    for option in $(_jobpool_options \"$1\"); do\n"
    "        if [[ $option == \"$2=\"* ]]; then\n"
    "            echo \"${option#*=}\"\n"
    "            return\n"
    "        fi\n"
    "    done\n"
    "}\n"
    "\n"
    "# Completes $2, a value of kind $1; $3 is what stands before it in the same word.\n"
    "_jobpool_value()\n"
    "{\n"
    "    local arguments=()\n"
    "    case $1 in\n"
    "    file) return ;;\n"
    "    dir) compopt -o dirnames 2>/dev/null ;;\n"
    "    command) arguments=(-c) ;;\n"
    "    variable) arguments=(-e) ;;\n"
    "    text | none) ;;\n"
    "    *) arguments=(-W \"${1//|/ }\") ;;\n"
    "    esac\n"
    "    compopt +o default +o bashdefault 2>/dev/null\n"
    "    ((${#arguments[@]})) && mapfile -t COMPREPLY < <(compgen \"${arguments[@]}\" -P \"$3\" -- \"$2\")\n"
    "}\n"
    "\n"
    "# Completes the user's command, which begins at word $1.\n"
    "_jobpool_user_command()\n"
    "{\n"
    "    if declare -F _comp_command_offset >/dev/null; then\n"
    "        _comp_command_offset \"${starts[$1]}\"\n"
    "    elif declare -F _command_offset >/dev/null; then\n"
    "        _command_offset \"${starts[$1]}\"\n"
    "    elif (($1 == ${#words[@]} - 1)); then\n"
    "        mapfile -t COMPREPLY < <(compgen -c -- \"${words[$1]}\")\n"
    "    fi\n"
    "}\n"
    "\n"
    "# Completes word number $3 of command $1, whose own words are of kind $2.\n"
    "_jobpool_command()\n"
    "{\n"
    "    local command=$1 takes=$2 last=$3 current=${words[$3]} i kind plain='' at=0 value=''\n"
    "    for ((i = 2; i < last; i++)); do\n"
    "        kind=\n"
    "        if [[ $plain || ${words[i]} != -?* ]]; then\n"
    "            at=${at/#0/$i}\n"
    "            [[ $takes == command ]] && break\n"
    "        elif [[ ${words[i]} == -- ]]; then\n"
    "            plain=yes\n"
    "        elif [[ ${words[i]} == --* ]]; then\n"
    "            kind=$(_jobpool_kind \"$command\" \"${words[i]}\")\n"
    "        else\n"
    "            # In a cluster of letters only the last one can have its value in the next word.\n"
    "            kind=$(_jobpool_kind \"$command\" \"-${words[i]: -1}\")\n"
    "            [[ $(_jobpool_kind \"$command\" \"${words[i]:0:2}\") && ${#words[i]} -gt 2 ]] && kind=\n"
    "        fi\n"
    "        [[ $kind ]] && ((++i == last)) && value=$kind\n"
    "    done\n"
    "    if ((at > 0)) && [[ $takes == command ]]; then\n"
    "        _jobpool_user_command \"$at\"\n"
    "    elif [[ $value ]]; then\n"
    "        _jobpool_value \"$value\" \"$current\" ''\n"
    "    elif [[ ! $plain && $current == --*=* ]]; then\n"
    "        kind=$(_jobpool_kind \"$command\" \"${current%%=*}\")\n"
    "        _jobpool_value \"${kind:-none}\" \"${current#*=}\" \"${current%%=*}=\"\n"
    "    elif [[ ! $plain && $current == -* ]]; then\n"
    "        compopt +o default +o bashdefault 2>/dev/null\n"
    "        local options\n"
    "        options=$(_jobpool_options \"$command\")\n"
    "        # shellcheck disable=SC2086\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$(printf '%s ' $options | sed 's/=[^ ]*//g')\" -- "
    "\"$current\")\n"
    "    elif [[ $takes == command ]]; then\n"
    "        _jobpool_user_command \"$last\"\n"
    "    elif [[ $takes == own ]]; then\n"
    "        _jobpool_value \"$_jobpool_commands\" \"$current\" ''\n"
    "    else\n"
    "        _jobpool_value \"$takes\" \"$current\" ''\n"
    "    fi\n"
    "}\n"
    "\n"
    "_jobpool()\n"
    "{\n"
    "    local words starts last cut candidate i takes\n"
    "    COMPREPLY=()\n"
    "    _jobpool_words\n"
    "    last=$((${#words[@]} - 1))\n"
    "    if ((last == 1)); then\n"
    "        _jobpool_value \"$_jobpool_commands|--help|--version\" \"${words[1]}\" ''\n"
    "        return\n"
    "    fi\n"
    "    takes=$(_jobpool_takes \"${words[1]}\")\n"
    "    [[ $takes ]] || return\n"
    "    _jobpool_command \"${words[1]}\" \"$takes\" \"$last\"\n"
    "    # readline replaces only what follows the last = or : of the word.\n"
    "    cut=${COMP_WORDS[COMP_CWORD]}\n"
    "    [[ $cut == [=:] ]] && cut=\n"
    "    cut=${words[last]%\"$cut\"}\n"
    "    for i in \"${!COMPREPLY[@]}\"; do\n"
    "        candidate=${COMPREPLY[i]}\n"
    "        COMPREPLY[i]=${candidate#\"$cut\"}\n"
    "    done\n"
    "}\n"
    "\n"
    "complete -o bashdefault -o default -F _jobpool jobpool\n";

static void put_option(struct buffer *out, const struct command *c, const struct poptOption *o)
{
    static const char *const names[] = {[COMPLETE_TEXT] = "text",
                                        [COMPLETE_FILE] = "file",
                                        [COMPLETE_DIR] = "dir",
                                        [COMPLETE_COMMAND] = "command",
                                        [COMPLETE_VARIABLE] = "variable"};
    (void)c;
    enum completion_kind kind = completion_value(o);
    const char *value = kind == COMPLETE_NONE ? "" : kind == COMPLETE_CHOICE ? o->argDescrip : names[kind];
    const char *equals = *value ? "=" : "";
    if (o->shortName)
        buffer_printf(out, " -%c%s%s", o->shortName, equals, value);
    buffer_printf(out, " --%s%s%s", o->longName, equals, value);
}

void completion_bash(struct buffer *out)
{
    static const char *const words[] = {[COMPLETE_NONE] = "none",
                                        [COMPLETE_FILE] = "file",
                                        [COMPLETE_COMMAND] = "command",
                                        [COMPLETE_OWN] = "own"};
    buffer_puts(out, head);
    for (size_t i = 0; commands[i]; i++) {
        buffer_printf(out, "    %s) echo '", commands[i]->name);
        completion_each(out, commands[i], put_option);
        buffer_puts(out, "' ;;\n");
    }
    buffer_puts(out,
                "    esac\n}\n\n# What the words of a command are.\n_jobpool_takes()\n{\n    case $1 in\n");
    for (size_t i = 0; commands[i]; i++)
        buffer_printf(out, "    %s) echo %s ;;\n", commands[i]->name, words[completion_words(commands[i])]);
    buffer_puts(out, tail);
    buffer_puts(out, "_jobpool_commands='");
    for (size_t i = 0; commands[i]; i++)
        buffer_printf(out, "%s%s", i == 0 ? "" : "|", commands[i]->name);
    buffer_puts(out, "'\n");
}
