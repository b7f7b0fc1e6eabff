/* Slots are $XDG_STATE_HOME/jobpool/semaphores/NAME/1, 2 … Only the holder of the lock on `queue` looks for a
 * slot: that is the order. It is told by inotify when a slot's file is closed; the lock falls a moment after
 * that is told, so it looks again for a moment. The last descriptor of a lock may be closed by the kernel when a
 * process dies.
 */
#include "os/semaphore.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/duration.h"
#include "os/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_AGAIN_MS 1000 /* whatever inotify says, or where there is none */
#define SETTLE_MS     1    /* between looks just after a slot was closed */
#define SETTLE_LOOKS  20

/* ---- the folder ---- */

static void add_name(struct buffer *path, const char *name)
{
    for (const char *p = name; *p; p++) {
        unsigned char c = (unsigned char)*p;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                     c == '-' || (c == '.' && p != name);
        buffer_printf(path, plain ? "%c" : "%%%02X", c);
    }
}

/* Makes the folders of a path that are not there, from `from` on. */
static int make_folders(char *path, size_t from, struct error *err)
{
    for (char *slash = strchr(path + from, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool failed = mkdir(path, 0700) < 0 && errno != EEXIST;
        if (failed)
            error_set_errno(err, ERR_IO, errno, "cannot make the folder %s", path);
        *slash = '/';
        if (failed)
            return -1;
    }
    return 0;
}

/* A folder that is ours, and no link. */
static int open_folder(const char *path, struct error *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(err, ERR_IO, errno, "cannot open the folder %s", path);
    if (fstat(fd, &st) == 0 && st.st_uid == geteuid())
        return fd;
    close(fd);
    return error_set(err, ERR_IO, "the folder %s belongs to another user", path);
}

static int folder_of(const char *name, char **path, struct error *err)
{
    struct buffer text = {0};
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state && *state == '/')
        buffer_puts(&text, state);
    else if (home && *home)
        buffer_printf(&text, "%s/.local/state", home);
    else
        return error_set(err, ERR_IO,
                         "there is no place for semaphores: neither XDG_STATE_HOME nor HOME is set");
    buffer_puts(&text, "/jobpool/semaphores/");
    add_name(&text, name);
    buffer_putc(&text, '/');
    *path = buffer_take(&text, NULL);
    int fd = make_folders(*path, 1, err);
    (*path)[strlen(*path) - 1] = '\0'; /* a link would be followed through the slash */
    fd = fd < 0 ? -1 : open_folder(*path, err);
    if (fd < 0)
        free(*path);
    return fd;
}

