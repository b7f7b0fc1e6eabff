/* Messages on stderr. Each is one write(2), so that messages of several processes do not mix within a
 * line. While a run is on they go through its output: nobody may have to wait for a slow reader. */
#include "base/error.h"
#include "cli/command.h"
#include "os/files.h"
#include "sink/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct output *through;

void complain_through(struct output *err)
{
    through = err;
}

void complain(const char *format, ...)
{
    char line[1024] = "jobpool: ";
    size_t start = strlen(line);
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(line + start, sizeof line - start - 1, format, args);
    va_end(args);
    size_t len = start + (wanted > 0 ? (size_t)wanted : 0);
    if (len > sizeof line - 2)
        len = sizeof line - 2;
    for (size_t i = start; i < len; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    }
    line[len++] = '\n';
    if (through)
        buffer_append(output_buffer(through), line, len);
    else
        print_all(STDERR_FILENO, line, len);
}

static int fail(int fd, int sys_errno)
{
    if (fd != STDERR_FILENO)
        complain("cannot write stdout: %s (%s)", strerror(sys_errno), errno_name(sys_errno));
    return 125;
}

int print_all(int fd, const char *text, size_t len)
{
    if (files_was_closed(fd))
        return fail(fd, EBADF);
    while (len > 0) {
        ssize_t written = write(fd, text, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail(fd, errno);
        text += written;
        len -= (size_t)written;
    }
    return 0;
}
