/* Descriptors.
 *
 * files_ensure_standard runs before anything else is opened, so from then on every descriptor that the
 * kernel gives out is 3 or more.
 *
 * A writer never waits and never sets O_NONBLOCK on a description that it shares with the shell or with
 * tasks. It has three ways: a regular file or a plain device is simply written to; a pipe or a terminal is
 * opened a second time through /proc, which gives a description of its own that can be non-blocking; where
 * that is refused (another user's terminal, no /proc), poll(2) goes before each write and a write is at
 * most PIPE_BUF bytes, which is what POLLOUT promises room for as long as nobody else writes.
 */
#include "os/files.h"

#include "base/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool was_closed[3];
static struct rlimit inherited_limit;

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4U
#endif

static void mark_inherited(void)
{
#ifdef SYS_close_range
    if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
        return;
#endif
    /* Before Linux 5.11. */
    DIR *dir = opendir("/proc/self/fd");
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        int fd = (int)strtol(entry->d_name, NULL, 10);
        if (fd > 2)
            (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    if (dir)
        closedir(dir);
}

void files_ensure_standard(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
            continue;
        was_closed[fd] = true;
        /* All lower numbers are in use, so this one is what open returns. */
        if (open("/dev/null", O_RDWR | O_NOCTTY) < 0)
            (void)open("/", O_PATH);
    }
    mark_inherited();
}

bool files_was_closed(int fd)
{
    return fd >= 0 && fd <= 2 && was_closed[fd];
}

/* Moves a descriptor that landed on 0, 1 or 2. */
static int fd_above_standard(int fd)
{
    if (fd < 0 || fd > 2)
        return fd;
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    int saved = errno;
    close(fd);
    errno = saved;
    return moved;
}

