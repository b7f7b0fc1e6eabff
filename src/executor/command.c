/* A script starts as SHELL -c -- SCRIPT. A direct one starts as its words, without a shell; if that cannot
 * be executed, the shell gets it after all, so that message and status are the shell's own.
 *
 * Environment: jobpool's own, JOBPOOL_RUN (in the base already), the task's JOBPOOL_ID, JOBPOOL_SEQ,
 * JOBPOOL_SLOT and JOBPOOL_ATTEMPT, those that GNU parallel gives if asked for, and the spec's variables, which
 * replace those of the same name.
 */
#include "executor/command.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "executor/feeder.h"
#include "os/files.h"
#include "os/groups.h"
#include "os/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define OWN_VARIABLES 7
#define OWN_VARIABLE_SIZE                                                                                    \
    320 /* an id has at most 255 bytes, that of a map's item or a firing a number or two more */

int commander_init(struct commander *c, const struct supervisor_config *config, struct error *err)
{
    *c = (struct commander){.config = config, .null_fd = -1};
    while (config->environment[c->environment_len])
        c->environment_len++;
    c->environment = xcalloc(c->environment_len + OWN_VARIABLES + 1, sizeof *c->environment);
    for (size_t i = 0; i < c->environment_len; i++) {
        c->environment[i] = config->environment[i];
        if (strncmp(c->environment[i], "PATH=", 5) == 0)
            c->path = c->environment[i] + 5;
        else if (strncmp(c->environment[i], "PWD=", 4) == 0)
            c->pwd = c->environment[i] + 4;
    }
    struct rlimit now;
    c->files_inherited = files_inherited_limit();
    c->files_raised = getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur != c->files_inherited.rlim_cur;
    c->null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (c->null_fd < 0)
        return error_set_errno(err, ERR_SYSTEM, errno, "open /dev/null");
    c->spawner = spawner_new(err);
    return c->spawner ? 0 : -1;
}

void commander_fini(struct commander *c)
{
    spawner_free(c->spawner);
    if (c->null_fd >= 0)
        close(c->null_fd);
    free(c->environment);
}

/* ---- environment ---- */

struct environment {
    const char **variables; /* NULL-terminated */
    bool own;               /* allocated for this task */
    const char *path;
    const char *pwd;
    char own_variables[OWN_VARIABLES][OWN_VARIABLE_SIZE];
    size_t own_len;
};

static bool same_name(const char *a, const char *b)
{
    size_t len = strcspn(a, "=");
    return strncmp(a, b, len) == 0 && b[len] == '=';
}

/* A variable of this task's own. Names that are too long are the caller's fault, and are cut. */
__attribute__((format(printf, 3, 4))) static void environment_add(struct environment *e, size_t *len,
                                                                  const char *format, ...)
{
    va_list args;
    char *variable = e->own_variables[e->own_len++];
    va_start(args, format);
    vsnprintf(variable, OWN_VARIABLE_SIZE, format, args);
    va_end(args);
    e->variables[(*len)++] = variable;
}

/* Puts the spec's variables in: over those of the same name, or behind them. */
static void environment_override(struct environment *e, size_t len, const struct words *extra)
{
    const char **all = xcalloc(len + extra->count + 1, sizeof *all);
    memcpy(all, e->variables, len * sizeof *all);
    for (const char *v = NULL; (v = words_next(extra, v));) {
        size_t i = 0;
        while (i < len && !same_name(v, all[i]))
            i++;
        all[i] = v;
        if (i == len)
            len++;
        if (strncmp(v, "PATH=", 5) == 0)
            e->path = v + 5;
        else if (strncmp(v, "PWD=", 4) == 0)
            e->pwd = v + 4;
    }
    e->variables = all;
    e->own = true;
}

static void environment_init(struct environment *e, struct commander *c, const struct task *t)
{
    char id[TASK_ID_SIZE];
    size_t len = c->environment_len;
    e->variables = c->environment;
    e->own = false;
    e->path = c->path;
    e->pwd = c->pwd;
    e->own_len = 0;
    environment_add(e, &len, "JOBPOOL_ID=%s", task_id(t, id));
    environment_add(e, &len, "JOBPOOL_SEQ=%llu", (unsigned long long)t->seq);
    environment_add(e, &len, "JOBPOOL_SLOT=%u", t->slot);
    environment_add(e, &len, "JOBPOOL_ATTEMPT=%u", t->attempt);
    if (c->config->gnu_variables) {
        environment_add(e, &len, "PARALLEL_SEQ=%llu", (unsigned long long)t->seq);
        environment_add(e, &len, "PARALLEL_JOBSLOT=%u", t->slot);
    }
    if (c->config->slot_variable)
        environment_add(e, &len, "%s=%u", c->config->slot_variable, t->slot - 1);
    e->variables[len] = NULL;
    if (t->spec->env.count)
        environment_override(e, len, &t->spec->env);
}

