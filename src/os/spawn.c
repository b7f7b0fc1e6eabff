/* Spawning by vfork, into the control group of the run where there is one (os/vfork_into.h).
 *
 * The child shares our memory while this thread sleeps, so the two sides are kept apart: launch() does
 * nothing but vfork, and run_child() never returns and reads a const description. It writes to nothing but
 * its own stack, the script vector and one flag of this spawner, and the shared page, which says which call
 * failed and how. Whatever needs memory (the paths to try, the vector for /bin/sh) is laid out before, in
 * arrays that the spawner keeps.
 *
 * The pidfd is opened behind vfork: the child is ours and not reaped, so its number is still its own. By
 * then it runs; to be killed for want of a descriptor, and then tried again, would run a task twice. So the
 * spawner holds one spare descriptor and gives it up for a pidfd when there is no other.
 *
 * Where vfork is only fork (TSan, valgrind, qemu), nobody waits for execve. The child's first write to our
 * memory tells: if we do not see it, the parent waits until the child has lost the spare, which is O_CLOEXEC.
 */
#include "os/spawn.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "os/groups.h"
#include "os/vfork_into.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PIDFD_TRIES 1000
#define PIDFD_PAUSE_US 1000

enum stage { STAGE_STARTED, STAGE_DESCRIPTORS, STAGE_CWD, STAGE_LIMITS, STAGE_NICE, STAGE_EXEC };

struct report {
    volatile int stage;
    volatile int error;
};

struct spawner {
    struct report *report;
    int spare_fd;
    bool group_refused;      /* no child can be born in a control group */
    volatile bool is_shared; /* the child wrote this: it shares our memory */
    struct buffer paths; /* what to try, each followed by a NUL; an empty one ends it */
    const char **script; /* "/bin/sh", FILE, the rest of argv */
    size_t script_cap;
    char *default_path;
};

/* What the child reads. */
struct launch {
    const struct spawn *desc;
    const char *paths;
    const char **script; /* NULL: no /bin/sh */
    struct report *report;
    volatile bool *is_shared;
    pid_t parent;
};

struct spawner *spawner_new(struct error *err)
{
    struct spawner *s = xcalloc(1, sizeof *s);
    s->spare_fd = -1;
    void *page = mmap(NULL, sizeof *s->report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        error_set_errno(err, ERR_SYSTEM, errno, "mmap");
        free(s);
        return NULL;
    }
    s->report = page;
    return s;
}

void spawner_free(struct spawner *s)
{
    if (!s)
        return;
    munmap(s->report, sizeof *s->report);
    if (s->spare_fd >= 0)
        close(s->spare_fd);
    buffer_fini(&s->paths);
    free(s->script);
    free(s->default_path);
    free(s);
}

__attribute__((noreturn)) static void fail_child(const struct launch *l, enum stage stage)
{
    l->report->error = errno;
    l->report->stage = (int)stage;
    _exit(127);
}

static bool may_try_next(int error)
{
    return error == ENOENT || error == ENOTDIR || error == EACCES || error == ESTALE || error == ENODEV ||
           error == ETIMEDOUT;
}

/* Returns only if nothing could be executed; errno says why, as execvp(3) would. */
static void execute(const struct launch *l)
{
    bool denied = false;
    errno = ENOENT;
    for (const char *path = l->paths; *path; path += strlen(path) + 1) {
        execve(path, l->desc->argv, l->desc->envp);
        if (errno == ENOEXEC && l->script) {
            l->script[1] = path;
            execve(l->script[0], (char *const *)l->script, l->desc->envp);
        }
        if (!may_try_next(errno))
            return;
        denied = denied || errno == EACCES;
    }
    errno = denied ? EACCES : errno;
}

static int place_descriptor(int fd, int place)
{
    return fd == place ? fcntl(fd, F_SETFD, 0) : dup2(fd, place);
}

/* A new process has no signals pending. What came since was sent to the group that it has left (the terminal
 * does that, for ^Z or output from the background) and not meant for it; and a stop here would keep the parent
 * in vfork for ever. */
