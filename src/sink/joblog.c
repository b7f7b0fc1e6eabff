#include "sink/joblog.h"

#include "base/alloc.h"
#include "os/files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE 4096

struct joblog_sink {
    struct sink sink;
    char *path;
    int fd;
    struct buffer line;
    struct error error; /* the first; ERR_NONE */
};

static void write_line(struct joblog_sink *s)
{
    struct error err;
    struct stat st;
    bool regular = fstat(s->fd, &st) == 0 && S_ISREG(st.st_mode);
    if (files_write_all(s->fd, s->line.data, s->line.len, &err) == 0)
        return;
    s->error = err;
    error_prefix(&s->error, "joblog %.200s", s->path);
    if (regular)
        (void)!ftruncate(s->fd, st.st_size); /* behind its last whole line */
}

static void joblog_event(struct sink *sink, const struct event *event)
{
    struct joblog_sink *s = (struct joblog_sink *)sink;
    bool of_its_own = event->to == TASK_SUCCEEDED || event->to == TASK_FAILED || event->to == TASK_TIMED_OUT;
    if (!of_its_own || event->attempt == 0 || s->error.code != ERR_NONE)
        return;
    buffer_clear(&s->line);
    joblog_write(&s->line, event->task);
    write_line(s);
}

static int joblog_finish(struct sink *sink, const struct summary *summary, struct error *err)
{
    struct joblog_sink *s = (struct joblog_sink *)sink;
    (void)summary;
    int fd = s->fd;
    s->fd = -1;
    if (close(fd) < 0 && errno != EINTR && s->error.code == ERR_NONE)
        error_set_errno(&s->error, ERR_IO, errno, "joblog %s: close", s->path);
    if (s->error.code == ERR_NONE)
        return 0;
    *err = s->error;
    return -1;
}

static void joblog_free(struct sink *sink)
{
    struct joblog_sink *s = (struct joblog_sink *)sink;
    if (s->fd >= 0)
        close(s->fd);
    buffer_fini(&s->line);
    free(s->path);
    free(s);
}

static const struct sink_ops joblog_ops = {.event = joblog_event, .finish = joblog_finish, .free = joblog_free};

/* Where the last whole line ends. */
static off_t find_end(int fd, off_t size)
{
    char piece[PIECE];
    while (size > 0) {
        off_t from = size > PIECE ? size - PIECE : 0;
        ssize_t n = pread(fd, piece, (size_t)(size - from), from);
        const char *last = n > 0 ? memrchr(piece, '\n', (size_t)n) : NULL;
        if (last)
            return from + (last + 1 - piece);
        size = from;
    }
    return 0;
}

static int prepare(struct joblog_sink *s, struct error *err)
{
    struct stat st;
    if (fstat(s->fd, &st) < 0)
        return error_set_errno(err, ERR_IO, errno, "joblog %s", s->path);
    off_t end = S_ISREG(st.st_mode) ? find_end(s->fd, st.st_size) : 0;
    if (S_ISREG(st.st_mode) && end < st.st_size && ftruncate(s->fd, end) < 0)
        return error_set_errno(err, ERR_IO, errno, "joblog %s", s->path);
    if (end > 0)
        return 0;
    buffer_puts(&s->line, JOBLOG_HEADER);
    write_line(s);
    *err = s->error;
    return s->error.code == ERR_NONE ? 0 : -1;
}

struct sink *sink_joblog(const char *path, bool append, struct error *err)
{
    /* Nobody waits for the reader of a FIFO: signals would have to wait as well. Only a file can be read, too. */
    int flags = O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_APPEND | (append ? 0 : O_TRUNC);
    struct stat st;
    bool readable = append && (stat(path, &st) < 0 || S_ISREG(st.st_mode));
    int fd = open(path, flags | (readable ? O_RDWR : O_WRONLY), 0666);
    if (fd < 0) {
        error_set_errno(err, ERR_IO, errno, "joblog %s", path);
        return NULL;
    }
    struct joblog_sink *s = xcalloc(1, sizeof *s);
    s->sink.ops = &joblog_ops;
    s->path = xstrdup(path);
    s->fd = fd;
    if (prepare(s, err) == 0)
        return &s->sink;
    joblog_free(&s->sink);
    return NULL;
}

int joblog_read(const char *path, void (*visit)(void *context, const struct joblog_record *record), void *context,
                struct error *err)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t cap = 0;
    uint64_t number = 0;
    int got = 0;
    if (!file)
        return errno == ENOENT ? 0 : error_set_errno(err, ERR_INPUT, errno, "joblog %s", path);
    for (ssize_t len; got == 0 && (len = getline(&line, &cap, file)) > 0 && line[len - 1] == '\n';) {
        struct joblog_record record;
        if (++number == 1)
            continue;
        if (joblog_parse((struct slice){line, (size_t)len - 1}, &record))
            visit(context, &record);
        else
            got = error_set(err, ERR_INPUT, "joblog %.200s:%" PRIu64 ": no line of a joblog (nine columns with "
                            "tabs between them); take it out, or name another file", path, number);
    }
    if (got == 0 && ferror(file))
        got = error_set_errno(err, ERR_INPUT, errno, "joblog %s: read", path);
    fclose(file);
    free(line);
    return got;
}