static void environment_fini(struct environment *e)
{
    if (e->own)
        free(e->variables);
}

/* ---- stdin ---- */

/* A task's own input. What it is to find under a name stays open here: /proc names it, and there is no file that
 * could be left behind. */
static int input_open_own(const struct commander *c, const struct input *in, struct command *command, bool *own,
                          struct error *err)
{
    int reader;
    if (in->way == INPUT_FILE)
        reader = feeder_file(in, err);
    else if (feeder_pipe(in, &reader, &command->feed_fd, err) < 0)
        reader = -1;
    if (in->way == INPUT_STDIN || reader < 0)
        return reader;
    command->named_fd = reader;
    *own = false;
    return c->null_fd;
}

/* A descriptor for the task's stdin; *own tells whether it is to be closed here. Never waits for a FIFO's
 * writer. */
static int input_open(const struct commander *c, const struct task *t, struct command *command, bool *own,
                      struct error *err)
{
    const struct spec *spec = t->spec;
    *own = true;
    if (t->input)
        return input_open_own(c, t->input, command, own, err);
    if (spec->input)
        return files_with_content(spec->input, spec->input_len, err);
    const char *path = spec->input_file ? spec->input_file : c->config->input_file;
    if (path) {
        int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
            return error_set_errno(err, ERR_SPAWN, errno, "stdin %s", path);
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
        return fd;
    }
    *own = false;
    return c->config->input_fd >= 0 ? c->config->input_fd : c->null_fd;
}

/* ---- start ---- */

static size_t limits_fill(const struct commander *c, struct spawn_limit *limits, const struct spec *spec)
{
    size_t len = 0;
    if (c->files_raised)
        limits[len++] = (struct spawn_limit){RLIMIT_NOFILE, c->files_inherited};
    for (size_t i = 0; i < spec->limits_len; i++)
        limits[len++] =
            (struct spawn_limit){spec->limits[i].resource, {spec->limits[i].value, spec->limits[i].value}};
    return len;
}

/* Does PWD name the folder that the task starts in? If it does not, a shell sets it. */
static bool pwd_is_right(const char *pwd, const char *cwd)
{
    struct stat named, real;
    return pwd && pwd[0] == '/' && stat(pwd, &named) == 0 && stat(cwd ? cwd : ".", &real) == 0 &&
           named.st_dev == real.st_dev && named.st_ino == real.st_ino;
}

/* Executes the rendering: as words if it may be, else through the shell. */
static int command_spawn(struct commander *c, struct task *t, const char *pwd, struct spawn *desc,
                         struct child *child, struct error *err)
{
    const struct rendering *r = &t->rendering;
    if (!r->script || (r->direct && pwd_is_right(pwd, desc->cwd))) {
        char **argv = words_argv(&r->argv);
        desc->argv = argv;
        desc->no_sh_fallback = r->direct;
        int got = spawn_start(c->spawner, desc, child, err);
        free(argv);
        if (got == 0 || !r->direct || command_is_transient(err) || err->sys_errno == E2BIG)
            return got;
    }
    char *shell[] = {(char *)(uintptr_t)template_shell(t->spec->template), (char[]){"-c"}, (char[]){"--"},
                     r->script, NULL};
    desc->argv = shell;
    desc->no_sh_fallback = false;
    int got = spawn_start(c->spawner, desc, child, err);
    desc->argv = NULL;
    return got;
}

static void close_pipe_end(int fd)
{
    if (fd > STDERR_FILENO)
        close(fd);
}

/* Two pipes; or, ungrouped, jobpool's own stdout and stderr and nothing to read. */
static int command_open_outputs(const struct commander *c, int out[2], int errs[2], struct error *err)
{
    if (c->config->ungroup) {
        out[0] = errs[0] = -1;
        out[1] = STDOUT_FILENO;
        errs[1] = STDERR_FILENO;
        return 0;
    }
    if (files_pipe(out, err) < 0)
        return -1;
    if (files_pipe(errs, err) == 0)
        return 0;
    close(out[0]);
    close(out[1]);
    return -1;
}