static void drop_pending(void)
{
    sigset_t all;
    const struct timespec none = {0};
    sigfillset(&all);
    while (syscall(SYS_rt_sigtimedwait, &all, NULL, &none, _NSIG / 8) > 0)
        ;
}

/* Everything of the child. Only async-signal-safe calls; none can block. */
__attribute__((noreturn)) static void run_child(const void *launch)
{
    const struct launch *l = launch;
    const struct spawn *d = l->desc;
    *l->is_shared = true;
    /* If the parent died before prctl, its death signal will not come. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != l->parent)
        _exit(127);
    setpgid(0, 0);
    groups_add(getpid());
    drop_pending();
    for (int i = 0; i < 3; i++)
        if (place_descriptor(d->fds[i], i) < 0)
            fail_child(l, STAGE_DESCRIPTORS);
    if (d->cwd && chdir(d->cwd) < 0)
        fail_child(l, STAGE_CWD);
    for (size_t i = 0; i < d->limits_len; i++)
        if (setrlimit((__rlimit_resource_t)d->limits[i].resource, &d->limits[i].value) < 0)
            fail_child(l, STAGE_LIMITS);
    errno = 0;
    if (d->nice && nice(d->nice) == -1 && errno)
        fail_child(l, STAGE_NICE);
    if (d->signals->child_was_ignored) {
        struct sigaction action = {.sa_handler = SIG_IGN};
        sigaction(SIGCHLD, &action, NULL);
    }
    sigprocmask(SIG_SETMASK, &d->signals->inherited, NULL);
    execute(l);
    fail_child(l, STAGE_EXEC);
}

__attribute__((noinline)) static pid_t launch(const struct launch *l)
{
    pid_t pid = vfork();
    if (pid == 0)
        run_child(l);
    return pid;
}

/* A kernel that is short of something says so either way. Whatever else it says (that it has no such call, that a
 * filter forbids it, that the group is gone) will be so next time. */
static pid_t launch_into_group(struct spawner *s, const struct launch *l)
{
    const struct cgroup *group = l->desc->cgroup;
    if (group && group->fd >= 0 && !s->group_refused) {
        pid_t pid = vfork_into(group->fd, run_child, l);
        if (pid > 0 || errno == EAGAIN || errno == ENOMEM)
            return pid;
        s->group_refused = true;
    }
    return launch(l);
}

/* One entry of PATH with the name behind it; an empty entry is the current directory. */
static void add_path(struct buffer *paths, const char *dir, size_t dir_len, const char *name, size_t name_len)
{
    if (dir_len + name_len + 2 > PATH_MAX)
        return;
    buffer_append(paths, dir, dir_len);
    if (dir_len)
        buffer_putc(paths, '/');
    buffer_append(paths, name, name_len + 1);
}

static const char *system_path(struct spawner *s)
{
    if (!s->default_path) {
        size_t size = confstr(_CS_PATH, NULL, 0);
        s->default_path = xcalloc(1, size + 1);
        confstr(_CS_PATH, s->default_path, size);
    }
    return s->default_path;
}

static void lay_out_paths(struct spawner *s, const struct spawn *desc)
{
    const char *name = desc->argv[0];
    size_t name_len = strlen(name);
    buffer_clear(&s->paths);
    if (name_len && memchr(name, '/', name_len)) {
        buffer_append(&s->paths, name, name_len + 1);
    } else if (name_len) {
        const char *entry = desc->path ? desc->path : system_path(s);
        for (;; entry++) {
            size_t len = strcspn(entry, ":");
            add_path(&s->paths, entry, len, name, name_len);
            entry += len;
            if (!*entry)
                break;
        }
    }
    buffer_putc(&s->paths, '\0');
}

static void lay_out_script(struct spawner *s, char *const *argv)
{
    size_t count = 0;
    while (argv[count])
        count++;
    if (s->script_cap < count + 2) {
        s->script_cap = 2 * count + 16;
        s->script = xrealloc_array(s->script, s->script_cap, sizeof *s->script);
    }
    s->script[0] = "/bin/sh";
    memcpy(s->script + 2, argv + 1, count * sizeof *argv);
}

/* Before the child exists: the descriptor that its pidfd may need. */
static int hold_spare(struct spawner *s)
{
    if (s->spare_fd < 0)
        s->spare_fd = memfd_create("jobpool-spare", MFD_CLOEXEC);
    return s->spare_fd < 0 ? -1 : 0;
}

/* Another thread may take the number of the spare that was given up. It will soon find that it has not enough of
 * them either, and give it back. */
static int open_pidfd(struct spawner *s, pid_t pid)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    for (int i = 0; fd < 0 && (errno == EMFILE || errno == ENFILE) && i < PIDFD_TRIES; i++) {
        if (s->spare_fd >= 0)
            close(s->spare_fd);
        else
            usleep(PIDFD_PAUSE_US);
        s->spare_fd = -1;
        fd = (int)syscall(SYS_pidfd_open, pid, 0);
    }
    return fd;
}

