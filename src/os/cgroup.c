/* Nobody is ever moved into the group, as that takes milliseconds, so jobpool and its guardian stay outside.
 *
 * A group can be removed when nobody lives in it and no group is below it. A jobpool within a task makes its own
 * there; if it was killed together with its guardian, that is left to us. Who was killed is gone in a moment:
 * the group's file cgroup.events can be polled for that.
 */
#include "os/cgroup.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "os/clock.h"
#include "os/hierarchy.h"
#include "os/vfork_into.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WALK_DESCRIPTORS 16
#define PAUSE_NS         NS_PER_MS

void cgroup_name(struct cgroup *g, const char *run)
{
    struct hierarchy h;
    *g = (struct cgroup){.fd = -1};
    if (!vfork_into_exists() || !hierarchy_find(&h, NULL))
        return;
    /* The mark of a run within a run begins with the outer one's. */
    const char *inner = strrchr(run, '/');
    if (!h.is_outside)
        g->dir = xasprintf("%s/jobpool.%s", h.own, inner ? inner + 1 : run);
    hierarchy_fini(&h);
}

/* Without the file it is no group at all, or the kernel is too old. */
void cgroup_make(struct cgroup *g)
{
    if (!g->dir)
        return;
    bool made = mkdir(g->dir, 0755) == 0;
    if (made)
        g->fd = open(g->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (g->fd >= 0 && faccessat(g->fd, "cgroup.kill", W_OK, AT_EACCESS) == 0)
        return;
    if (made)
        rmdir(g->dir);
    cgroup_fini(g);
}

void cgroup_fini(struct cgroup *g)
{
    if (g->fd >= 0)
        close(g->fd);
    free(g->dir);
    *g = (struct cgroup){.fd = -1};
}

static int open_file(const struct cgroup *g, const char *name, int flags)
{
    char *path = xasprintf("%s/%s", g->dir, name);
    int fd = open(path, flags | O_CLOEXEC);
    free(path);
    return fd;
}

void cgroup_kill(const struct cgroup *g)
{
    int fd = g->dir ? open_file(g, "cgroup.kill", O_WRONLY) : -1;
    if (fd < 0)
        return;
    while (write(fd, "1", 1) < 0 && errno == EINTR)
        ;
    close(fd);
}

/* Does anybody live in it or below? Not if it has been removed meanwhile. */
static bool is_populated(int events_fd)
{
    char text[256];
    ssize_t n = pread(events_fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return strstr(text, "populated 1") != NULL;
}

static void await_emptiness(const struct cgroup *g, int64_t limit)
{
    struct pollfd wait = {.fd = open_file(g, "cgroup.events", O_RDONLY), .events = POLLPRI};
    if (wait.fd < 0)
        return;
    /* To read it is to say which state is known; poll tells of the next. */
    while (is_populated(wait.fd)) {
        int64_t left = limit - clock_monotonic_ns();
        if (left <= 0)
            break;
        (void)poll(&wait, 1, (int)(left / NS_PER_MS) + 1);
    }
    close(wait.fd);
}

static int remove_group(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status, (void)place;
    if (type == FTW_DP)
        rmdir(path);
    return 0;
}

/* Those below go first. */
static bool remove_all(const struct cgroup *g)
{
    (void)nftw(g->dir, remove_group, WALK_DESCRIPTORS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    return rmdir(g->dir) == 0 || errno == ENOENT;
}

bool cgroup_remove(const struct cgroup *g, int64_t limit_ns)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    if (!g->dir || rmdir(g->dir) == 0 || errno == ENOENT)
        return true;
    int64_t limit = clock_monotonic_ns() + limit_ns;
    cgroup_kill(g);
    for (;;) {
        await_emptiness(g, limit);
        if (remove_all(g))
            return true;
        if (errno != EBUSY || clock_monotonic_ns() >= limit)
            return false;
        nanosleep(&pause, NULL);
    }
}
