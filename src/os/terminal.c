/* Questions about the terminal and this process's place in its session. Nothing here changes anything. */
#include "os/terminal.h"

#include "os/proc.h"

#include <sys/ioctl.h>
#include <unistd.h>

bool terminal_is(int fd)
{
    return isatty(fd) == 1;
}

int terminal_width(int fd)
{
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool terminal_group_orphaned(void)
{
    pid_t group = getpgrp();
    pid_t session = getsid(0);
    struct proc p;
    /* Ancestors in our own group say nothing; the first in another group decides. */
    for (pid_t pid = getppid(); pid > 0 && proc_read(pid, &p); pid = p.parent)
        if (p.group != group)
            return p.session != session;
    return true;
}

bool terminal_foreground(int fd)
{
    return tcgetpgrp(fd) == getpgrp();
}