/* The child of a mere fork: until it executes, its copy of the spare is there to be seen. */
static void await_execution(const struct spawner *s, pid_t pid)
{
    char name[64], target[64];
    const char spare[] = "/memfd:jobpool-spare";
    snprintf(name, sizeof name, "/proc/%d/fd/%d", (int)pid, s->spare_fd);
    while (s->report->stage == STAGE_STARTED &&
           readlink(name, target, sizeof target) > (ssize_t)sizeof spare &&
           memcmp(target, spare, sizeof spare - 1) == 0)
        usleep(100);
}

static void reap(pid_t pid)
{
    groups_remove(pid);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

static int report_failure(const struct spawn *desc, const struct report *report, struct error *err)
{
    int error = report->error;
    switch (report->stage) {
    case STAGE_DESCRIPTORS:
        return error_set_errno(err, ERR_SPAWN, error, "dup2");
    case STAGE_CWD:
        return error_set_errno(err, ERR_SPAWN, error, "chdir %s", desc->cwd);
    case STAGE_LIMITS:
        return error_set_errno(err, ERR_SPAWN, error, "setrlimit");
    case STAGE_NICE:
        return error_set_errno(err, ERR_SPAWN, error, "nice %d", desc->nice);
    default:
        return error_set_errno(err, error == ENOENT ? ERR_NOT_FOUND : ERR_SPAWN, error, "%s", desc->argv[0]);
    }
}

int spawn_start(struct spawner *s, const struct spawn *desc, struct child *child, struct error *err)
{
    if (!desc->argv[0])
        return error_set_errno(err, ERR_SPAWN, EINVAL, "empty command");
    if (hold_spare(s) < 0)
        return error_set_errno(err, ERR_SPAWN, errno, "spare descriptor");
    lay_out_paths(s, desc);
    if (!desc->no_sh_fallback)
        lay_out_script(s, desc->argv);

    struct launch l = {
        .desc = desc,
        .paths = s->paths.data,
        .script = desc->no_sh_fallback ? NULL : s->script,
        .report = s->report,
        .is_shared = &s->is_shared,
        .parent = getpid(),
    };
    s->report->stage = STAGE_STARTED;
    s->is_shared = false;
    pid_t pid = launch_into_group(s, &l);
    if (pid < 0)
        return error_set_errno(err, ERR_SPAWN, errno, "fork");
    if (!s->is_shared)
        await_execution(s, pid);
    if (s->report->stage != STAGE_STARTED) {
        reap(pid);
        return report_failure(desc, s->report, err);
    }

    int pidfd = open_pidfd(s, pid);
    if (pidfd < 0) {
        int saved = errno;
        kill(-pid, SIGKILL);
        kill(pid, SIGKILL);
        reap(pid);
        /* Without its errno: it ran for a moment, so it must not be taken for one that may be tried again. */
        error_set_errno(err, ERR_SPAWN, saved, "pidfd_open");
        if (err)
            err->sys_errno = 0;
        return -1;
    }
    *child = (struct child){.pid = pid, .pidfd = pidfd};
    return 0;
}