int files_pipe(int fds[2], struct error *err)
{
    if (pipe2(fds, O_CLOEXEC) < 0)
        return error_set_errno(err, ERR_SYSTEM, errno, "pipe");
    fds[0] = fd_above_standard(fds[0]);
    int saved = errno;
    fds[1] = fd_above_standard(fds[1]);
    if (fds[0] >= 0 && fds[1] >= 0)
        return 0;
    saved = fds[0] < 0 ? saved : errno;
    for (int i = 0; i < 2; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    fds[0] = fds[1] = -1;
    return error_set_errno(err, ERR_SYSTEM, saved, "pipe");
}

void files_pipe_do_not_wait(int fd)
{
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
}

static int temporary_in(const char *dir)
{
    int fd = open(dir, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd_above_standard(fd);

    /* Not every filesystem has O_TMPFILE, and they refuse it with different errors. */
    char *name = xasprintf("%s/jobpool.XXXXXX", dir);
    fd = mkostemp(name, O_CLOEXEC);
    int saved = errno;
    if (fd >= 0)
        unlink(name);
    free(name);
    errno = saved;
    return fd_above_standard(fd);
}

static const char *chosen_tmpdir(void)
{
    const char *dir = getenv("TMPDIR");
    return dir && *dir ? dir : NULL;
}

int files_temporary(struct error *err)
{
    /* Who sets TMPDIR wants the files there and nowhere else. */
    const char *chosen = chosen_tmpdir();
    const char *const dirs[] = {chosen ? chosen : "/tmp", chosen ? NULL : "/var/tmp"};
    int first_errno = 0;
    for (size_t i = 0; i < 2 && dirs[i]; i++) {
        int fd = temporary_in(dirs[i]);
        if (fd >= 0)
            return fd;
        first_errno = first_errno ? first_errno : errno;
    }
    return error_set_errno(err, ERR_OUTPUT, first_errno, "temporary file in %s", dirs[0]);
}

int files_check_tmpdir(struct error *err)
{
    const char *dir = chosen_tmpdir();
    if (!dir)
        return 0;
    int fd = temporary_in(dir);
    if (fd < 0)
        return error_set_errno(err, ERR_IO, errno, "TMPDIR %s", dir);
    close(fd);
    return 0;
}

bool files_read_whole(const char *name, struct buffer *out)
{
    buffer_clear(out);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n;
    while ((n = read(fd, buffer_reserve(out, 4096), 4096)) > 0 || (n < 0 && errno == EINTR))
        out->len += n > 0 ? (size_t)n : 0;
    close(fd);
    return n == 0;
}

int files_write_all(int fd, const void *data, size_t len, struct error *err)
{
    for (const char *at = data; len > 0;) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            (void)poll(&wait, 1, -1);
        } else if (n == 0 || (n < 0 && errno != EINTR)) {
            return error_set_errno(err, ERR_IO, n == 0 ? EIO : errno, "write");
        } else if (n > 0) {
            at += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

int files_with_content(const void *data, size_t len, struct error *err)
{
    int fd = fd_above_standard(memfd_create("jobpool-input", MFD_CLOEXEC));
    if (fd < 0 && errno != ENOSYS && errno != EPERM)
        return error_set_errno(err, ERR_SYSTEM, errno, "memfd_create");
    if (fd < 0 && (fd = files_temporary(err)) < 0)
        return -1;
    struct error failed;
    if (files_write_all(fd, data, len, &failed) == 0 && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    close(fd);
    return error_set_errno(err, ERR_SYSTEM, failed.sys_errno, "input of %zu bytes", len);
}

enum {
    WRITER_PLAIN = 0,
    WRITER_SOCKET = 1,
    WRITER_PIPE = 2,
    WRITER_TERMINAL = 4,
    WRITER_POLLED = 8, /* could not be opened again: poll before each write */
};

static int writer_kind(int fd)
{
    struct stat st;
    int flags = fcntl(fd, F_GETFL);
    /* Opened again, a read-only descriptor would become writable; left alone it fails as it must. */
    if (fstat(fd, &st) < 0 || flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
        return WRITER_PLAIN;
    if (S_ISSOCK(st.st_mode))
        return WRITER_SOCKET;
    if (S_ISFIFO(st.st_mode))
        return WRITER_PIPE;
    return S_ISCHR(st.st_mode) && isatty(fd) ? WRITER_TERMINAL : WRITER_PLAIN;
}

void files_writer_init(struct files_writer *w, int fd)
{
    *w = (struct files_writer){.fd = fd, .kind = writer_kind(fd)};
    if (!(w->kind & (WRITER_PIPE | WRITER_TERMINAL)))
        return;

    /* The name of a pseudoterminal's master opens a new master, not this one. */
    unsigned int number;
    int again = -1;
    if (!(w->kind & WRITER_TERMINAL) || ioctl(fd, TIOCGPTN, &number) < 0) {
        char name[32];
        snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
        again = fd_above_standard(open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    }
    if (again >= 0) {
        w->fd = again;
        w->own = true;
    } else {
        /* A pipe without a reader is ENXIO here; its first write will be EPIPE. */
        w->kind |= WRITER_POLLED;
    }
}

void files_writer_fini(struct files_writer *w)
{
    if (w->own)
        close(w->fd);
    w->fd = -1;
    w->own = false;
}

static ssize_t writer_attempt(struct files_writer *w, const void *data, size_t len)
{
    if (w->kind == WRITER_SOCKET)
        return send(w->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (w->kind & WRITER_POLLED) {
        struct pollfd room = {.fd = w->fd, .events = POLLOUT};
        int ready = poll(&room, 1, 0);
        if (ready <= 0)
            return ready;
        len = len < PIPE_BUF ? len : PIPE_BUF;
    }
    return write(w->fd, data, len);
}

ssize_t files_write_some(struct files_writer *w, const void *data, size_t len)
{
    for (;;) {
        ssize_t n = writer_attempt(w, data, len);
        if (n >= 0)
            return n;
        if (errno == EAGAIN)
            return 0;
        if (errno != EINTR)
            return -1;
    }
}

bool files_writer_is_pipe(const struct files_writer *w)
{
    return (w->kind & (WRITER_PIPE | WRITER_SOCKET)) != 0;
}

int files_append_begin(int fd, off_t *start, struct error *err)
{
    char last = '\n';
    /* Filesystems without locks still get the bytes, in one write where the kernel takes them. */
    while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
        ;
    *start = lseek(fd, 0, SEEK_END);
    if (*start <= 0 || pread(fd, &last, 1, *start - 1) < 1 || last == '\n')
        return 0;
    int got = files_write_all(fd, "\n", 1, err);
    if (got < 0)
        flock(fd, LOCK_UN);
    else
        *start += 1;
    return got;
}

void files_append_end(int fd, off_t start, bool whole)
{
    if (!whole && start >= 0 && ftruncate(fd, start) == 0)
        (void)lseek(fd, 0, SEEK_END);
    flock(fd, LOCK_UN);
}

long files_raise_limit(void)
{
    if (getrlimit(RLIMIT_NOFILE, &inherited_limit) < 0)
        return sysconf(_SC_OPEN_MAX);
    struct rlimit raised = inherited_limit;
    raised.rlim_cur = raised.rlim_max;
    rlim_t allowed = inherited_limit.rlim_cur;
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
        allowed = raised.rlim_cur;
    return allowed > (rlim_t)INT_MAX ? INT_MAX : (long)allowed;
}

int files_count_open(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (!dir)
        return 16;
    for (struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count - 1;
}

struct rlimit files_inherited_limit(void)
{
    return inherited_limit;
}

/* An epoll set asked for no event reports only hang-ups and errors, and can itself be waited for. */
int files_watch_reader(int fd)
{
    struct epoll_event only_the_end = {.events = 0};
    int set = epoll_create1(EPOLL_CLOEXEC);
    if (set >= 0 && epoll_ctl(set, EPOLL_CTL_ADD, fd, &only_the_end) < 0) {
        close(set);
        return -1;
    }
    return set;
}