static int command_start_with(struct commander *c, struct task *t, int in_fd, struct command *command,
                              struct error *err)
{
    int out[2], errs[2];
    if (command_open_outputs(c, out, errs, err) < 0)
        return -1;
    struct environment environment;
    struct spawn_limit limits[SPEC_LIMITS + 1];
    environment_init(&environment, c, t);
    struct spawn desc = {
        .envp = (char *const *)(uintptr_t)environment.variables,
        .path = environment.path,
        .cwd = t->spec->cwd ? t->spec->cwd : c->config->cwd,
        .fds = {in_fd, out[1], errs[1]},
        .nice = t->spec->nice == SPEC_NICE_UNSET ? c->config->nice : t->spec->nice,
        .limits = limits,
        .limits_len = limits_fill(c, limits, t->spec),
        .signals = c->config->signals,
        .cgroup = c->config->cgroup,
    };
    int got = command_spawn(c, t, environment.pwd, &desc, &command->child, err);
    environment_fini(&environment);
    close_pipe_end(out[1]);
    close_pipe_end(errs[1]);
    if (got < 0) {
        close_pipe_end(out[0]);
        close_pipe_end(errs[0]);
        return -1;
    }
    command->out_fd = out[0];
    command->err_fd = errs[0];
    return 0;
}

static int command_render(struct task *t, const struct command *command, struct error *err)
{
    struct words name = {0};
    char path[64];
    rendering_fini(&t->rendering);
    if (command->named_fd >= 0) {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), command->named_fd);
        words_add(&name, path, strlen(path));
    }
    int got = template_render(t->spec->template, command->named_fd >= 0 ? &name : &t->args, t->seq, t->slot,
                              &t->rendering, err);
    words_fini(&name);
    return got;
}

int command_start(struct commander *c, struct task *t, struct command *command, struct error *err)
{
    *command = (struct command){.out_fd = -1, .err_fd = -1, .feed_fd = -1, .named_fd = -1};
    if (!t->input && command_render(t, command, err) < 0)
        return -1;
    bool own;
    int in_fd = input_open(c, t, command, &own, err);
    if (in_fd < 0)
        return -1;
    command->own_peak_kib = machine_peak_rss_kib();
    int got = t->input ? command_render(t, command, err) : 0;
    if (got == 0)
        got = command_start_with(c, t, in_fd, command, err);
    int saved = err->sys_errno;
    if (own)
        close(in_fd);
    if (got < 0) {
        close_pipe_end(command->feed_fd);
        close_pipe_end(command->named_fd);
    }
    err->sys_errno = saved;
    return got;
}

bool command_is_transient(const struct error *err)
{
    int e = err->sys_errno;
    return e == EAGAIN || e == ENOMEM || e == EMFILE || e == ENFILE;
}

/* ---- end ---- */

static void outcome_from_status(struct outcome *o, int status)
{
    if (WIFEXITED(status))
        o->exit_code = WEXITSTATUS(status);
    else
        o->signal = WTERMSIG(status);
}

static int64_t microseconds(const struct timeval *t)
{
    return (int64_t)t->tv_sec * 1000000 + t->tv_usec;
}

void command_finish(struct task *t, const struct command *command, enum error_code why, int64_t timeout_ns)
{
    struct outcome *o = &t->outcome;
    struct rusage usage = {0};
    int status = 0;
    groups_remove(command->child.pid);
    while (wait4(command->child.pid, &status, 0, &usage) < 0 && errno == EINTR)
        ;
    outcome_from_status(o, status);
    o->user_us = microseconds(&usage.ru_utime);
    o->sys_us = microseconds(&usage.ru_stime);
    o->max_rss_kib = usage.ru_maxrss > command->own_peak_kib ? usage.ru_maxrss : -1;
    char text[24];
    if (o->code != ERR_NONE)
        return;
    if (why == ERR_TIMEOUT && timeout_ns)
        outcome_fail(o, why, "no end within %s", duration_format(timeout_ns, text, sizeof text));
    else if (why != ERR_NONE)
        outcome_fail(o, why, "%s", error_code_reason(why));
    else if (o->signal)
        outcome_fail(o, ERR_SIGNAL, "killed by signal %d (SIG%s)", o->signal, sigabbrev_np(o->signal));
    else if (o->exit_code != 0)
        outcome_fail(o, ERR_EXIT_STATUS, "exit status %d", o->exit_code);
}
