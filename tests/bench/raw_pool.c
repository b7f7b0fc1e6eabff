/* The reference that jobpool is measured against: the least that a program in C can do to run COUNT
 * commands on N threads with their output captured.
 *
 *     raw_pool -j N -n COUNT -- COMMAND [ARG…]
 *
 * Each thread takes a number, makes two fresh pipes, starts the command with the number behind its arguments
 * (as the others do with their item: /bin/true looks at one, and is slower for it) by vfork, opens a pidfd,
 * reads both pipes to their end, and reaps. What it reads it throws away. No error handling beyond giving up,
 * no process groups, no timeouts, no results.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char **command;
static size_t words; /* of the command, without the number */
static long count;
static int null_fd;
static atomic_long taken;

static _Noreturn void give_up(const char *what)
{
    perror(what);
    exit(1);
}

/* Kept apart, so that no variable of the caller lives across vfork. */
static __attribute__((noinline)) pid_t start(char **argv, int out, int err)
{
    pid_t pid = vfork();
    if (pid == 0) {
        if (dup2(null_fd, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
            _exit(126);
        execv(argv[0], argv);
        _exit(127);
    }
    return pid;
}

/* Reads what is there; false at the end of the pipe. */
static bool drain(int fd)
{
    char bytes[65536];
    ssize_t len = read(fd, bytes, sizeof bytes);
    return len > 0 || (len < 0 && errno == EINTR);
}

static void run_one(long number)
{
    char text[24];
    char *argv[64] = {NULL};
    memcpy(argv, command, words * sizeof *argv);
    snprintf(text, sizeof text, "%ld", number);
    argv[words] = text;
    int out[2];
    int err[2];
    if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
        give_up("pipe2");
    pid_t pid = start(argv, out[1], err[1]);
    if (pid < 0)
        give_up("vfork");
    close(out[1]);
    close(err[1]);
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0)
        give_up("pidfd_open");

    struct pollfd watched[3] = {
        {.fd = out[0], .events = POLLIN}, {.fd = err[0], .events = POLLIN}, {.fd = pidfd, .events = POLLIN}};
    for (int open = 3; open > 0;) {
        if (poll(watched, 3, -1) < 0 && errno != EINTR)
            give_up("poll");
        for (int i = 0; i < 3; i++) {
            if (watched[i].fd >= 0 && watched[i].revents && (i == 2 || !drain(watched[i].fd))) {
                watched[i].fd = -1;
                open--;
            }
        }
    }
    siginfo_t info;
    if (waitid(P_PID, (id_t)pid, &info, WEXITED) < 0)
        give_up("waitid");
    if (info.si_status != 0) {
        fprintf(stderr, "raw_pool: %s: status %d\n", command[0], info.si_status);
        exit(1);
    }
    close(out[0]);
    close(err[0]);
    close(pidfd);
}

static void *work(void *unused)
{
    (void)unused;
    for (long number; (number = atomic_fetch_add(&taken, 1)) < count;)
        run_one(number + 1);
    return NULL;
}

int main(int argc, char **argv)
{
    int jobs = 2;
    int option;
    while ((option = getopt(argc, argv, "+j:n:")) != -1) {
        if (option == 'j')
            jobs = atoi(optarg);
        else if (option == 'n')
            count = atol(optarg);
        else
            return 2;
    }
    command = argv + optind;
    words = (size_t)(argc - optind);
    if (words < 1 || words > 62 || jobs < 1 || jobs > 64) {
        fputs("usage: raw_pool -j N -n COUNT -- COMMAND [ARG...]\n", stderr);
        return 2;
    }
    null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    pthread_t threads[64];
    for (int i = 0; i < jobs; i++) {
        if (pthread_create(&threads[i], NULL, work, NULL) != 0)
            give_up("pthread_create");
    }
    for (int i = 0; i < jobs; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
