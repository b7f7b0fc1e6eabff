/* The text sink: every byte that the tasks wrote, grouped per task. Without tags the captured streams are
 * moved from the task to the outputs, never copied. (Sinks that read a task's output must see the event
 * before this one.)
 *
 * There is no result to tell why a task without an exit status of its own failed, so a line on stderr
 * does.
 */
#include "sink/sink.h"

#include "base/alloc.h"
#include "sink/order.h"

#include <stdlib.h>
#include <string.h>

struct text_sink {
    struct sink sink;
    struct output *out;
    struct output *err;
    struct text_sink_options options;
    struct order *order; /* NULL: as they come */
    struct error error;  /* the first of our own; ERR_NONE */
};

static void emit(void *context, struct order_item *item)
{
    struct text_sink *s = context;
    output_capture(s->out, &item->out);
    output_capture(s->err, &item->err);
}

static void keep_error(struct text_sink *s, const struct error *err)
{
    if (s->error.code != ERR_NONE)
        return;
    s->error = *err;
    s->error.code = ERR_IO;
}

/* The tag of a task: its values joined by a space, and a tab. */
static void make_tag(struct buffer *tag, const struct task *task)
{
    for (const char *word = NULL; (word = words_next(&task->args, word));) {
        if (tag->len > 0)
            buffer_putc(tag, ' ');
        buffer_puts(tag, word);
    }
    buffer_putc(tag, '\t');
}

/* Appends a part of a stream, with the tag in front of each line that begins in it. */
static int append_tagged(struct capture *to, struct slice part, const struct buffer *tag, bool *at_start,
                         struct error *err)
{
    while (part.len > 0) {
        const char *newline = memchr(part.data, '\n', part.len);
        size_t len = newline ? (size_t)(newline - part.data) + 1 : part.len;
        if (*at_start && capture_append(to, tag->data, tag->len, err) < 0)
            return -1;
        if (capture_append(to, part.data, len, err) < 0)
            return -1;
        *at_start = newline != NULL;
        part.data += len;
        part.len -= len;
    }
    return 0;
}

/* Moves a stream with `before` in front of it, and tags put in. What cannot be moved is missing then, and the error is kept. */
static void move_tagged(struct text_sink *s, struct capture *to, struct capture *from,
                        const struct buffer *tag, const struct buffer *before)
{
    struct capture_cursor cursor = {0};
    struct slice part;
    struct error err;
    bool at_start = true;
    char *scratch = from->pieces_len > 0 ? xmalloc(SPOOL_PIECE) : NULL;
    int got;
    capture_init(to, from->spool ? from->spool : s->options.spool, 0);
    if (before && append_tagged(to, (struct slice){before->data, before->len}, tag, &at_start, &err) < 0)
        keep_error(s, &err);
    while ((got = capture_next(from, &cursor, scratch, &part, &err)) > 0)
        if ((got = append_tagged(to, part, tag, &at_start, &err)) < 0)
            break;
    if (got < 0)
        keep_error(s, &err);
    (void)capture_seal(to, NULL);
    free(scratch);
    capture_fini(from);
}

static bool needs_message(const struct task *task)
{
    return task->state != TASK_SUCCEEDED && task->state != TASK_CANCELLED && task->state != TASK_SKIPPED &&
           task->outcome.code != ERR_EXIT_STATUS;
}

static bool ends_inside_line(const struct capture *c)
{
    return c->memory_len > 0 && c->memory[c->memory_len - 1] != '\n';
}

static void make_message(struct buffer *out, const struct task *task, bool inside_line)
{
    char text[TASK_ID_SIZE];
    const char *message = task->outcome.message;
    buffer_puts(out, inside_line ? "\njobpool: task " : "jobpool: task ");
    buffer_puts(out, task_id(task, text));
    buffer_puts(out, ": ");
    buffer_puts(out, message ? message : error_code_name(task->outcome.code));
    buffer_putc(out, '\n');
}

static void put_in_order(struct text_sink *s, const struct task *task, struct order_item *item,
                         const struct buffer *message)
{
    struct error err;
    if (!item->err.spool)
        capture_init(&item->err, s->options.spool, 0);
    if (message->len > 0 && capture_append(&item->err, message->data, message->len, &err) < 0)
        keep_error(s, &err);
    order_put(s->order, task->seq, item);
}

static void text_event(struct sink *sink, const struct event *event)
{
    struct text_sink *s = (struct text_sink *)sink;
    struct task *task = event->task;
    if (!task_state_ended(event->to))
        return;
    struct order_item item;
    struct buffer tag = {0}, message = {0}, command = {0};
    capture_reveal(&task->outcome.out);
    capture_reveal(&task->outcome.err);
    if (s->options.commands && event->slot) {
        sink_put_command(&command, event);
        buffer_putc(&command, '\n');
    }
    if (s->options.tag || command.len) {
        if (s->options.tag)
            make_tag(&tag, task);
        move_tagged(s, &item.out, &task->outcome.out, &tag, &command);
        move_tagged(s, &item.err, &task->outcome.err, &tag, NULL);
    } else {
        capture_move(&item.out, &task->outcome.out);
        capture_move(&item.err, &task->outcome.err);
    }
    if (needs_message(task))
        make_message(&message, task, ends_inside_line(&item.err));
    if (s->order) {
        put_in_order(s, task, &item, &message);
    } else {
        emit(s, &item);
        buffer_append(output_buffer(s->err), message.data, message.len);
    }
    buffer_fini(&tag);
    buffer_fini(&message);
    buffer_fini(&command);
}

static int text_finish(struct sink *sink, const struct summary *summary, struct error *err)
{
    struct text_sink *s = (struct text_sink *)sink;
    if (s->order)
        order_flush(s->order);
    if (s->options.summary) {
        summary_describe(output_buffer(s->err), summary);
        buffer_putc(output_buffer(s->err), '\n');
    }
    output_commit(s->out);
    output_commit(s->err);
    if (s->error.code == ERR_NONE)
        return 0;
    if (err)
        *err = s->error;
    return -1;
}

static void text_free(struct sink *sink)
{
    struct text_sink *s = (struct text_sink *)sink;
    if (s->order)
        order_free(s->order);
    free(s);
}

static bool text_is_full(const struct sink *sink)
{
    const struct text_sink *s = (const struct text_sink *)sink;
    return output_is_full(s->out) || output_is_full(s->err) || (s->order && order_is_full(s->order));
}

static const struct sink_ops text_ops = {text_event, text_finish, text_free, text_is_full};

struct sink *sink_text(struct output *out, struct output *err, const struct text_sink_options *options)
{
    struct text_sink *s = xcalloc(1, sizeof *s);
    s->sink.ops = &text_ops;
    s->out = out;
    s->err = err;
    s->options = *options;
    if (options->keep_order)
        s->order = order_new(emit, s);
    return &s->sink;
}
