/* The report: result lines in a regular file of the user's. Writes block; the file is ours alone, or (append)
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
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct report_sink {
    struct sink sink;
    char *path;
    int fd;
    bool append;
    off_t end;           /* behind the last whole line, of a file of our own */
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

static int write_capture(int fd, const struct capture *c, struct error *err)
{
    struct capture_cursor cursor = {0};
    struct slice slice;
    char *scratch = xmalloc(SPOOL_PIECE);
    int got;
    while ((got = capture_next(c, &cursor, scratch, &slice, err)) > 0)
        if ((got = files_write_all(fd, slice.data, slice.len, err)) < 0)
            break;
    free(scratch);
    return got < 0 ? -1 : files_write_all(fd, "\n", 1, err);
}

/* A large line is rendered into the spool, a small one in memory: each is complete before the file is touched. */
struct rendered {
    struct capture large;
    bool is_large;
};

static void render(struct report_sink *s, const struct task *task, struct rendered *r)
{
    struct error err;
    r->is_large = task->outcome.out.spool && line_is_large(task);
    buffer_clear(&s->line);
    int got;
    if (r->is_large) {
        capture_init(&r->large, task->outcome.out.spool, 0);
        got = line_to_capture(&r->large, task, &err);
    } else {
        got = line_to_buffer(&s->line, task, &err);
        buffer_putc(&s->line, '\n');
    }
    if (got < 0)
        keep_error(s, &err);
}

/* After a failure the file ends behind the last line that was whole. */
static int write_line(struct report_sink *s, const struct rendered *r, struct error *err)
{
    off_t start = s->end;
    if (s->append && files_append_begin(s->fd, &start, err) < 0)
        return -1;
    int got = r->is_large ? write_capture(s->fd, &r->large, err)
                          : files_write_all(s->fd, s->line.data, s->line.len, err);
    if (s->append)
        files_append_end(s->fd, start, got == 0);
    else if (got == 0)
        s->end = lseek(s->fd, 0, SEEK_CUR);
    else if (ftruncate(s->fd, s->end) < 0)
        return -1; /* the error that is told stays the first */
    return got;
}

static void report_event(struct sink *sink, const struct event *event)
{
    struct report_sink *s = (struct report_sink *)sink;
    struct rendered r;
    struct error err;
    if (!task_state_ended(event->to) || s->stopped)
        return;
    render(s, event->task, &r);
    if (write_line(s, &r, &err) < 0) {
        keep_error(s, &err);
        s->stopped = true;
    }
    if (r.is_large)
        capture_fini(&r.large);
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

static const struct sink_ops report_ops = {.event = report_event, .finish = report_finish, .free = report_free};

/* A file that is appended to is read too, if it may be, to see whether its last line is whole. Nobody waits for
 * the reader of a FIFO: signals would have to wait as well. */
static int open_for_writing(const char *path, bool append)
{
    struct stat st;
    int flags = O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (append ? O_APPEND : O_TRUNC);
    bool readable = append && (stat(path, &st) < 0 || S_ISREG(st.st_mode));
    int fd = readable ? open(path, flags | O_RDWR, 0666) : -1;
    return fd >= 0 ? fd : open(path, flags | O_WRONLY, 0666);
}

int report_open(const char *path, bool append, bool *is_stream, struct error *err)
{
    int fd = open_for_writing(path, append);
    struct stat st;
    if (fd >= 0 && fstat(fd, &st) == 0) {
        *is_stream = !S_ISREG(st.st_mode);
        return fd;
    }
    if (errno == ENXIO)
        error_set(err, ERR_IO, "report %.200s: nobody reads this FIFO; start its reader first", path);
    else
        error_set_errno(err, ERR_IO, errno, "report %s", path);
    if (fd >= 0)
        close(fd);
    return -1;
}

struct sink *sink_report(int fd, const char *path, bool append)
{
    struct report_sink *s = xcalloc(1, sizeof *s);
    s->sink.ops = &report_ops;
    s->path = xstrdup(path);
    s->fd = fd;
    s->append = append;
    return &s->sink;
}
