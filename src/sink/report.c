/* The report: result lines in a file of the user's. Writes block; the file is ours alone, or (append)
 * shared with other jobpools, which lock it for each line.
 *
 * After the first error nothing more is written: the file ends behind the last line that is whole.
 */
#include "sink/sink.h"

#include "base/alloc.h"
#include "base/slice.h"
#include "os/files.h"
#include "sink/line.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct report_sink {
    struct sink sink;
    char *path;
    int fd;
    bool append;
    bool regular;
    off_t end;           /* behind the last whole line, of a regular file of our own */
    struct buffer line;
    struct error error;  /* the first; ERR_NONE */
    bool stopped;        /* by an error of the file */
};

static void keep_error(struct report_sink *s, const struct error *err)
{
    if (s->error.code != ERR_NONE)
        return;
    s->error = *err;
    s->error.code = ERR_IO;
    error_prefix(&s->error, "report %s", s->path);
}

static int write_all(int fd, const char *data, size_t len, struct error *err)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EAGAIN) {
            struct pollfd room = {.fd = fd, .events = POLLOUT};
            (void)poll(&room, 1, -1);
        } else if (n == 0 || (n < 0 && errno != EINTR)) {
            return error_set_errno(err, ERR_IO, n == 0 ? EIO : errno, "write");
        } else if (n > 0) {
            data += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

static int write_capture(struct report_sink *s, const struct capture *c, struct error *err)
{
    struct capture_cursor cursor = {0};
    struct slice slice;
    char *scratch = xmalloc(SPOOL_PIECE);
    int got;
    while ((got = capture_next(c, &cursor, scratch, &slice, err)) > 0)
        if ((got = write_all(s->fd, slice.data, slice.len, err)) < 0)
            break;
    free(scratch);
    return got < 0 ? -1 : write_all(s->fd, "\n", 1, err);
}

/* A large line: rendered into the spool, then copied. Only a file of our own: what is appended under a
 * lock goes in one piece from memory. */
static int write_large(struct report_sink *s, const struct task *task, struct error *err)
{
    struct capture line;
    capture_init(&line, task->outcome.out.spool, 0);
    if (line_to_capture(&line, task, err) < 0)
        keep_error(s, err);
    int got = line.total > 0 ? write_capture(s, &line, err) : 0;
    capture_fini(&line);
    return got;
}

static int write_small(struct report_sink *s, const struct task *task, struct error *err)
{
    buffer_clear(&s->line);
    if (line_to_buffer(&s->line, task, err) < 0)
        keep_error(s, err);
    buffer_putc(&s->line, '\n');
    int got = s->append ? files_append_locked(s->fd, s->line.data, s->line.len, err)
                        : write_all(s->fd, s->line.data, s->line.len, err);
    if (s->line.cap > SPOOL_PIECE * 8)
        buffer_fini(&s->line);
    return got;
}

static void report_event(struct sink *sink, const struct event *event)
{
    struct report_sink *s = (struct report_sink *)sink;
    struct error err;
    if (!task_state_ended(event->to) || s->stopped)
        return;
    bool large = !s->append && event->task->outcome.out.spool && line_is_large(event->task);
    int got = large ? write_large(s, event->task, &err) : write_small(s, event->task, &err);
    if (got < 0) {
        keep_error(s, &err);
        s->stopped = true;
        if (s->regular && !s->append && ftruncate(s->fd, s->end) < 0)
            error_set_errno(&err, ERR_IO, errno, "truncate"); /* the error that is kept stays the first */
    } else if (s->regular && !s->append) {
        s->end = lseek(s->fd, 0, SEEK_CUR);
    }
}

static int report_finish(struct sink *sink, const struct summary *summary, struct error *err)
{
    struct report_sink *s = (struct report_sink *)sink;
    (void)summary;
    int fd = s->fd;
    s->fd = -1;
    s->stopped = true;
    if (fd >= 0 && close(fd) < 0 && errno != EINTR) {
        struct error failed;
        error_set_errno(&failed, ERR_IO, errno, "close");
        keep_error(s, &failed);
    }
    if (s->error.code == ERR_NONE)
        return 0;
    if (err)
        *err = s->error;
    return -1;
}

static void report_free(struct sink *sink)
{
    struct report_sink *s = (struct report_sink *)sink;
    if (s->fd >= 0)
        close(s->fd);
    buffer_fini(&s->line);
    free(s->path);
    free(s);
}

static const struct sink_ops report_ops = {report_event, report_finish, report_free, NULL};

struct sink *sink_report(const char *path, bool append, struct error *err)
{
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | (append ? O_APPEND : O_TRUNC);
    int fd = open(path, flags, 0666);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0) {
        error_set_errno(err, ERR_INPUT, errno, "report %s", path);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    struct report_sink *s = xcalloc(1, sizeof *s);
    s->sink.ops = &report_ops;
    s->path = xstrdup(path);
    s->fd = fd;
    s->append = append;
    s->regular = S_ISREG(st.st_mode);
    return &s->sink;
}