static int open_file(int folder, const char *name, struct error *err)
{
    int fd = openat(folder, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    return fd < 0 ? error_set_errno(err, ERR_SYSTEM, errno, "semaphore: open %s", name) : fd;
}

/* ---- waiting ---- */

static int64_t left_ms(int64_t deadline_ns)
{
    if (!deadline_ns)
        return INT_MAX;
    int64_t left = deadline_ns - clock_monotonic_ns();
    return left > 0 ? (left + NS_PER_MS - 1) / NS_PER_MS : 0;
}

static int fail_lock(struct error *err)
{
    return error_set_errno(err, ERR_SYSTEM, errno, "semaphore: flock");
}

/* Takes the lock of the file, in time. With a limit it is looked for again and again: flock(2) has none. */
static int lock_in_time(int fd, int64_t deadline_ns, struct error *err)
{
    for (;;) {
        if (flock(fd, LOCK_EX | (deadline_ns ? LOCK_NB : 0)) == 0)
            return 0;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail_lock(err);
        int64_t left = left_ms(deadline_ns);
        if (left == 0)
            return error_set(err, ERR_TIMEOUT, "the semaphore was not free in time");
        poll(NULL, 0, left < 20 ? (int)left : 20);
    }
}

/* Waits until some file of the folder was closed, or it is time to look again. */
static void wait_for_close(int watch, int64_t deadline_ns)
{
    char events[4096];
    int64_t left = left_ms(deadline_ns);
    struct pollfd p = {.fd = watch, .events = POLLIN};
    poll(&p, 1, left < LOOK_AGAIN_MS ? (int)left : LOOK_AGAIN_MS);
    if (watch >= 0 && p.revents & POLLIN) {
        while (read(watch, events, sizeof events) > 0)
            ;
    }
}

/* The first slot that is free: its descriptor, -1 with err->code ERR_NONE if there is none, or another error. A
 * slot that is not free is opened for reading, so that closing it wakes nobody. */
static int look_for_slot(int folder, unsigned count, struct error *err)
{
    err->code = ERR_NONE;
    for (unsigned i = 1; i <= count; i++) {
        char name[16];
        snprintf(name, sizeof name, "%u", i);
        int held = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        bool busy = held >= 0 && flock(held, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
        if (held >= 0)
            close(held);
        if (busy)
            continue;
        int fd = open_file(folder, name, err);
        if (fd < 0)
            return -1;
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return fd;
        int failed = errno;
        close(fd);
        errno = failed;
        if (failed != EWOULDBLOCK)
            return fail_lock(err);
    }
    return -1;
}

static int take_slot(int folder, int watch, unsigned count, int64_t deadline_ns, struct error *err)
{
    for (int looks = SETTLE_LOOKS;;) {
        int fd = look_for_slot(folder, count, err);
        if (fd >= 0 || err->code != ERR_NONE)
            return fd;
        if (left_ms(deadline_ns) == 0)
            return error_set(err, ERR_TIMEOUT, "the semaphore was not free in time");
        if (looks++ < SETTLE_LOOKS) {
            poll(NULL, 0, SETTLE_MS);
            continue;
        }
        wait_for_close(watch, deadline_ns);
        looks = 0;
    }
}

int semaphore_acquire(const char *name, unsigned count, int64_t timeout_ns, struct error *err)
{
    char *path;
    int64_t deadline_ns = timeout_ns ? clock_monotonic_ns() + timeout_ns : 0;
    int fd = -1, folder = folder_of(name, &path, err);
    if (folder < 0)
        return -1;
    int queue = open_file(folder, "queue", err);
    if (queue >= 0 && lock_in_time(queue, deadline_ns, err) == 0) {
        int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC); /* without it slots are looked at every second */
        if (watch >= 0)
            inotify_add_watch(watch, path, IN_CLOSE_WRITE);
        fd = take_slot(folder, watch, count, deadline_ns, err);
        if (watch >= 0)
            close(watch);
    }
    if (queue >= 0)
        close(queue);
    close(folder);
    free(path);
    return fd;
}

/* A shared lock waits for the holder, and holds up nobody else for longer than it takes to give it back. */
static int wait_for_file(int folder, const char *name, struct error *err)
{
    int fd = openat(folder, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC), got;
    if (fd < 0)
        return error_set_errno(err, ERR_SYSTEM, errno, "semaphore: open %s", name);
    while ((got = flock(fd, LOCK_SH)) < 0 && errno == EINTR)
        ;
    if (got < 0)
        fail_lock(err);
    close(fd);
    return got;
}

int semaphore_wait(const char *name, struct error *err)
{
    char *path;
    int status = 0, folder = folder_of(name, &path, err);
    if (folder < 0)
        return -1;
    DIR *dir = fdopendir(folder);
    for (struct dirent *e; dir && status == 0 && (e = readdir(dir));) {
        if (e->d_name[0] >= '1' && e->d_name[0] <= '9')
            status = wait_for_file(folder, e->d_name, err);
    }
    if (dir)
        closedir(dir);
    else
        close(folder);
    free(path);
    return status;
}

void semaphore_default_name(char name[SEMAPHORE_NAME_SIZE])
{
    char text[1024] = "";
    int terminal = 0;
    FILE *file = fopen("/proc/self/stat", "re");
    size_t len = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[len] = '\0';
    const char *behind = strrchr(text, ')'); /* a name may have anything in it */
    if (!behind || sscanf(behind, ") %*c %*d %*d %*d %d", &terminal) != 1) /* NOLINT(cert-err34-c) */
        terminal = 0;
    if (terminal)
        snprintf(name, SEMAPHORE_NAME_SIZE, "terminal-%d", terminal);
    else
        snprintf(name, SEMAPHORE_NAME_SIZE, "default");
}
