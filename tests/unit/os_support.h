/* What the tests of os/ share: a thread that starts tasks as a supervisor does, and waiting for events
 * with a limit instead of sleeping. */
#ifndef JOBPOOL_TESTS_OS_SUPPORT_H
#define JOBPOOL_TESTS_OS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "os/signals.h"
#include "os/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_MS 20000 /* nothing here takes as long, valgrind included */

/* One thread that starts tasks on request and stays until the end, as PDEATHSIG wants. */
struct starter {
    pthread_t thread;
    sem_t asked, answered;
    const struct spawn *desc; /* NULL: end */
    struct child child;
    struct error err;
    int status;
};

static inline void *starter_main(void *arg)
{
    struct starter *s = arg;
    signals_block_all();
    struct spawner *spawner = spawner_new(&s->err);
    for (;;) {
        while (sem_wait(&s->asked) < 0)
            ;
        if (!s->desc)
            break;
        s->status = spawn_start(spawner, s->desc, &s->child, &s->err);
        sem_post(&s->answered);
    }
    spawner_free(spawner);
    return NULL;
}

static inline void starter_init(struct starter *s)
{
    sem_init(&s->asked, 0, 0);
    sem_init(&s->answered, 0, 0);
    assert_int_equal(pthread_create(&s->thread, NULL, starter_main, s), 0);
}

static inline void starter_fini(struct starter *s)
{
    s->desc = NULL;
    sem_post(&s->asked);
    pthread_join(s->thread, NULL);
    sem_destroy(&s->asked);
    sem_destroy(&s->answered);
}

static inline int starter_start(struct starter *s, const struct spawn *desc, struct child *child)
{
    s->desc = desc;
    sem_post(&s->asked);
    while (sem_wait(&s->answered) < 0)
        ;
    *child = s->child;
    return s->status;
}

/* Waits until `fd` has one of `events`; false after the limit. */
static inline bool wait_for(int fd, short events)
{
    struct pollfd wait = {.fd = fd, .events = events};
    int n;
    do
        n = poll(&wait, 1, LIMIT_MS);
    while (n < 0 && errno == EINTR);
    return n == 1;
}

static inline int pidfd_of(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* Is the process dead, or about to be? A number that is gone is dead. */
static inline bool dies(pid_t pid)
{
    int fd = pidfd_of(pid);
    if (fd < 0)
        return true;
    bool dead = wait_for(fd, POLLIN);
    close(fd);
    return dead;
}

static inline bool is_dead(pid_t pid)
{
    int fd = pidfd_of(pid);
    if (fd < 0)
        return true;
    struct pollfd now = {.fd = fd, .events = POLLIN};
    bool dead = poll(&now, 1, 0) == 1;
    close(fd);
    return dead;
}

/* Reads to the end of the file, at most size - 1 bytes, and ends them with a NUL. */
static inline size_t read_all(int fd, char *text, size_t size)
{
    size_t len = 0;
    ssize_t n = 1;
    while (len < size - 1 && n != 0 && wait_for(fd, POLLIN)) {
        n = read(fd, text + len, size - 1 - len);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            break;
        len += n > 0 ? (size_t)n : 0;
    }
    text[len] = '\0';
    return len;
}

/* Reads one line without its newline; false at the end or after the limit. */
static inline bool read_line(int fd, char *text, size_t size)
{
    for (size_t len = 0; len < size - 1;) {
        if (!wait_for(fd, POLLIN))
            return false;
        ssize_t n = read(fd, text + len, 1);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        if (n == 1 && text[len] == '\n') {
            text[len] = '\0';
            return true;
        }
        len += n > 0 ? 1 : 0;
    }
    return false;
}

static inline pid_t read_pid(int fd)
{
    char text[32];
    assert_true(read_line(fd, text, sizeof text));
    pid_t pid = (pid_t)strtol(text, NULL, 10);
    assert_true(pid > 1);
    return pid;
}

static inline int open_null(void)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

/* May this process have control groups of its own? Found out by other means than those of os/cgroup.c. */
static inline bool may_have_groups(void)
{
    char dir[512], file[600];
    FILE *found = popen("p=$(sed -n 's/^0:://p' /proc/self/cgroup); [ -n \"$p\" ] && "
                        "awk '/ - cgroup2 /{ print $5; exit }' /proc/self/mountinfo | sed \"s|\\$|$p|\"", "r");
    bool named = fgets(dir, sizeof dir, found) != NULL;
    pclose(found);
    if (!named)
        return false;
    dir[strcspn(dir, "\n")] = '\0';
    snprintf(file, sizeof file, "%s/jobpool-test.%d", dir, (int)getpid());
    if (mkdir(file, 0755) < 0)
        return false;
    rmdir(file);
    return syscall(435, NULL, 0) < 0 && errno == EINVAL; /* clone3, which filters refuse in other words */
}

/* In a forked process a failed check is the exit status: its line, as far as that fits. */
#define CHECK(condition) \
    do { \
        if (!(condition)) \
            return __LINE__ % 250 + 1; \
    } while (0)

static inline int status_of(int (*body)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(body());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static inline void in_process(int (*body)(void))
{
    int status = status_of(body);
    if (status)
        print_error("wait status %#x: line %d or 250 more\n", (unsigned)status, WEXITSTATUS(status) - 1);
    assert_int_equal(status, 0);
}

static inline int reap_status(const struct child *child)
{
    int status = -1;
    assert_true(wait_for(child->pidfd, POLLIN));
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    close(child->pidfd);
    return status;
}

#endif
