/* The options that only the name `parallel` has, and GNU parallel's defaults for the others. */
#include "base/alloc.h"
#include "cli/option_text.h"
#include "cli/options.h"
#include "os/ancestor.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    int quote, print_commands, no_keep_order, plain, citation, shell_quote;
    const char **slot_variable, **profile;
} raw;

static const struct poptOption table[] = {
    {"quote", 'q', POPT_ARG_NONE, &raw.quote, 0, "the words of the command mean nothing to the shell", NULL},
    {"print-commands", 'v', POPT_ARG_NONE, &raw.print_commands, 0,
     "print each command in front of its output", NULL},
    {"no-keep-order", 0, POPT_ARG_NONE, &raw.no_keep_order, 0,
     "take back a --keep-order that a profile or $PARALLEL gives", NULL},
    {"process-slot-var", 0, POPT_ARG_ARGV, &raw.slot_variable, 0,
     "set this variable to the number of the slot, from 0", "NAME"},
    {"shell-quote", 0, POPT_ARG_NONE, &raw.shell_quote, 0,
     "print the commands quoted for a shell, run nothing", NULL},
    {"profile", 'J', POPT_ARG_ARGV, &raw.profile, 0,
     "read options from ~/.parallel/NAME, not from ~/.parallel/config; may be repeated", "NAME"},
    {"plain", 0, POPT_ARG_NONE, &raw.plain, 0, "read neither $PARALLEL nor profiles", NULL},
    {"citation", 0, POPT_ARG_NONE, &raw.citation, 0, "accepted, nothing follows from it", NULL},
    POPT_TABLEEND,
};

const struct option_group parallel_group = {"Options of GNU parallel", table};
struct parallel_options parallel_options;

/* A shell for which values can be quoted. */
static bool is_usable(const char *path)
{
    return template_quotes_for(path);
}

/* Is it what /bin/sh is, and does the name make no difference to it (as it does to bash)? */
static bool is_bin_sh(const char *path)
{
    char *sh = realpath("/bin/sh", NULL);
    const char *name = strrchr(path, '/');
    bool same = sh && strcmp(sh, path) == 0 && name && strcmp(name, "/dash") == 0;
    free(sh);
    return same || strcmp(path, "/bin/sh") == 0;
}

/* $PARALLEL_SHELL; or the shell that this program was started from, near or far; or $SHELL; or /bin/sh. Those
 * after the first count only if values can be quoted for them. NULL: /bin/sh. */
static const char *find_shell(void)
{
    static char *found;
    const char *asked = getenv("PARALLEL_SHELL"), *usual = getenv("SHELL");
    if (asked && *asked)
        return is_bin_sh(asked) ? NULL : asked;
    free(found);
    found = ancestor_program(is_usable);
    if (!found && usual && *usual == '/' && is_usable(usual) && access(usual, X_OK) == 0)
        found = xstrdup(usual);
    return found && is_bin_sh(found) ? NULL : found;
}

static int read_slot_variable(struct error *err)
{
    const char *name = option_text(raw.slot_variable);
    parallel_options.slot_variable = name;
    if (name && (!*name || strchr(name, '=') || strlen(name) > 255))
        return error_set(err, ERR_USAGE, "--process-slot-var: '%.200s' is no name of a variable", name);
    return 0;
}

static void change_defaults(void)
{
    replace_options.no_plus = !replace_options.plus;
    item_options.keep_empty = !item_options.skip_blank;
    if (!output_options.form_given && !output_options.events)
        output_options.form = OUTPUT_TEXT;
    if (raw.no_keep_order)
        output_options.keep_order = false;
    if (shell_options.form != TEMPLATE_ARGV)
        shell_options.form = TEMPLATE_SCRIPT;
    if (!shell_options.path && shell_options.form == TEMPLATE_SCRIPT)
        shell_options.path = find_shell();
}

int options_read_parallel(struct error *err)
{
    if (!parallel_options.on)
        return 0;
    parallel_options.quote = raw.quote != 0;
    parallel_options.print_commands = raw.print_commands != 0;
    parallel_options.citation = raw.citation != 0;
    if (read_slot_variable(err) < 0)
        return -1;
    change_defaults();
    return 0;
}
