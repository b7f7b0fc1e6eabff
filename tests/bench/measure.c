/* Runs a command and appends one line to a file: what it cost.
 *
 *     measure FILE COMMAND [ARG…]
 *
 * The line is: wall time, in seconds; the command's own processor time, user and system, all its threads
 * but none of its children, in seconds; peak resident memory of it or any of its children, in KiB; status.
 * Its own time is read from /proc/PID/stat while it is a zombie; resource usage would add its children.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void give_up(const char *what)
{
    perror(what);
    exit(125);
}

/* Fields 14 and 15; the second field may hold anything, so they are counted from the last parenthesis. */
static double own_time(pid_t pid)
{
    char path[64];
    char text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (len <= 0)
        give_up(path);
    close(fd);
    text[len] = '\0';
    const char *rest = strrchr(text, ')');
    unsigned long user;
    unsigned long sys;
    if (!rest || sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &sys) != 2)
        give_up(path);
    return (double)(user + sys) / (double)sysconf(_SC_CLK_TCK);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: measure FILE COMMAND [ARG...]\n", stderr);
        return 2;
    }
    int out = open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (out < 0)
        give_up(argv[1]);

    double began = now();
    pid_t pid = vfork();
    if (pid == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    if (pid < 0)
        give_up("vfork");
    siginfo_t info;
    while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0) {
        if (errno != EINTR)
            give_up("waitid");
    }
    double wall = now() - began;
    double own = own_time(pid);
    struct rusage usage;
    int status;
    if (wait4(pid, &status, 0, &usage) < 0)
        give_up("wait4");
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (dprintf(out, "%.6f %.6f %ld %d\n", wall, own, usage.ru_maxrss, code) < 0)
        give_up(argv[1]);
    return code;
}
