/* Options on whether a command is a shell script. */
#include "cli/option_text.h"
#include "cli/options.h"

static struct {
    int shell, no_shell;
    const char **shell_path;
} raw;

static const struct poptOption table[] = {
    {"shell", 0, POPT_ARG_NONE, &raw.shell, 0, "the command is a shell script, its words joined by spaces",
     NULL},
    {"no-shell", 0, POPT_ARG_NONE, &raw.no_shell, 0,
     "the command is no shell script, also if it is a single word", NULL},
    {"shell-path", 0, POPT_ARG_ARGV, &raw.shell_path, 0,
     "the shell to run it with; implies --shell (default: /bin/sh)", "FILE"},
    POPT_TABLEEND,
};

/* Of run: a spec says itself whether it is a script. */
static const struct poptOption scripts_table[] = {
    {"shell-path", 0, POPT_ARG_ARGV, &raw.shell_path, 0, "the shell that runs scripts (default: /bin/sh)",
     "FILE"},
    POPT_TABLEEND,
};

const struct option_group scripts_group = {"Shell options", scripts_table};
const struct option_group shell_group = {"Shell options", table};
struct shell_options shell_options;

int options_read_shell(struct error *err)
{
    const char *path = option_text(raw.shell_path);
    if (raw.no_shell && (raw.shell || path))
        return error_set(err, ERR_USAGE, "--no-shell and %s contradict each other; give one of them",
                         raw.shell ? "--shell" : "--shell-path");
    if (path && !*path)
        return error_set(err, ERR_USAGE, "--shell-path: the name is empty; give the path of a shell");
    shell_options.path = path;
    shell_options.form = raw.no_shell ? TEMPLATE_ARGV : raw.shell || path ? TEMPLATE_SCRIPT : TEMPLATE_GUESS;
    return 0;
}
