#include "os/ancestor.h"

#include "base/alloc.h"
#include "os/proc.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/* The program that runs as `pid`; false if we may not know. */
static bool read_program(pid_t pid, char path[PATH_MAX])
{
    char link[40];
    snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
    ssize_t len = readlink(link, path, PATH_MAX - 1);
    if (len <= 0)
        return false;
    path[len] = '\0';
    return true;
}

char *ancestor_program(bool (*wanted)(const char *path))
{
    char path[PATH_MAX];
    struct proc p;
    for (pid_t pid = getppid(); pid > 1 && proc_read(pid, &p); pid = p.parent) {
        if (read_program(pid, path) && wanted(path) && access(path, X_OK) == 0)
            return xstrdup(path);
    }
    return NULL;
}
