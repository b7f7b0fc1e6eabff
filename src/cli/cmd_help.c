/* `jobpool help`: help on a command, and the completions for shells. */
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/option_text.h"

#include <stddef.h>
#include <unistd.h>

static struct {
    const char **completion;
} raw;

static const struct poptOption table[] = {
    {"completion", 0, POPT_ARG_ARGV, &raw.completion, 0,
     "print the script that completes jobpool's command line in that shell", "bash|zsh|fish"},
    POPT_TABLEEND,
};

static const struct option_group group = {"Options", table};

static int print_completion(int count)
{
    struct error err = {0};
    int shell = 0;
    if (count > 0) {
        complain("help --completion takes no command");
        return 2;
    }
    if (option_choice(raw.completion, completion_shells, &shell, "--completion", &err) < 0) {
        complain("%s", err.message);
        return 2;
    }
    return completion_print(completion_shells[shell], STDOUT_FILENO);
}

static int run(const char **words, int count)
{
    if (raw.completion)
        return print_completion(count);
    if (count == 0)
        return help_overview(STDOUT_FILENO);
    if (count > 1) {
        complain("help takes one command, not %d", count);
        return 2;
    }
    const struct command *c = command_find(words[0]);
    return c ? help_command(c, STDOUT_FILENO) : command_unknown(words[0]);
}

static const struct option_group *const groups[] = {&group, NULL};

const struct command cmd_help = {
    .name = "help",
    .summary = "show help on a command, or print completions for a shell",
    .usage = "[OPTIONS] [COMMAND]",
    .description = "Shows the help of a command, as jobpool COMMAND --help does, or what commands there are.",
    .groups = groups,
    .examples = "jobpool help map\n"
                "jobpool help --completion bash > ~/.local/share/bash-completion/completions/jobpool\n"
                "jobpool help --completion fish > ~/.config/fish/completions/jobpool.fish",
    .run = run,
};
