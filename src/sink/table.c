/* The rows of a table, and where they go. How a row looks is in table_row.c. */
#include "sink/table.h"

#include "base/alloc.h"
#include "os/files.h"
#include "os/paths.h"
#include "sink/every_byte.h"
#include "sink/order.h"
#include "sink/table_row.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct table_sink {
    struct sink sink;
    struct table_options options;
    struct output *out;    /* or NULL, and then a file: */
    char *path;
    int fd;
    off_t end;             /* behind its last whole row */
    bool stopped;          /* it takes no more */
    struct order *order;   /* NULL: as they come */
    bool begun;            /* there is a row */
    struct error error;    /* the first; ERR_NONE */
};

static void keep_error(struct table_sink *s, const struct error *err)
{
    if (s->error.code != ERR_NONE)
        return;
    s->error = *err;
    s->error.code = ERR_IO;
    error_prefix(&s->error, "results %s", s->path ? s->path : "on stdout");
}

static void write_row(struct table_sink *s, const struct order_item *item)
{
    struct error err;
    if (s->stopped)
        return;
    int got = s->begun ? 0 : every_byte_to_file(&item->err, s->fd, &err);
    if (got == 0)
        got = every_byte_to_file(&item->out, s->fd, &err);
    if (got == 0) {
        s->end = lseek(s->fd, 0, SEEK_CUR);
        return;
    }
    (void)!ftruncate(s->fd, s->end);
    s->stopped = true;
    keep_error(s, &err);
}

/* A row is in `out`, and while there is none yet the names above it are in `err`: the first row's are written. */
static void emit(void *context, struct order_item *item)
{
    struct table_sink *s = context;
    bool is_row = item->out.total > 0;
    if (is_row && !s->out) {
        write_row(s, item);
    } else if (is_row) {
        if (!s->begun)
            output_capture(s->out, &item->err);
        output_capture(s->out, &item->out);
    }
    s->begun |= is_row;
    capture_fini(&item->out);
    capture_fini(&item->err);
}

static int render(const struct table_sink *s, const struct task *task, struct order_item *item, struct error *err)
{
    const struct table_options *o = &s->options;
    struct table_row row = {.task = task, .no_stdout = o->file};
    struct buffer names = {0};
    if (!s->begun)
        table_header_write(&names, o->form, task->args.count, o->names);
    if (o->file)
        row.file = o->file(o->context, task);
    int got = capture_append(&item->err, names.data, names.len, err);
    buffer_fini(&names);
    return got < 0 ? -1 : table_row_write(&item->out, o->form, &row, err);
}

static void item_init(const struct table_sink *s, struct order_item *item)
{
    capture_init(&item->out, s->options.spool, 0);
    capture_init(&item->err, s->options.spool, 0);
}

/* A task that has no row has its turn as well. */
static void put_row(struct table_sink *s, const struct task *task)
{
    struct order_item item;
    struct error err;
    item_init(s, &item);
    if (task->attempt > 0 && render(s, task, &item, &err) < 0) {
        keep_error(s, &err);
        capture_fini(&item.out);
        capture_fini(&item.err);
        item_init(s, &item);
    }
    (void)capture_seal(&item.out, NULL);
    (void)capture_seal(&item.err, NULL);
    if (s->order && order_has_place(task))
        order_put(s->order, task->seq, &item);
    else
        emit(s, &item);
}

static void table_event(struct sink *sink, const struct event *event)
{
    struct table_sink *s = (struct table_sink *)sink;
    if (s->order)
        order_event(s->order, event);
    if (task_state_ended(event->to))
        put_row(s, event->task);
}

static int table_finish(struct sink *sink, const struct summary *summary, struct error *err)
{
    struct table_sink *s = (struct table_sink *)sink;
    struct error failed;
    (void)summary;
    if (s->order)
        order_flush(s->order);
    if (s->out)
        output_commit(s->out);
    int fd = s->fd;
    s->fd = -1;
    s->stopped = true;
    if (fd >= 0 && close(fd) < 0 && errno != EINTR) {
        error_set_errno(&failed, ERR_IO, errno, "close");
        keep_error(s, &failed);
    }
    if (s->error.code == ERR_NONE)
        return 0;
    if (err)
        *err = s->error;
    return -1;
}

static void table_free(struct sink *sink)
{
    struct table_sink *s = (struct table_sink *)sink;
    s->stopped = true;
    if (s->order)
        order_free(s->order);
    if (s->fd >= 0)
        close(s->fd);
    free(s->path);
    free(s);
}

static bool table_waits_for_task(const struct sink *sink)
{
    const struct table_sink *s = (const struct table_sink *)sink;
    return s->order && order_is_full(s->order);
}

static const struct sink_ops table_ops = {
    .event = table_event, .finish = table_finish, .free = table_free, .waits_for_task = table_waits_for_task};

/* An older file is written anew, as a report is. Nobody waits for the reader of a FIFO. */
static int open_file(const char *path, struct error *err)
{
    struct stat st;
    if (paths_make_parent(path, err) < 0)
        return error_prefix(err, "results");
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
    if (fd < 0)
        return error_set_errno(err, ERR_IO, errno, "results %s", path);
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return fd;
    close(fd);
    return error_set(err, ERR_IO, "results %.200s: this is no regular file; -%s writes the rows to standard output", path,
                     strrchr(path, '.'));
}

struct sink *sink_table(struct output *out, const char *path, const struct table_options *options,
                        struct error *err)
{
    int fd = out ? -1 : open_file(path, err);
    if (!out && fd < 0)
        return NULL;
    struct table_sink *s = xcalloc(1, sizeof *s);
    s->sink.ops = &table_ops;
    s->options = *options;
    s->out = out;
    s->path = out ? NULL : xstrdup(path);
    s->fd = fd;
    if (options->keep_order)
        s->order = order_new(emit, s);
    return &s->sink;
}
