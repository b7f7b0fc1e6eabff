/* jobpool: a job-pool executor. This file picks the command; the rest of the source, from the bottom up:
 *
 *   base/      errors, memory, buffers, lists, heaps, maps; UTF-8, base64, numbers, times as text
 *   os/        what the kernel is asked for: spawning, process trees, control groups, polling, descriptors,
 *              signals, clocks
 *   task/      a task: its spec (JSON in), states, result (JSON out); templates, queue and policies, calendar
 *   source/    where task values and specs come from: arguments, lines, JSON
 *   executor/  how tasks run: supervisor threads that start commands, read their output and reap them
 *   pool/      which task starts when: admission, slots, retries, halt, timers
 *   sink/      where results and events go: JSON, text, report file, progress, callbacks
 *   session/   the protocol of `run`: ops in, lines out; and the items of `map`
 *   cli/       the command line: options by group, help, completions, one cmd_NAME.c per command
 *
 * A folder uses those above it in this list, never those below. Specs flow down from a source through the
 * pool to an executor; what happens to them flows as events to the sinks. Only cli/ and this file print or
 * end the process.
 */
#include "base/alloc.h"
#include "base/nearest.h"
#include "cli/command.h"
#include "cli/default_options.h"
#include "cli/options.h"
#include "cli/parse.h"
#include "os/files.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct command cmd_apply, cmd_map, cmd_run, cmd_parallel, cmd_sem, cmd_help, cmd_version;

const struct command *const commands[] = {&cmd_apply,    &cmd_map,  &cmd_run,
                                         &cmd_parallel, &cmd_sem,  &cmd_help, &cmd_version, NULL};

const struct command *command_find(const char *name)
{
    for (size_t i = 0; commands[i]; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

int command_unknown(const char *name)
{
    const char *names[sizeof commands / sizeof commands[0]] = {NULL};
    for (size_t i = 0; commands[i]; i++)
        names[i] = commands[i]->name;
    const char *near = nearest_name(name, names);
    if (near)
        complain("unknown command '%.200s'; did you mean %s?", name, near);
    else
        complain("unknown command '%.200s'; see jobpool --help", name);
    return 2;
}

static int fail(const struct command *c, const struct error *err)
{
    complain("%s", err->message);
    return c->gnu ? 255 : err->code == ERR_USAGE ? 2 : 125;
}

static int run_command(const struct command *c, int argc, const char **argv)
{
    const char **words;
    int count;
    struct error err = {0};
    if (default_options_add(c, &argc, &argv, &err) < 0)
        return fail(c, &err);
    if (parse_options(c, argc, argv, &words, &count) < 0)
        return c->gnu ? 255 : 2;
    if (help_wanted())
        return help_command(c, STDOUT_FILENO);
    if (c->groups && options_read(&err) < 0)
        return fail(c, &err);
    return c->run(words, count);
}

/* An option where the command should stand. */
static int run_option(const char *option)
{
    if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0)
        return help_overview(STDOUT_FILENO);
    if (strcmp(option, "--version") == 0 || strcmp(option, "-V") == 0)
        return command_find("version")->run(NULL, 0);
    static const char *const names[] = {"--help", "--version", NULL};
    const char *near = nearest_name(option, names);
    if (near)
        complain("unknown option '%.200s'; did you mean %s?", option, near);
    else
        complain("the command comes first: jobpool COMMAND %.200s …; see jobpool --help", option);
    return 2;
}

/* The command that the program is called by the name of, through a link: only those that are meant for that. */
static const struct command *command_of_link(const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    const struct command *c = path ? command_find(slash ? slash + 1 : path) : NULL;
    return c && c->gnu ? c : NULL;
}

int main(int argc, char **argv)
{
    files_ensure_standard();
    /* Without memory jansson crashes, or takes a good value for a bad one; base/alloc says so and aborts. */
    json_set_alloc_funcs(xmalloc, free);
    const struct command *linked = command_of_link(argv[0]);
    if (linked)
        return run_command(linked, argc, (const char **)argv);
    if (argc < 2) {
        help_overview(STDERR_FILENO);
        return 2;
    }
    if (argv[1][0] == '-')
        return run_option(argv[1]);
    const struct command *c = command_find(argv[1]);
    return c ? run_command(c, argc - 1, (const char **)argv + 1) : command_unknown(argv[1]);
}
