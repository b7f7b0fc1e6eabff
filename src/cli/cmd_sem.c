/* jobpool sem: a command that waits for a slot of a semaphore, which other processes share, and then runs, by
 * default in the background. The process in the background is a fork, made before there is any thread: it keeps
 * the slot, runs the command as `apply` does and ends with it. So it is no part of the run of whoever called
 * sem; within a task of jobpool it carries that task's mark, and ends with it as everything else there.
 */
#include "base/duration.h"
#include "cli/apply.h"
#include "cli/command.h"
#include "cli/dry_run.h"
#include "cli/gnu_status.h"
#include "cli/option_text.h"
#include "cli/options.h"
#include "cli/parallel.h"
#include "cli/sem.h"
#include "cli/task_spec.h"
#include "os/files.h"
#include "os/semaphore.h"
#include "os/terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    int semaphore, fg, bg, wait;
    const char **name, **timeout;
} raw;

static const struct poptOption table[] = {
    {"semaphore", 0, POPT_ARG_NONE, &raw.semaphore, 0, "wait for a slot of a semaphore, then run the command",
     NULL},
    {"semaphore-name", 0, POPT_ARG_ARGV, &raw.name, 0,
     "the semaphore, also --id (default: one for each terminal)", "NAME"},
    {"semaphore-timeout", 0, POPT_ARG_ARGV, &raw.timeout, 0,
     "run without a slot if none is free after this time, also --st; with - in front, give up then",
     "[-]DURATION"},
    {"fg", 0, POPT_ARG_NONE, &raw.fg, 0, "wait for the end of the command, and exit as it did", NULL},
    {"bg", 0, POPT_ARG_NONE, &raw.bg, 0, "leave the command in the background (default)", NULL},
    {"wait", 0, POPT_ARG_NONE, &raw.wait, 0, "wait until nobody has a slot", NULL},
    POPT_TABLEEND,
};

const struct option_group sem_group = {"Semaphore options", table};

bool sem_is_wanted(void)
{
    return raw.semaphore || raw.fg || raw.bg || raw.wait || raw.name || raw.timeout;
}

static int fail(const struct error *err)
{
    complain("%s", err->message);
    return failure_status(125);
}

static int read_timeout(int64_t *ns, bool *gives_up, struct error *err)
{
    const char *text = option_text(raw.timeout);
    *ns = 0;
    *gives_up = text && *text == '-';
    if (!text)
        return 0;
    return duration_parse(text + *gives_up, ns, "--semaphore-timeout", err);
}

/* The command's standard input is ours, but not the terminal: it would be stopped when it reads from that. */
static void pass_input(void)
{
    if (!pool_options.stdin_file && !terminal_is(STDIN_FILENO) && !files_was_closed(STDIN_FILENO))
        pool_options.stdin_file = "-";
}

/* Whoever goes on behind this runs the command; *status is for whoever does not. */
static bool goes_on(int *status)
{
    pid_t child = raw.fg ? 0 : fork();
    *status = 0;
    if (child >= 0)
        return child == 0;
    complain("cannot start a process for the background: %s", strerror(errno));
    *status = failure_status(125);
    return false;
}

static int run_with_slot(struct spec *spec, const char *name)
{
    struct error err = {0};
    int64_t timeout_ns;
    bool gives_up;
    int status;
    unsigned slots = pool_options.slots_given ? pool_options.slots : 1;
    if (read_timeout(&timeout_ns, &gives_up, &err) < 0)
        return fail(&err);
    int slot = semaphore_acquire(name, slots ? slots : SLOTS_MAX, timeout_ns, &err);
    if (slot < 0 && err.code != ERR_TIMEOUT)
        return fail(&err);
    if (slot < 0)
        complain("%s: %s", name,
                 gives_up ? "no slot was free in time" : "no slot was free in time; going on without");
    if (slot < 0 && gives_up)
        return 1;
    pass_input();
    if (goes_on(&status)) {
        pool_options.slots = 1;
        status = apply_run(spec);
    }
    if (slot >= 0)
        close(slot);
    return status;
}

int sem_run(const struct words *command)
{
    struct error err = {0};
    char usual[SEMAPHORE_NAME_SIZE];
    semaphore_default_name(usual);
    const char *name = raw.name ? option_text(raw.name) : usual;
    if (!*name) {
        complain("--semaphore-name: the name is empty");
        return failure_status(2);
    }
    if (raw.wait)
        return semaphore_wait(name, &err) < 0 ? fail(&err) : 0;
    if (command->count == 0) {
        complain("sem: no command given; see jobpool sem --help");
        return failure_status(2);
    }
    struct spec *spec = task_spec_new(command, false, &err);
    if (!spec)
        return fail(&err);
    int status = output_options.dry_run ? dry_run_source(NULL, spec, NULL) : run_with_slot(spec, name);
    spec_unref(spec);
    return status;
}

const struct command cmd_sem = {
    .name = "sem",
    .summary = "run a command when a semaphore has a slot for it, as GNU sem does",
    .usage = "[OPTIONS] COMMAND [ARG…]",
    .description =
        "Waits until one of the -j slots (default: 1) of a semaphore is free, and runs the command in the "
        "background. The semaphore is shared by all processes of the user that name it, and a slot is free "
        "again "
        "when its command has ended, however it did. The words are joined by spaces and given to the shell, "
        "as "
        "with jobpool parallel, which does the same with --semaphore.\n"
        "\n"
        "The exit status is 0; with --fg it is the command's own; 1 if it gave up waiting; 255 for any other "
        "failure.",
    .groups = parallel_groups,
    .examples =
        "for file in *.log; do jobpool sem --id zip -j4 gzip \"$file\"; done; jobpool sem --id zip --wait\n"
        "jobpool sem --id backup --fg --st -10s ./backup",
    .takes_command = true,
    .gnu = true,
    .run = parallel_run,
};
