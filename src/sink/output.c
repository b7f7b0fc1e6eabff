/* Outputs.
 *
 * What waits is a list of segments, each a run of bytes or a captured stream with a cursor, and behind
 * them the pending buffer that callers append to. A commit writes until the descriptor takes no more; only
 * then is the write watcher armed. What was not committed is written before the loop waits: so the lines
 * of a batch of events cost one system call, and none of them waits longer than the batch.
 *
 * The end of a pipe's or socket's reader is watched for also while there is nothing to write.
 *
 * The `failed` hook is the last thing that a call does, so whoever is called may look at the output, but
 * not free it.
 */
#include "sink/output.h"

#include "base/alloc.h"
#include "base/list.h"
#include "os/files.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FULL_BYTES (1 << 20)
#define SHORT_BYTES (FULL_BYTES / 2)

struct segment {
    struct list_node node;
    struct buffer bytes; /* used if there is no capture */
    size_t written;      /* of `bytes`, or of `slice` */
    bool is_capture;
    struct capture capture;
    struct capture_cursor cursor;
    struct slice slice;  /* what the cursor gave last */
};

struct output {
    struct ev_loop *loop;
    int fd;
    const char *name;
    struct output_hooks hooks;
    struct files_writer writer;
    struct list_node segments;
    struct buffer pending;
    size_t pending_written; /* bytes at the start of `pending` that are written */
    size_t waiting;         /* bytes in segments that are not written */
    char *scratch;          /* a piece of a capture; NULL until one is needed */
    ev_io writable;
    ev_io reader_gone;
    ev_prepare before_wait;
    int reader_fd;          /* readable when the reader is gone (files_watch_reader); -1: not watched */
    bool was_full;
    bool failed;
    bool told;
    struct error error;
};

static size_t waiting(const struct output *o)
{
    return o->waiting + (o->pending.len - o->pending_written);
}

static void free_segment(struct segment *s)
{
    buffer_fini(&s->bytes);
    capture_fini(&s->capture);
    free(s);
}

static void drop_waiting(struct output *o)
{
    struct list_node *node;
    while ((node = list_pop_front(&o->segments)))
        free_segment(list_entry(node, struct segment, node));
    buffer_fini(&o->pending);
    o->pending_written = 0;
    o->waiting = 0;
}

/* These two watchers do not keep the loop alive: ev_unref when they start, ev_ref when they stop. */
static void stop_watching_reader(struct output *o)
{
    if (!ev_is_active(&o->reader_gone))
        return;
    ev_ref(o->loop);
    ev_io_stop(o->loop, &o->reader_gone);
}

static void stop_flushing(struct output *o)
{
    if (!ev_is_active(&o->before_wait))
        return;
    ev_ref(o->loop);
    ev_prepare_stop(o->loop, &o->before_wait);
}

static void fail(struct output *o)
{
    o->failed = true;
    error_prefix(&o->error, "%s", o->name);
    ev_io_stop(o->loop, &o->writable);
    stop_watching_reader(o);
    drop_waiting(o);
}

static void fail_errno(struct output *o, int sys_errno)
{
    error_set_errno(&o->error, ERR_IO, sys_errno, "write");
    fail(o);
}

/* The result of files_write_some, with a failure noted. */
static ssize_t write_some(struct output *o, const char *data, size_t len)
{
    ssize_t n = files_write_some(&o->writer, data, len);
    if (n < 0)
        fail_errno(o, errno);
    return n;
}

/* The next bytes of a segment; none at its end. -1: the output has failed. */
static int segment_bytes(struct output *o, struct segment *s, struct slice *bytes)
{
    if (!s->is_capture) {
        *bytes = (struct slice){s->bytes.data + s->written, s->bytes.len - s->written};
        return 0;
    }
    if (s->written == s->slice.len) {
        if (!o->scratch)
            o->scratch = xmalloc(SPOOL_PIECE);
        s->written = 0;
        s->slice.len = 0;
        int got = capture_next(&s->capture, &s->cursor, o->scratch, &s->slice, &o->error);
        if (got < 0) {
            o->error.code = ERR_IO;
            fail(o);
            return -1;
        }
        if (got == 0)
            s->slice.len = 0;
    }
    *bytes = (struct slice){s->slice.len ? s->slice.data + s->written : NULL, s->slice.len - s->written};
    return 0;
}

/* Writes segments while the descriptor takes them. Only the first has begun, so one scratch serves all. */
static bool write_segments(struct output *o)
{
    while (!list_empty(&o->segments)) {
        struct segment *s = list_entry(o->segments.next, struct segment, node);
        struct slice bytes;
        if (segment_bytes(o, s, &bytes) < 0)
            return false;
        if (bytes.len == 0) {
            list_remove(&s->node);
            free_segment(s);
            continue;
        }
        ssize_t n = write_some(o, bytes.data, bytes.len);
        if (n <= 0)
            return false;
        s->written += (size_t)n;
        o->waiting -= (size_t)n;
    }
    return true;
}

static void write_pending(struct output *o)
{
    while (o->pending_written < o->pending.len) {
        ssize_t n = write_some(o, o->pending.data + o->pending_written, o->pending.len - o->pending_written);
        if (n < 0)
            return;
        if (n == 0)
            break;
        o->pending_written += (size_t)n;
    }
    if (o->pending_written == o->pending.len) {
        buffer_clear(&o->pending);
        o->pending_written = 0;
        if (o->pending.cap > FULL_BYTES)
            buffer_fini(&o->pending);
    } else if (o->pending_written > FULL_BYTES) {
        buffer_drop_front(&o->pending, o->pending_written);
        o->pending_written = 0;
    }
}

