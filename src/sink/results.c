#include "sink/results.h"

#include "base/alloc.h"
#include "os/files.h"
#include "os/paths.h"
#include "sink/every_byte.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct results_sink {
    struct sink sink;
    struct result_naming naming;
    bool temporary;
    struct buffer path;  /* of the files, without an end; of the file for stdout */
    bool has_file;       /* path is a whole name */
    struct error error;  /* the first; ERR_NONE */
};

static int keep_error(struct results_sink *s, const struct error *err)
{
    if (s->error.code == ERR_NONE) {
        s->error = *err;
        s->error.code = ERR_IO;
        error_prefix(&s->error, "results");
    }
    return -1;
}

/* Closes a file that was written. One that is not whole goes. */
static int close_file(struct results_sink *s, int fd, const char *path, int written, struct error *err)
{
    if (close(fd) < 0 && errno != EINTR && written == 0)
        written = error_set_errno(err, ERR_IO, errno, "close");
    if (written == 0)
        return 0;
    unlink(path);
    error_prefix(err, "%s", path);
    return keep_error(s, err);
}

/* `data`, or all of a capture, in a file named by the path and `end`, which stays behind it. */
static int write_file(struct results_sink *s, const char *end, const struct capture *c, const struct buffer *data)
{
    struct error err;
    buffer_puts(&s->path, end);
    const char *path = buffer_text(&s->path);
    int fd = paths_create(path, &err);
    if (fd < 0)
        return keep_error(s, &err);
    int got = c ? every_byte_to_file(c, fd, &err) : files_write_all(fd, data->data, data->len, &err);
    return close_file(s, fd, path, got, &err);
}

static int write_temporary(struct results_sink *s, const struct capture *c)
{
    struct error err;
    int fd = paths_create_temporary("par", ".par", &s->path, &err);
    if (fd < 0)
        return keep_error(s, &err);
    return close_file(s, fd, buffer_text(&s->path), every_byte_to_file(c, fd, &err), &err);
}

/* The file for stdout comes last, so that its name stays in `path`. */
static void write_files(struct results_sink *s, const struct task *task)
{
    struct buffer seq = {0};
    buffer_clear(&s->path);
    bool directory = result_name(&s->path, &s->naming, task);
    size_t len = s->path.len;
    buffer_printf(&seq, "%llu", (unsigned long long)task->seq);
    write_file(s, directory ? "seq" : ".seq", NULL, &seq);
    s->path.len = len;
    write_file(s, directory ? "stderr" : ".err", &task->outcome.err, NULL);
    s->path.len = len;
    s->has_file = write_file(s, directory ? "stdout" : "", &task->outcome.out, NULL) == 0;
    buffer_fini(&seq);
}

static void results_event(struct sink *sink, const struct event *event)
{
    struct results_sink *s = (struct results_sink *)sink;
    s->has_file = false;
    if (!task_state_ended(event->to) || event->task->attempt == 0)
        return;
    if (s->temporary)
        s->has_file = write_temporary(s, &event->task->outcome.out) == 0;
    else
        write_files(s, event->task);
}

const char *results_file(const struct sink *sink)
{
    struct results_sink *s = (struct results_sink *)(uintptr_t)sink;
    return s->has_file ? buffer_text(&s->path) : NULL;
}

static int results_finish(struct sink *sink, const struct summary *summary, struct error *err)
{
    struct results_sink *s = (struct results_sink *)sink;
    (void)summary;
    if (s->error.code == ERR_NONE)
        return 0;
    if (err)
        *err = s->error;
    return -1;
}

static void results_free(struct sink *sink)
{
    struct results_sink *s = (struct results_sink *)sink;
    buffer_fini(&s->path);
    free(s);
}

static const struct sink_ops results_ops = {
    .event = results_event, .finish = results_finish, .free = results_free};

struct sink *sink_results(const struct result_naming *naming)
{
    struct results_sink *s = xcalloc(1, sizeof *s);
    s->sink.ops = &results_ops;
    s->temporary = naming == NULL;
    if (naming)
        s->naming = *naming;
    return &s->sink;
}
