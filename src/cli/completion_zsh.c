/* The script for zsh, for a directory in $fpath. */
#include "cli/completion.h"

#include <stdio.h>

static void put_action(struct buffer *out, const struct poptOption *o)
{
    switch (completion_value(o)) {
    case COMPLETE_FILE:
        buffer_puts(out, "_files");
        break;
    case COMPLETE_DIR:
        buffer_puts(out, "_files -/");
        break;
    case COMPLETE_COMMAND:
        buffer_puts(out, "_command_names -e");
        break;
    case COMPLETE_VARIABLE:
        buffer_puts(out, "_parameters -g \"*export*\"");
        break;
    case COMPLETE_CHOICE:
        buffer_putc(out, '(');
        completion_choices(out, o);
        buffer_putc(out, ')');
        break;
    default:
        buffer_putc(out, ' ');
        break;
    }
}

static void put_option(struct buffer *out, const struct command *c, const struct poptOption *o)
{
    (void)c;
    bool has_value = completion_value(o) != COMPLETE_NONE;
    buffer_puts(out, "            ");
    if (completion_repeats(o))
        buffer_puts(out, "'*'");
    if (o->shortName) {
        if (!completion_repeats(o))
            buffer_printf(out, "'(-%c --%s)'", o->shortName, o->longName);
        buffer_printf(out, "{-%c%s,--%s%s}", o->shortName, has_value ? "+" : "", o->longName,
                      has_value ? "=" : "");
    } else {
        buffer_printf(out, "--%s%s", o->longName, has_value ? "=" : "");
    }
    buffer_puts(out, "'[");
    completion_describe(out, o->descrip, "[]\\");
    buffer_putc(out, ']');
    if (has_value) {
        buffer_puts(out, ":");
        buffer_puts(out, completion_value(o) == COMPLETE_CHOICE ? o->longName : o->argDescrip);
        buffer_puts(out, ":");
        put_action(out, o);
    }
    buffer_puts(out, "' \\\n");
}

static void put_command(struct buffer *out, const struct command *c)
{
    buffer_printf(out, "    %s)\n        _arguments -s -S%s : \\\n", c->name,
                  c->takes_command ? " -A '-*'" : "");
    completion_each(out, c, put_option);
    switch (completion_words(c)) {
    case COMPLETE_COMMAND:
        buffer_puts(out, "            '(-)1:command:_command_names -e' \\\n            "
                         "'*::arguments:_normal' && status_=0\n");
        break;
    case COMPLETE_FILE:
        buffer_puts(out, "            '*:file:_files' && status_=0\n");
        break;
    case COMPLETE_OWN:
        buffer_puts(out, "            '1:command:_jobpool_commands' && status_=0\n");
        break;
    default:
        buffer_puts(out, "            && status_=0\n");
        break;
    }
    buffer_puts(out, "        ;;\n");
}

void completion_zsh(struct buffer *out)
{
    buffer_puts(out, "#compdef jobpool\n"
                     "# Completion of jobpool's command line in zsh. Made by: jobpool help --completion zsh\n"
                     "\n"
                     "_jobpool_commands() {\n"
                     "    local -a commands=(\n");
    for (size_t i = 0; commands[i]; i++) {
        buffer_printf(out, "        '%s:", commands[i]->name);
        completion_describe(out, commands[i]->summary, "");
        buffer_puts(out, "'\n");
    }
    buffer_puts(out, "    )\n"
                     "    _describe -t commands command commands\n"
                     "}\n"
                     "\n"
                     "_jobpool() {\n"
                     "    local curcontext=$curcontext state line status_=1\n"
                     "    typeset -A opt_args\n"
                     "    _arguments -C -A '-*' : \\\n"
                     "        '(- *)'{-h,--help}'[show help]' \\\n"
                     "        '(- *)'{-V,--version}'[show the version]' \\\n"
                     "        '1:command:_jobpool_commands' \\\n"
                     "        '*::arguments:->arguments' && status_=0\n"
                     "    [[ $state == arguments ]] || return status_\n"
                     "    curcontext=${curcontext%:*:*}:jobpool-$words[1]:\n"
                     "    case $words[1] in\n");
    for (size_t i = 0; commands[i]; i++)
        put_command(out, commands[i]);
    buffer_puts(out, "    esac\n"
                     "    return status_\n"
                     "}\n"
                     "\n"
                     "_jobpool \"$@\"\n");
}