static void flush(struct output *o)
{
    if (o->failed || o->fd < 0)
        drop_waiting(o);
    else if (write_segments(o))
        write_pending(o);
}

/* After everything that may have changed the queue: watchers and hooks. */
static void settle(struct output *o)
{
    if (!o->failed && waiting(o) > 0)
        ev_io_start(o->loop, &o->writable);
    else
        ev_io_stop(o->loop, &o->writable);
    if (waiting(o) > FULL_BYTES)
        o->was_full = true;
    if (o->was_full && waiting(o) <= SHORT_BYTES) {
        o->was_full = false;
        if (o->hooks.drained)
            o->hooks.drained(o->hooks.context);
    }
    if (o->failed && !o->told) {
        o->told = true;
        if (o->hooks.failed)
            o->hooks.failed(o->hooks.context, &o->error);
    }
}

static void on_writable(struct ev_loop *loop, ev_io *watch, int events)
{
    (void)loop;
    (void)events;
    struct output *o = watch->data;
    flush(o);
    settle(o);
}

static void on_reader_gone(struct ev_loop *loop, ev_io *watch, int events)
{
    (void)loop;
    struct output *o = watch->data;
    if (events & EV_ERROR) { /* it cannot be watched: a write will tell */
        stop_watching_reader(o);
        return;
    }
    fail_errno(o, EPIPE);
    settle(o);
}

static void on_before_wait(struct ev_loop *loop, ev_prepare *watch, int events)
{
    (void)loop;
    (void)events;
    struct output *o = watch->data;
    if (o->pending.len > 0 || !list_empty(&o->segments))
        output_commit(o);
}

struct output *output_new(struct ev_loop *loop, int fd, const char *name, const struct output_hooks *hooks)
{
    struct output *o = xcalloc(1, sizeof *o);
    o->loop = loop;
    o->fd = fd;
    o->name = name;
    if (hooks)
        o->hooks = *hooks;
    list_init(&o->segments);
    if (fd >= 0)
        files_writer_init(&o->writer, fd);
    ev_io_init(&o->writable, on_writable, fd >= 0 ? o->writer.fd : 0, EV_WRITE);
    bool watched = fd >= 0 && !o->hooks.only_writes && files_writer_is_pipe(&o->writer);
    o->reader_fd = watched ? files_watch_reader(o->writer.fd) : -1;
    ev_io_init(&o->reader_gone, on_reader_gone, o->reader_fd, EV_READ);
    ev_prepare_init(&o->before_wait, on_before_wait);
    o->writable.data = o->reader_gone.data = o->before_wait.data = o;
    ev_prepare_start(loop, &o->before_wait);
    ev_unref(loop);
    if (o->reader_fd >= 0) {
        ev_io_start(loop, &o->reader_gone);
        ev_unref(loop);
    }
    return o;
}

static void wait_until_written(struct output *o)
{
    flush(o);
    while (!o->failed && waiting(o) > 0) {
        struct pollfd room = {.fd = o->writer.fd, .events = POLLOUT};
        (void)poll(&room, 1, -1);
        flush(o);
    }
}

/* Filesystems that write behind (NFS, quotas) tell of a failed write when a descriptor of the file is
 * closed. */
static void ask_by_close(struct output *o)
{
    struct stat st;
    if (fstat(o->fd, &st) < 0 || !S_ISREG(st.st_mode))
        return;
    int copy = fcntl(o->fd, F_DUPFD_CLOEXEC, 3);
    if (copy >= 0 && close(copy) < 0 && errno != EINTR)
        fail_errno(o, errno);
}

int output_free(struct output *o, bool now, struct error *err)
{
    if (now)
        flush(o);
    else
        wait_until_written(o);
    if (o->fd >= 0 && !o->failed)
        ask_by_close(o);
    bool failed = o->failed;
    if (failed && err)
        *err = o->error;
    ev_io_stop(o->loop, &o->writable);
    stop_watching_reader(o);
    stop_flushing(o);
    drop_waiting(o);
    if (o->reader_fd >= 0)
        close(o->reader_fd);
    if (o->fd >= 0)
        files_writer_fini(&o->writer);
    free(o->scratch);
    free(o);
    return failed ? -1 : 0;
}

struct buffer *output_buffer(struct output *o)
{
    return &o->pending;
}

void output_commit(struct output *o)
{
    /* While it is blocked, trying again at each commit would only cost system calls. */
    if (!ev_is_active(&o->writable) || o->failed)
        flush(o);
    settle(o);
}

void output_capture(struct output *o, struct capture *c)
{
    if (o->fd < 0 && !o->failed && c->total > 0)
        fail_errno(o, EBADF);
    if (o->failed || c->total == 0) {
        capture_fini(c);
        return;
    }
    if (o->pending.len > 0) {
        struct segment *bytes = xcalloc(1, sizeof *bytes);
        bytes->bytes = o->pending;
        bytes->written = o->pending_written;
        o->waiting += bytes->bytes.len - bytes->written;
        o->pending = (struct buffer){0};
        o->pending_written = 0;
        list_push_back(&o->segments, &bytes->node);
    }
    struct segment *s = xcalloc(1, sizeof *s);
    s->is_capture = true;
    o->waiting += (size_t)capture_size(c);
    capture_move(&s->capture, c);
    list_push_back(&o->segments, &s->node);
}

bool output_is_full(const struct output *o)
{
    return !o->failed && waiting(o) > FULL_BYTES;
}

bool output_is_empty(const struct output *o)
{
    return waiting(o) == 0;
}

bool output_has_failed(const struct output *o)
{
    return o->failed;
}
